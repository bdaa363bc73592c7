"""X's two forms of a post, API version 2 and the one in Account Activity deliveries, in the product's form.

X is renaming its tweets to posts: what its description calls `referenced_posts` its answers still call
`referenced_tweets`. Each name is read in both spellings (`either`); what we ask for is spelled as X documents it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any, Final

from mentions.networks import _files as files
from mentions.networks._shapes import identifier, listed, mapping, maps, reposted, since_epoch, text

KEY: Final = "x"
MESSAGE: Final = "dm:"
WRITE_TO: Final = "https://twitter.com/messages/compose?recipient_id="
FIRST_MOMENT_MS: Final = 1_288_834_974_657  # of the identifiers that carry their time
TIME_BITS: Final = 22
# A picture of a message, by that message, its own number and its name: where it lies only its own app may ask.
MESSAGE_FILE: Final = re.compile(r"(\d{1,19})/(\d{1,19})/([\w.-]{1,50})", re.ASCII)
_MESSAGE_MEDIA: Final = re.compile(
    r"https://ton\.(?:x|twitter)\.com/(?:1\.1/ton/data/dm|i/ton/data/dm)/(\d{1,19}/\d{1,19}/[\w.-]{1,50})", re.ASCII
)
_SHORT_LINK: Final = re.compile(r"(\s?https://t\.co/\w+)")
_OF_A_PICTURE: Final = re.compile(r"https://(?:x|twitter)\.com/messages/media/\d+", re.ASCII)
_PASSED_ON: Final = re.compile(r"RT @(\w+): ", re.ASCII)  # X puts it in front of what it may then cut off
_KINDS: Final = {"replied_to": "reply", "quoted": "quote"}
_MEDIA: Final = {"photo": "image", "video": "video", "animated_gif": "animation"}


def either(told: Mapping[str, Any], name: str) -> Any:
    """What X calls `name`, written with "tweet" or, as its description has it by now, with "post"."""
    return told.get(name) if name in told else told.get(name.replace("tweet", "post"))


def related(tweet: Mapping[str, Any]) -> dict[str, str]:
    """Which posts a post of version 2 answers, quotes or repeats, by what it does to them."""
    links = maps(either(tweet, "referenced_tweets"))
    return {text(link.get("type")): identifier(link.get("id")) for link in links}


def post(tweet: Mapping[str, Any], includes: Mapping[str, Any], me: str = "") -> dict[str, Any] | None:
    """A post of version 2. An edited one goes by the identifier of its first version.

    None for a mere repost, unless `me` made it: what our own account passes on stands under its name.
    """
    links = related(tweet)
    passed_on = links.get("retweeted") or links.get("reposted")
    if passed_on and (not me or identifier(tweet.get("author_id")) != me):
        return None
    long = mapping(either(tweet, "note_tweet"))
    words = long.get("text") or tweet.get("text")
    if passed_on:
        named = _PASSED_ON.match(text(words))
        whole = text(_beside(includes, passed_on).get("text"))
        words = reposted(named[1], whole or text(words)[named.end() :]) if named else reposted("", whole or text(words))
    users = {identifier(user.get("id")): user for user in maps(includes.get("users"))}
    author = users.get(identifier(tweet.get("author_id")), {})
    first = original(tweet)
    figures = mapping(tweet.get("public_metrics"))
    attached = listed(mapping(tweet.get("attachments")).get("media_keys"))
    media = [
        {"url": item.get("url") or item.get("preview_image_url"), "type": _kind(item), "alt": item.get("alt_text")}
        for item in maps(includes.get("media"))
        if item.get("media_key") in attached
    ]
    item: dict[str, Any] = {
        "network": KEY,
        "external_id": first,
        "kind": next((kind for name, kind in _KINDS.items() if name in links), "post"),
        "visibility": "public",
        "author": {
            "id": tweet.get("author_id"),
            "handle": author.get("username"),
            "name": author.get("name"),
            "followers": mapping(author.get("public_metrics")).get("followers_count"),
            "verified": author.get("verified"),
            "avatar_url": author.get("profile_image_url"),
            "created_at": author.get("created_at"),
        },
        "text": plain(words),
        "created_at": tweet.get("created_at") if first == tweet.get("id") else born(first),
        "url": f"https://x.com/{text(author.get('username')) or 'i'}/status/{identifier(tweet.get('id'))}",
        "in_reply_to": links.get("replied_to"),
        "conversation_id": tweet.get("conversation_id"),
        "lang": tweet.get("lang"),
        "location": _place(tweet, includes),
        "metrics": {
            "likes": figures.get("like_count"),
            "reposts": figures.get("retweet_count", figures.get("repost_count")),
            "replies": figures.get("reply_count"),
        },
        "media": media,
    }
    if quoted := links.get("quoted"):
        item["quoted"] = {"external_id": quoted, "text": plain(_beside(includes, quoted).get("text"))}
    return item


def edit(tweet: Mapping[str, Any]) -> dict[str, Any] | None:
    """What an edited post says now; None for one that was never edited."""
    first = original(tweet)
    if not first or first == identifier(tweet.get("id")):
        return None
    words = mapping(either(tweet, "note_tweet")).get("text") or tweet.get("text")
    edited_at = tweet.get("created_at") or born(identifier(tweet.get("id")))
    return {"network": KEY, "external_id": first, "op": "edit", "text": plain(words), "edited_at": edited_at}


def original(tweet: Mapping[str, Any]) -> str:
    """The identifier of a post's first version; every edit is a post of its own on X."""
    versions = listed(either(tweet, "edit_history_tweet_ids"))
    return identifier(versions[0]) if versions else identifier(tweet.get("id"))


def pushed(tweet: Mapping[str, Any], me: str = "") -> dict[str, Any] | None:
    """A post of Account Activity; None for a mere repost, unless `me` made it."""
    own, user = identifier(tweet.get("id_str")), mapping(tweet.get("user"))
    passed_on = tweet.get("retweeted_status")
    if passed_on is not None and (not me or identifier(user.get("id_str")) != me):
        return None
    versions = mapping(tweet.get("edit_history"))
    first = identifier(either(versions, "initial_tweet_id")) or own
    long = mapping(tweet.get("extended_tweet"))
    words = _pushed_words(tweet)
    if passed_on is not None:
        there = mapping(passed_on)
        words = reposted(text(mapping(there.get("user")).get("screen_name")), text(_pushed_words(there) or words))
    written = _version_1_time(tweet.get("created_at")) or since_epoch(tweet.get("timestamp_ms"), 1000)
    if first != own:
        return {"network": KEY, "external_id": first, "op": "edit", "text": words, "edited_at": written}
    entities = mapping(long.get("extended_entities")) or mapping(tweet.get("extended_entities"))
    place = mapping(tweet.get("place"))
    quoted = mapping(tweet.get("quoted_status"))
    answered = tweet.get("in_reply_to_status_id_str")
    item: dict[str, Any] = {
        "network": KEY,
        "external_id": own,
        "kind": "reply" if answered else "quote" if quoted else "post",
        "visibility": "public",
        "author": {
            "id": user.get("id_str"),
            "handle": user.get("screen_name"),
            "name": user.get("name"),
            "followers": user.get("followers_count"),
            "verified": user.get("verified"),
            "avatar_url": user.get("profile_image_url_https"),
            "created_at": _version_1_time(user.get("created_at")),
        },
        "text": words,
        "created_at": written,
        "url": f"https://x.com/{text(user.get('screen_name')) or 'i'}/status/{own}",
        "in_reply_to": answered,
        "conversation_id": tweet.get("conversation_id_str"),
        "lang": tweet.get("lang"),
        "location": {"country": place.get("country_code"), "place": place.get("full_name")},
        "metrics": {"likes": tweet.get("favorite_count"), "reposts": tweet.get("retweet_count")},
        "media": [
            {"url": picture.get("media_url_https"), "type": _kind(picture), "alt": picture.get("ext_alt_text")}
            for picture in maps(entities.get("media"))
        ],
    }
    if quoted:
        item["quoted"] = {"external_id": quoted.get("id_str"), "text": plain(quoted.get("text"))}
    return item


def message(
    event: Mapping[str, Any], users: Mapping[str, Any], attached: Mapping[str, Mapping[str, Any]] | None = None
) -> dict[str, Any] | None:
    """A private message, as asked for or as delivered; None for what is no message.

    `attached` are the media that were told beside it, by their keys.
    """
    if event.get("event_type", "MessageCreate") != "MessageCreate" or event.get("type", "message_create") not in (
        "message_create",
        "MessageCreate",
    ):
        return None
    created = mapping(event.get("message_create"))
    sender = identifier(event.get("sender_id")) or identifier(created.get("sender_id"))
    told = mapping(created.get("message_data"))
    who = mapping(users.get(sender))
    recipient = identifier(mapping(created.get("target")).get("recipient_id"))
    media = _attached(event, told, attached or {})
    thread = identifier(event.get("dm_conversation_id")) or "-".join(
        sorted(filter(None, (sender, recipient)), key=_size)
    )
    return {
        "network": KEY,
        "external_id": f"{MESSAGE}{identifier(event.get('id'))}",
        "kind": "message",
        "visibility": "private",
        "author": {
            "id": sender,
            "handle": who.get("username") or who.get("screen_name"),
            "name": who.get("name"),
            "followers": who.get("followers_count") or mapping(who.get("public_metrics")).get("followers_count"),
        },
        "text": plain(event.get("text") or told.get("text") or ("" if media else None)),
        "created_at": event.get("created_at") or since_epoch(event.get("created_timestamp"), 1000),
        "conversation_id": f"{MESSAGE}{thread}",
        "recipient": recipient,
        "media": media,
    }


def _attached(
    event: Mapping[str, Any], told: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The media of a message; one of which nothing is told is still one that came."""
    keys = [text(key) for key in listed(mapping(event.get("attachments")).get("media_keys"))]
    older = mapping(mapping(told.get("attachment")).get("media"))
    parts = [(key, known.get(key, {})) for key in keys] + ([(identifier(older.get("id")), older)] if older else [])
    found = []
    for key, part in parts:
        url = text(part.get("media_url_https") or part.get("url") or part.get("preview_image_url"))
        private = _MESSAGE_MEDIA.match(url)
        alt = text(part.get("alt_text") or part.get("ext_alt_text"))
        if url and private is None:
            found.append({"url": url, "type": _kind(part), "alt": alt})
        else:
            found.append(files.sent(private[1] if private else key or "unnamed", _kind(part), alt))
    return found


def deletion(own: object) -> dict[str, Any]:
    """That a post or message is gone."""
    return {"network": KEY, "external_id": identifier(own), "op": "delete"}


def born(own: str) -> str | None:
    """When the post of an identifier was written: the identifier says so."""
    if not own.isascii() or not own.isdigit() or len(own) > 19:
        return None
    return since_epoch((int(own) >> TIME_BITS) + FIRST_MOMENT_MS, 1000)


def first_after(moment: datetime) -> str:
    """The smallest identifier that a post written from then on can have."""
    return str(max(0, int(moment.astimezone(UTC).timestamp() * 1000) - FIRST_MOMENT_MS) << TIME_BITS)


def not_after(own: str, last: str) -> bool:
    """Whether a post is as old as another, or older: identifiers count up."""
    return not own.startswith(MESSAGE) and _size(own) <= _size(last)


def plain(words: object) -> object:
    """The text without X's three escapes; anything else as it is, to be refused."""
    return unescape(words) if isinstance(words, str) else words


def says(entry: Mapping[str, Any], words: str) -> bool:
    """Whether a post or message is what we wrote: without the mentions that X puts in front, links as they were meant.

    X shortens every link, also one that was written without its scheme, and adds one of its own behind what has a
    picture. A link of which nothing is told may be any, or none: the words around it decide.
    """
    told = maps(mapping(entry.get("entities")).get("urls")) or maps(entry.get("urls"))
    links = {text(link.get("url")): link for link in told}
    pattern, written = "", folded(str(plain(text(entry.get("text")))))
    for part in _SHORT_LINK.split(written):
        pattern += _meant(part.lstrip(), links.get(part.lstrip(), {})) if _SHORT_LINK.match(part) else re.escape(part)
    return re.fullmatch(pattern, folded(words)) is not None


def _meant(short: str, link: Mapping[str, Any]) -> str:
    """What may have been written where a short link stands, with the space before it."""
    there = text(link.get("expanded_url"))
    if link.get("media_key") or _OF_A_PICTURE.fullmatch(there):
        return ""
    if not there or there == short:
        return r"(?:\s?\S+)?"
    scheme, _, rest = there.rpartition("://")
    return rf"\s?(?:{re.escape(scheme)}://)?{re.escape(rest)}"


def folded(words: str) -> str:
    """A text as it is compared with what X says of it."""
    parts = unicodedata.normalize("NFC", words).split()
    while parts and parts[0].startswith("@"):
        parts.pop(0)
    return " ".join(parts)


def _beside(includes: Mapping[str, Any], own: str) -> Mapping[str, Any]:
    """A post that is told beside others, by its identifier; nothing if it is not."""
    return next((other for other in maps(either(includes, "tweets")) if identifier(other.get("id")) == own), {})


def _pushed_words(tweet: Mapping[str, Any]) -> object:
    long = mapping(tweet.get("extended_tweet"))
    return plain(long.get("full_text") or tweet.get("full_text") or tweet.get("text"))


def _place(tweet: Mapping[str, Any], includes: Mapping[str, Any]) -> dict[str, Any]:
    geo = mapping(tweet.get("geo"))
    place = next((p for p in maps(includes.get("places")) if p.get("id") == geo.get("place_id")), {})
    point = listed(mapping(geo.get("coordinates")).get("coordinates"))
    found = {"country": place.get("country_code"), "place": place.get("full_name")}
    return found | ({"lon": point[0], "lat": point[1]} if len(point) == 2 else {})


def _kind(medium: Mapping[str, Any]) -> str:
    return _MEDIA.get(text(medium.get("type")), "other")


def _version_1_time(value: object) -> str | None:
    """As in `Wed Oct 10 20:19:24 +0000 2018`."""
    day, _, clock_and_year = text(value).partition(" ")
    parts = clock_and_year.split()
    if not day or len(parts) != 5:
        return None
    month, number, clock, zone, year = parts
    try:
        return parsedate_to_datetime(f"{day}, {number} {month} {year} {clock} {zone}").isoformat()
    except ValueError:
        return None


def _size(number: str) -> tuple[int, str]:
    return len(number), number

"""Bluesky's views of posts in the product's form, whatever is missing or misshapen in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from mentions.networks._shapes import listed, mapping, maps, reposted, text
from mentions.posts import BadPost, parse_time

KEY: Final = "bluesky"
PAGE_OF_A_POST: Final = "https://bsky.app/profile/{did}/post/{rkey}"


def post(view: Mapping[str, Any], followers: Mapping[str, int]) -> dict[str, Any]:
    """A post view, from getPosts, a feed or a search. What is broken stays broken, to be refused and kept."""
    record, author = mapping(view.get("record")), view.get("author")
    uri = view.get("uri")
    reply = mapping(record.get("reply"))
    quoted, media, outside = _embedded(view.get("embed"))
    linked = [*_linked(record.get("facets")), *outside]
    item: dict[str, Any] = {
        "network": KEY,
        "external_id": uri,
        "kind": "reply" if reply else "quote" if quoted else "post",
        "visibility": "public",
        "author": author_of(author, followers) if isinstance(author, dict) else author,
        "text": record.get("text"),
        "created_at": written_at(record.get("createdAt"), view.get("indexedAt")),
        "url": address(uri),
        "in_reply_to": mapping(reply.get("parent")).get("uri"),
        "conversation_id": mapping(reply.get("root")).get("uri") or uri,
        "lang": next((lang for lang in listed(record.get("langs")) if isinstance(lang, str)), None),
        "metrics": {
            "likes": view.get("likeCount"),
            "reposts": view.get("repostCount"),
            "replies": view.get("replyCount"),
        },
        "media": media,
    }
    if quoted:
        item["quoted"] = quoted
    if linked:
        item["links"] = list(dict.fromkeys(linked))
    if labels := [mark.get("val") for mark in maps(view.get("labels"))]:
        item["labelled"] = labels
    return item


def repost(entry: Mapping[str, Any]) -> dict[str, Any]:
    """What an account passes on, out of its feed: a post of its own under its own name, with the words it spreads."""
    reason, view = mapping(entry.get("reason")), mapping(entry.get("post"))
    own = reason.get("uri") or f"{view.get('uri')}#repost"  # older servers do not name it
    told = post(view, {})
    author = mapping(reason.get("by"))
    words = reposted(text(mapping(told["author"]).get("handle")), text(told["text"]))
    return told | {
        "external_id": own,
        "kind": "post",
        "author": author_of(author, {}),
        "text": words,
        "created_at": reason.get("indexedAt"),
        "in_reply_to": None,
        "conversation_id": own,
    }


def written_at(claimed: object, indexed: object) -> object:
    """When it was written. Authors claim any time they like, but nobody was read before writing."""
    try:
        seen = parse_time(indexed)
    except BadPost:
        return claimed
    try:
        return min(parse_time(claimed), seen).isoformat()
    except BadPost:
        return seen.isoformat()


def address(uri: object) -> str | None:
    """The page that shows a post to everybody."""
    did, _, rkey = parts(uri)
    return PAGE_OF_A_POST.format(did=did, rkey=rkey) if rkey else None


def parts(uri: object) -> tuple[str, str, str]:
    """Repository, collection and record key of an AT-URI; empty strings for what is none."""
    pieces = uri.removeprefix("at://").split("/") if isinstance(uri, str) and uri.startswith("at://") else []
    return (pieces[0], pieces[1], pieces[2]) if len(pieces) == 3 and all(pieces) else ("", "", "")


def moment(value: object, otherwise: datetime) -> datetime:
    """A time of the network's, never later than `otherwise`."""
    try:
        return min(parse_time(value), otherwise)
    except BadPost:
        return otherwise


def stamp(at: datetime) -> str:
    """A time as the network writes it."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def author_of(author: Mapping[str, Any], followers: Mapping[str, int]) -> dict[str, Any]:
    """Who wrote it, as a view or a profile shows them."""
    did = author.get("did")
    return {
        "id": did,
        "handle": author.get("handle"),
        "name": author.get("displayName"),
        "followers": followers.get(did) if isinstance(did, str) else None,
        "verified": mapping(author.get("verification")).get("verifiedStatus") == "valid",
        "avatar_url": author.get("avatar"),
        "created_at": author.get("createdAt"),
    }


def _embedded(embed: object) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """What a post quotes, shows and points to."""
    view = mapping(embed)
    inner = mapping(view.get("record"))
    shown = mapping(view.get("media")) or view
    quoted: dict[str, Any] = {}
    # With pictures, the quoted record lies one level deeper.
    record = mapping(inner.get("record")) or inner
    if isinstance(record.get("uri"), str):
        author = mapping(record.get("author"))
        quoted = {
            "external_id": record["uri"],
            "author": {"id": author.get("did"), "handle": author.get("handle")},
            "text": mapping(record.get("value")).get("text"),
        }
    media = [
        {"url": image.get("fullsize") or image.get("thumb"), "type": "image", "alt": image.get("alt")}
        for image in maps(shown.get("images"))
    ]
    if isinstance(shown.get("playlist"), str):
        media.append({"url": shown["playlist"], "type": "video", "alt": shown.get("alt")})
    outside = mapping(shown.get("external")).get("uri")
    return quoted, media, [outside] if isinstance(outside, str) else []


def _linked(marks: object) -> list[str]:
    """Where a text's links lead, which is not always what they say."""
    uris = (feature.get("uri") for mark in maps(marks) for feature in maps(mark.get("features")))
    return [uri for uri in uris if isinstance(uri, str)]

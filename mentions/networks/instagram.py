"""Instagram: comments on the bank's posts, posts that tag it, and messages; and answers.

Facts: Meta's pages on Instagram webhooks (`comments`, `mentions`, `messages`) and the Instagram API's reference.
A mention in a delivery is only an identifier, and Instagram keeps no list of them: it is looked up by it. What is not
under our own posts is read and answered by way of our own account, so its identifier says how it concerns us.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _

from mentions.networks import (
    Account,
    Capabilities,
    Fetched,
    Limits,
    NetworkError,
    Outgoing,
    Published,
    Visibility,
    Window,
)
from mentions.networks import _meta_messages as messages
from mentions.networks._meta import MetaNetwork, NotAllowed, is_beyond_us
from mentions.networks._meta_messages import MESSAGE, fits, following, moment
from mentions.networks._polling import Page, walk
from mentions.networks._shapes import identifier, mapping, maps, text
from mentions.posts import PostAuthor

COMMENT: Final = "id,text,timestamp,username,from,parent_id,media{id,permalink}"
ANSWERED: Final = f"{COMMENT},replies.limit(25){{{COMMENT}}}"
SHOWN: Final = "id,caption,timestamp,permalink,media_type,media_url"
MEDIA: Final = f"{SHOWN},comments.limit(25){{{ANSWERED}}}"
TAGGED: Final = "id,caption,timestamp,permalink,username,media_type,media_url"
NAMED: Final = "id,text,timestamp,username,media{id,permalink}"  # what is told of others' comments
TAG: Final = "tag:"  # a post of somebody's that tags us
MENTION: Final = "mention:"  # MEDIA, or MEDIA:COMMENT: where somebody named us
LOOKED_UNDER: Final = timedelta(days=90)  # how old a post of ours may be under which somebody still comments
OVERLAP: Final = timedelta(minutes=5)
LONG: Final = timedelta(minutes=20)  # after so long, what came is asked for by its time as well
_MOST_PAGES: Final = 40  # of the comments of one post
_TAG_PAGES: Final = 4
# They stand within what is asked for, where other signs would ask for something else.
_NUMBERS: Final = re.compile(r"[0-9]{1,40}(?::[0-9]{1,40})?", re.ASCII)


class Instagram(MetaNetwork):
    """The connector. `account_id` is the professional account's. Secrets: "token", "webhook", "verify_token"."""

    key = "instagram"
    title = "Instagram"
    media_hosts = ("*.cdninstagram.com", "*.fbcdn.net", "lookaside.fbsbx.com")
    object_name = "instagram"
    scopes = (
        "instagram_basic",
        "instagram_manage_comments",
        "instagram_manage_messages",
        "pages_show_list",
        "pages_manage_metadata",
    )
    app_fields = (
        "comments",
        "live_comments",
        "mentions",
        "messages",
        "message_edit",
        "messaging_postbacks",
        "messaging_seen",
    )
    notices = frozenset({"reached"})
    page_fields = ("feed",)  # of the page behind the account: without one it delivers nothing
    capabilities = Capabilities(
        webhook=True,
        fetch=True,
        history=True,
        lookup=True,
        publish=frozenset({"public", "private"}),
        retract=True,
        hide=True,
        refresh=True,
        authorise=True,
        register=True,
        names=True,
        resend="search",
    )
    limits = Limits(max=2_200, private_max=1_000, private_in_bytes=True)
    poll_every_s = 45
    private_once = True
    fields = (*MetaNetwork.fields, messages.HUMAN_AGENT)
    # Comments cannot be edited, and that one was deleted is not told: only asking again finds out.
    tells = frozenset()
    recheck_every = timedelta(hours=24)
    echoes = False  # of messages only

    def window(
        self, account: Account, visibility: Visibility, about: str | None, heard_at: datetime | None
    ) -> Window | None:
        """Private messages have an end; comments have none."""
        return messages.window(account, about, heard_at) if visibility == "private" else None

    def changed(self, account_id: str, change: Mapping[str, Any], at: str | None) -> Iterator[dict[str, Any]]:
        """A comment under a post or a live video of ours, or that we were named somewhere, without the words."""
        value = mapping(change.get("value"))
        if change.get("field") in ("comments", "live_comments"):
            yield self._comment(value | {"timestamp": at})
        elif change.get("field") == "mentions" and identifier(value.get("media_id")):
            own = ":".join(filter(None, (identifier(value.get(name)) for name in ("media_id", "comment_id"))))
            if _NUMBERS.fullmatch(own):
                yield {"network": self.key, "external_id": f"{MENTION}{own}", "op": "look"}

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """The newest messages, what we posted ourselves, comments under it, and the newest posts that tag us.

        A comment may stand under any older post. So after a long silence this is not said to be all of it, and what is
        missing is asked for by its time.
        """
        now, before, whole, trouble = datetime.now(UTC), text(cursor.get("at")), [True], ""
        new_since = moment(before) - OVERLAP if before else now
        try:
            talk = walk(lambda after: self._talk(account, after, new_since, whole), cursor, name="messages")
        except NotAllowed as error:
            talk, trouble = Fetched((), cursor), _("no private messages: %(why)s") % {"why": error}
        ours, comments, _after = self._posted(account, None, new_since, whole)
        own = walk(lambda _after: (ours + self._stories(account), None), talk.cursor, name="own")
        under = walk(lambda _after: (comments, None), own.cursor, name="comments")
        tagged = walk(lambda after: self._tagged(account, after), under.cursor, name="tagged")
        complete = talk.complete and whole[0] and tagged.complete and now - new_since < LONG
        items = talk.items + own.items + under.items + tagged.items
        return Fetched(items, tagged.cursor | {"at": now.isoformat()}, complete=complete, trouble=trouble)

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """Messages, comments under our posts of the last months, and posts that tag us, between two times.

        Where we were named elsewhere only a delivery says.
        """
        part, after, whole = text(cursor.get("part")) or "messages", cursor.get("after"), [cursor.get("whole", True)]
        if part == "messages":
            try:
                items, after = self._talk(account, after, since, whole)
            except NotAllowed:
                items, after = [], None
        elif part == "posts":
            ours, comments, after = self._posted(account, after, since, whole)
            items = [*ours, *comments]
            after = after if any(moment(post["created_at"]) >= since - LOOKED_UNDER for post in ours) else None
        else:
            items, after = self._tagged(account, after)
            after = after if any(moment(item["created_at"]) >= since for item in items) else None
        told = tuple(item for item in items if since <= moment(item["created_at"]) < until)
        if after is None:
            part, after = {"messages": "posts", "posts": "tagged"}.get(part, ""), None
        state = {"part": part, "after": after, "whole": whole[0]}
        return Fetched(told, state, datetime.now(UTC) if part else None, complete=whole[0])

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Comments and posts, one call each, and those that tag us by the list of them."""
        listed: dict[str, dict[str, Any] | None] = {}
        with suppress(NotAllowed):
            listed = self._tags(account, [o for o in external_ids if o.startswith(TAG)])
        found: dict[str, dict[str, Any] | None] = {}
        for own in external_ids:
            if own.startswith((MESSAGE, TAG)) or (own.startswith(MENTION) and not _numbered(own)):
                continue
            try:
                found[own] = self._mentioned(account, own) if own.startswith(MENTION) else self._ours(account, own)
            except NetworkError as error:
                if not is_beyond_us(error):
                    raise
        return listed | self.believed(account, found, lambda: self._posted(account, None, datetime.now(UTC), [True])[1])

    def person(self, account: Account, author_id: str) -> PostAuthor | None:
        """Who wrote a private message."""
        return messages.person(self, account, author_id, "name,username,profile_pic,follower_count,is_verified_user")

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A reply under a comment, or a message."""
        if outgoing.visibility == "private":
            return messages.send(self, account, outgoing)
        if not outgoing.in_reply_to:
            raise NetworkError(
                _("a post on %(network)s needs a picture; only comments are answered here") % self.named,
                "give_up",
            )
        payload, path = {"message": outgoing.text}, f"{outgoing.in_reply_to}/replies"
        if outgoing.in_reply_to.startswith((TAG, MENTION)):
            if not _numbered(outgoing.in_reply_to):
                raise NetworkError(_("what this answers is not on %(network)s") % self.named, "give_up")
            # Under somebody else's post one answers by way of having been named there.
            media, _colon, comment = outgoing.in_reply_to.partition(":")[2].partition(":")
            payload |= {"media_id": media} | ({"comment_id": comment} if comment else {})
            path = f"{account.account_id}/mentions"
        body, _answer = self.ask(account, "POST", path, payload=payload)
        own = identifier(body.get("id"))
        if not own:
            raise NetworkError(_("%(network)s stored something and did not say what") % self.named, "unknown")
        return Published(own, None, datetime.now(UTC))

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks for our words under the comment that they answer."""
        if outgoing.visibility == "private":
            return messages.find(self, account, outgoing)
        if text(outgoing.in_reply_to).startswith((TAG, MENTION)):
            raise NetworkError(
                _("%(network)s does not list what stands under somebody else's post") % self.named,
                "unknown",
            )
        params = {"fields": "id,text,timestamp,from", "limit": "100"}
        body, _answer = self.ask(account, "GET", f"{outgoing.in_reply_to}/replies", params=params)
        for entry in messages.entries(self.title, body):
            ours = identifier(mapping(entry.get("from")).get("id")) == account.account_id
            if ours and fits(entry.get("text"), entry.get("timestamp"), outgoing):
                return Published(identifier(entry.get("id")), None, moment(entry.get("timestamp")))
        if mapping(body.get("paging")).get("next"):  # in no order that is promised
            raise NetworkError(
                _("%(network)s lists more than we are given at once: look there") % self.named, "unknown"
            )
        return None

    def hide(self, account: Account, external_id: str, *, hidden: bool) -> None:
        """Hides a comment under a post of ours from everybody but its author."""
        if external_id.startswith((TAG, MENTION)):
            raise NetworkError(
                _("on %(network)s only what stands under our own posts can be hidden") % self.named,
                "give_up",
            )
        self.ask(account, "POST", external_id, payload={"hide": hidden}, acting=False)

    def _posted(
        self, account: Account, after: str | None, since: datetime, whole: list[bool]
    ) -> tuple[list[dict[str, Any]], list[dict[str, Any]], str | None]:
        """A page of our own posts, the comments under them with what answers those, and the next page.

        Of each post all comments that were written since then; `whole` becomes false if those were too many.
        """
        params = {"fields": MEDIA, "limit": "20"} | ({"after": after} if after else {})
        body, _answer = self.ask(account, "GET", f"{account.account_id}/media", params=params)
        found: list[dict[str, Any]] = []
        for media in maps(body.get("data")):
            listed = mapping(media.get("comments"))
            for number in range(_MOST_PAGES):
                entries = maps(listed.get("data"))
                answers = [reply for entry in entries for reply in maps(mapping(entry.get("replies")).get("data"))]
                where = {"media": {"id": media.get("id"), "permalink": media.get("permalink")}}
                found += [self._comment(comment | where) for comment in [*entries, *answers]]
                page = following(listed)
                if page is None or not entries or moment(entries[-1].get("timestamp")) < since:
                    break
                whole[0] = whole[0] and number + 1 < _MOST_PAGES
                more = {"fields": ANSWERED, "limit": "50", "after": page}
                listed, _answer = self.ask(account, "GET", f"{identifier(media.get('id'))}/comments", params=more)
        ours = [self._own(account, media) for media in maps(body.get("data"))]
        return ours, sorted(found, key=lambda item: moment(item["created_at"]), reverse=True), following(body)

    def _stories(self, account: Account) -> list[dict[str, Any]]:
        """What we show for a day."""
        body, _answer = self.ask(account, "GET", f"{account.account_id}/stories", params={"fields": SHOWN})
        return [self._own(account, media) for media in maps(body.get("data"))]

    def _own(self, account: Account, media: Mapping[str, Any]) -> dict[str, Any]:
        """Something that was posted in our name; from here nothing is."""
        item = self._tag(media, identifier(media.get("id")))
        kind = text(media.get("media_type")).lower() or "post"
        return item | {"author": {"id": account.account_id}, "text": item["text"] or f"[{kind}]"}

    def _tagged(self, account: Account, after: str | None) -> Page:
        params = {"fields": TAGGED, "limit": "50"} | ({"after": after} if after else {})
        body, _answer = self.ask(account, "GET", f"{account.account_id}/tags", params=params)
        items = [self._tag(media, f"{TAG}{identifier(media.get('id'))}") for media in maps(body.get("data"))]
        return items, following(body)

    def _ours(self, account: Account, own: str) -> dict[str, Any] | None:
        """A comment under one of our posts, or the post."""
        entry, kind = self.entry(account, own, COMMENT, TAGGED)
        if entry is None:
            return None
        return self._tag(entry, own) if kind else self._comment(entry)

    def _mentioned(self, account: Account, own: str) -> dict[str, Any] | None:
        """What names us under somebody else's post, which only we may read, and only so."""
        media, _colon, comment = own.removeprefix(MENTION).partition(":")
        name = "mentioned_comment" if comment else "mentioned_media"
        asked = f"{name}.comment_id({comment}){{{NAMED}}}" if comment else f"{name}.media_id({media}){{{TAGGED}}}"
        body, _kind = self.entry(account, account.account_id, asked)
        told = mapping((body or {}).get(name))
        if not told:
            return None
        if not comment:
            return self._tag(told, own)
        under = {"external_id": own, "in_reply_to": f"{MENTION}{media}", "conversation_id": f"{MENTION}{media}"}
        return self._comment(told) | under

    def _tags(self, account: Account, wanted: Sequence[str]) -> dict[str, dict[str, Any] | None]:
        """Posts that tag us, by the list of them; gone is what is not in it although it was read to its end.

        An empty list tells nothing: it may be that we are not let read it.
        """
        found: dict[str, dict[str, Any] | None] = {}
        after: str | None = None
        shown = False
        for _page in range(_TAG_PAGES if wanted else 0):
            items, after = self._tagged(account, after)
            shown = shown or bool(items)
            found |= {item["external_id"]: item for item in items if item["external_id"] in wanted}
            if after is None:
                return dict.fromkeys(wanted if shown else ()) | found
            if len(found) == len(wanted):
                break
        return found

    def _comment(self, value: Mapping[str, Any]) -> dict[str, Any]:
        author, media = mapping(value.get("from")), mapping(value.get("media"))
        parent = identifier(value.get("parent_id"))
        handle = author.get("username") or value.get("username")
        return {
            "network": self.key,
            "external_id": identifier(value.get("id")),
            "kind": "comment",
            "visibility": "public",
            "author": {"id": identifier(author.get("id")) or f"@{text(handle)}", "handle": handle},
            "text": value.get("text"),
            "created_at": value.get("timestamp"),
            "url": media.get("permalink"),
            "in_reply_to": parent or identifier(media.get("id")) or None,
            "conversation_id": identifier(media.get("id")) or None,
        }

    def _tag(self, media: Mapping[str, Any], own: str) -> dict[str, Any]:
        handle = media.get("username")
        return {
            "network": self.key,
            "external_id": own,
            "kind": "post",
            "visibility": "public",
            "author": {"id": f"@{text(handle)}", "handle": handle},
            "text": media.get("caption") or "",
            "created_at": media.get("timestamp"),
            "url": media.get("permalink"),
            "conversation_id": own,
            "media": [{"url": media.get("media_url"), "type": text(media.get("media_type")).lower()}],
        }


def _numbered(own: str) -> bool:
    return _NUMBERS.fullmatch(own.partition(":")[2]) is not None


NETWORK = Instagram()

"""Instagram: comments on the bank's posts, posts that tag it, and messages; and answers.

Facts: Meta's pages on Instagram webhooks (`comments`, `mentions`, `messages`) and the Instagram API's reference.
A mention in a delivery is only an identifier, and Instagram keeps no list of them: it is looked up by it. What is not
under our own posts is read and answered by way of our own account, so its identifier says how it concerns us.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from mentions.networks import Account, Capabilities, Fetched, Limits, NetworkError, Outgoing, Published
from mentions.networks._meta import MESSAGE, MetaNetwork, fits, moment
from mentions.networks._polling import Page, walk
from mentions.networks._shapes import identifier, mapping, maps, text

COMMENT: Final = "id,text,timestamp,username,from,parent_id,media{id,permalink}"
MEDIA: Final = f"id,caption,timestamp,permalink,comments.limit(50){{{COMMENT}}}"
TAGGED: Final = "id,caption,timestamp,permalink,username,media_type,media_url"
NAMED: Final = "id,text,timestamp,username,media{id,permalink}"  # what is told of others' comments
TAG: Final = "tag:"  # a post of somebody's that tags us
MENTION: Final = "mention:"  # MEDIA, or MEDIA:COMMENT: where somebody named us
_TAG_PAGES: Final = 4
# They stand within what is asked for, where other signs would ask for something else.
_NUMBERS: Final = re.compile(r"[0-9]{1,40}(?::[0-9]{1,40})?", re.ASCII)


class Instagram(MetaNetwork):
    """The connector. `account_id` is the professional account's. Secrets: "token", "webhook", "verify_token"."""

    key = "instagram"
    title = "Instagram"
    media_hosts = ("*.cdninstagram.com", "*.fbcdn.net")
    object_name = "instagram"
    scopes = (
        "instagram_basic",
        "instagram_manage_comments",
        "instagram_manage_messages",
        "pages_show_list",
        "pages_manage_metadata",
    )
    app_fields = ("comments", "live_comments", "mentions", "messages", "message_edit")
    page_fields = ("feed",)  # of the page behind the account: without one it delivers nothing
    capabilities = Capabilities(
        webhook=True,
        fetch=True,
        lookup=True,
        publish=frozenset({"public", "private"}),
        retract=True,
        hide=True,
        refresh=True,
        authorise=True,
        register=True,
        resend="search",
    )
    limits = Limits(max=2_200, private_max=1_000)
    poll_every_s = 300
    # Comments cannot be edited, and that one was deleted is not told: only asking again finds out.
    tells = frozenset()
    recheck_every = timedelta(hours=24)
    echoes = False  # of messages only

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
        """The newest comments under our newest posts, and the newest posts that tag us."""
        comments = walk(lambda after: self._comments(account, after), cursor, name="comments")
        tagged = walk(lambda after: self._tagged(account, after), comments.cursor, name="tagged")
        return Fetched(comments.items + tagged.items, tagged.cursor, complete=comments.complete and tagged.complete)

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Comments and posts, one call each, and those that tag us by the list of them."""
        found: dict[str, dict[str, Any] | None] = self._tags(account, [o for o in external_ids if o.startswith(TAG)])
        for own in external_ids:
            if own.startswith((MESSAGE, TAG)) or (own.startswith(MENTION) and not _numbered(own)):
                continue
            try:
                found[own] = self._mentioned(account, own) if own.startswith(MENTION) else self._ours(account, own)
            except NetworkError as error:
                if error.follow != "give_up":
                    raise
        return found

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A reply under a comment, or a message."""
        if outgoing.visibility == "private":
            return self.send_message(account, outgoing)
        if not outgoing.in_reply_to:
            raise NetworkError(f"a post on {self.title} needs a picture; only comments are answered here", "give_up")
        payload, path = {"message": outgoing.text}, f"{outgoing.in_reply_to}/replies"
        if outgoing.in_reply_to.startswith((TAG, MENTION)):
            if not _numbered(outgoing.in_reply_to):
                raise NetworkError(f"what this answers is not on {self.title}", "give_up")
            # Under somebody else's post one answers by way of having been named there.
            media, _colon, comment = outgoing.in_reply_to.partition(":")[2].partition(":")
            payload |= {"media_id": media} | ({"comment_id": comment} if comment else {})
            path = f"{account.account_id}/mentions"
        body, _answer = self.ask(account, "POST", path, payload=payload)
        own = identifier(body.get("id"))
        if not own:
            raise NetworkError(f"{self.title} stored something and did not say what", "unknown")
        return Published(own, None, datetime.now(UTC))

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks for our words under the comment that they answer."""
        if outgoing.visibility == "private":
            return self.message_like(account, outgoing)
        if text(outgoing.in_reply_to).startswith((TAG, MENTION)):
            raise NetworkError(f"{self.title} does not list what stands under somebody else's post", "unknown")
        params = {"fields": "id,text,timestamp,from", "limit": "100"}
        body, _answer = self.ask(account, "GET", f"{outgoing.in_reply_to}/replies", params=params)
        for entry in maps(body.get("data")):
            ours = identifier(mapping(entry.get("from")).get("id")) == account.account_id
            if ours and fits(entry.get("text"), entry.get("timestamp"), outgoing):
                return Published(identifier(entry.get("id")), None, moment(entry.get("timestamp")))
        return None

    def hide(self, account: Account, external_id: str, *, hidden: bool) -> None:
        """Hides a comment under a post of ours from everybody but its author."""
        if external_id.startswith((TAG, MENTION)):
            raise NetworkError(f"on {self.title} only what stands under our own posts can be hidden", "give_up")
        self.ask(account, "POST", external_id, payload={"hide": hidden}, acting=False)

    def _comments(self, account: Account, after: str | None) -> Page:
        params = {"fields": MEDIA, "limit": "25"} | ({"after": after} if after else {})
        body, _answer = self.ask(account, "GET", f"{account.account_id}/media", params=params)
        items = [
            self._comment(comment | {"media": {"id": media.get("id"), "permalink": media.get("permalink")}})
            for media in maps(body.get("data"))
            for comment in maps(mapping(media.get("comments")).get("data"))
        ]
        # Comments are not in the order of the posts that they stand under, so one page of posts is one step.
        return sorted(items, key=lambda item: moment(item["created_at"]), reverse=True), None

    def _tagged(self, account: Account, after: str | None) -> Page:
        params = {"fields": TAGGED, "limit": "50"} | ({"after": after} if after else {})
        body, _answer = self.ask(account, "GET", f"{account.account_id}/tags", params=params)
        items = [self._tag(media, f"{TAG}{identifier(media.get('id'))}") for media in maps(body.get("data"))]
        paging = mapping(body.get("paging"))
        following = text(mapping(paging.get("cursors")).get("after")) if paging.get("next") else ""
        return items, following or None

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
        """Posts that tag us, by the list of them; gone is what is not in it although it was read to its end."""
        found: dict[str, dict[str, Any] | None] = {}
        after: str | None = None
        for _page in range(_TAG_PAGES if wanted else 0):
            items, after = self._tagged(account, after)
            found |= {item["external_id"]: item for item in items if item["external_id"] in wanted}
            if after is None:
                return dict.fromkeys(wanted) | found
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

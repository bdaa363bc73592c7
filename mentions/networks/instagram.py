"""Instagram: comments on the bank's posts, posts that tag it, and messages; and answers.

Facts: Meta's pages on Instagram webhooks (`comments`, `mentions`, `messages`) and the Instagram API's reference.
A mention in a delivery is only an identifier, and Instagram keeps no list of them: such a delivery is left out here,
and tagged posts are found by asking.
"""

from __future__ import annotations

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
    capabilities = Capabilities(
        webhook=True,
        fetch=True,
        lookup=True,
        publish=frozenset({"public", "private"}),
        retract=True,
        hide=True,
        refresh=True,
        authorise=True,
        resend="search",
    )
    limits = Limits(max=2_200, private_max=1_000)
    poll_every_s = 300
    # Comments cannot be edited, and that one was deleted is not told: only asking again finds out.
    tells = frozenset()
    recheck_every = timedelta(hours=24)
    echoes = False  # of messages only

    def changed(self, account_id: str, change: Mapping[str, Any], at: str | None) -> Iterator[dict[str, Any]]:
        """A comment under a post or a live video of ours."""
        value = mapping(change.get("value"))
        if change.get("field") in ("comments", "live_comments"):
            yield self._comment(value | {"timestamp": at})

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """The newest comments under our newest posts, and the newest posts that tag us."""
        comments = walk(lambda after: self._comments(account, after), cursor, name="comments")
        tagged = walk(lambda after: self._tagged(account, after), comments.cursor, name="tagged")
        return Fetched(comments.items + tagged.items, tagged.cursor, complete=comments.complete and tagged.complete)

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Comments, one call each."""
        found: dict[str, dict[str, Any] | None] = {}
        for own in external_ids:
            if own.startswith(MESSAGE):
                continue
            try:
                entry, _answer = self.ask(account, "GET", own, params={"fields": COMMENT})
            except NetworkError as error:
                if error.follow != "give_up":
                    raise
                found[own] = None
            else:
                found[own] = self._comment(entry)
        return found

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A reply under a comment, or a message."""
        if outgoing.visibility == "private":
            return self.send_message(account, outgoing)
        if not outgoing.in_reply_to:
            raise NetworkError(f"a post on {self.title} needs a picture; only comments are answered here", "give_up")
        body, _answer = self.ask(account, "POST", f"{outgoing.in_reply_to}/replies", payload={"message": outgoing.text})
        own = identifier(body.get("id"))
        if not own:
            raise NetworkError(f"{self.title} stored something and did not say what", "unknown")
        return Published(own, None, datetime.now(UTC))

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks for our words under the comment that they answer."""
        if outgoing.visibility == "private":
            return self.message_like(account, outgoing)
        params = {"fields": "id,text,timestamp,from", "limit": "100"}
        body, _answer = self.ask(account, "GET", f"{outgoing.in_reply_to}/replies", params=params)
        for entry in maps(body.get("data")):
            ours = identifier(mapping(entry.get("from")).get("id")) == account.account_id
            if ours and fits(entry.get("text"), entry.get("timestamp"), outgoing):
                return Published(identifier(entry.get("id")), None, moment(entry.get("timestamp")))
        return None

    def hide(self, account: Account, external_id: str, *, hidden: bool) -> None:
        """Hides a comment from everybody but its author."""
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
        items = [self._tag(media) for media in maps(body.get("data"))]
        paging = mapping(body.get("paging"))
        following = text(mapping(paging.get("cursors")).get("after")) if paging.get("next") else ""
        return items, following or None

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

    def _tag(self, media: Mapping[str, Any]) -> dict[str, Any]:
        handle = media.get("username")
        return {
            "network": self.key,
            "external_id": identifier(media.get("id")),
            "kind": "post",
            "visibility": "public",
            "author": {"id": f"@{text(handle)}", "handle": handle},
            "text": media.get("caption") or "",
            "created_at": media.get("timestamp"),
            "url": media.get("permalink"),
            "media": [{"url": media.get("media_url"), "type": text(media.get("media_type")).lower()}],
        }


NETWORK = Instagram()

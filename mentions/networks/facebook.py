"""Facebook Pages and Messenger: comments, posts on the page, mentions, recommendations and messages; and answers.

Facts: Meta's pages on Page webhooks (`feed`, `mention`, `ratings`, `messages`), the Graph reference of comments, and
private replies (one message, within seven days of the comment).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from mentions.networks import Account, Capabilities, Fetched, Limits, NetworkError, Outgoing, Published
from mentions.networks._meta import MESSAGE, MetaNetwork, fits, moment
from mentions.networks._polling import Page, walk
from mentions.networks._shapes import identifier, mapping, maps, since_epoch, text

COMMENT: Final = "id,message,created_time,from,parent{id},permalink_url,attachment"
WRITTEN: Final = "id,message,created_time,from,permalink_url"  # what a post has of what a comment has
POST: Final = f"{WRITTEN},comments.order(reverse_chronological).limit(50){{{COMMENT}}}"
_POSTED: Final = frozenset({"post", "status", "photo", "video", "share", "link"})


class Facebook(MetaNetwork):
    """The connector. `account_id` is the page's. Secrets: "token" (of the page), "webhook", "verify_token"."""

    key = "facebook"
    title = "Facebook"
    media_hosts = ("*.fbcdn.net", "*.fbsbx.com")
    object_name = "page"
    scopes = (
        "pages_show_list",
        "pages_read_engagement",
        "pages_read_user_content",
        "pages_manage_posts",
        "pages_manage_engagement",
        "pages_manage_metadata",
        "pages_messaging",
    )
    app_fields = ("feed", "mention", "ratings", "messages", "message_echoes", "message_edits", "standby")
    page_fields = app_fields
    capabilities = Capabilities(
        webhook=True,
        fetch=True,
        history=True,
        lookup=True,
        publish=frozenset({"public", "private"}),
        original=True,
        retract=True,
        edit=True,
        hide=True,
        refresh=True,
        authorise=True,
        register=True,
        resend="search",
    )
    limits = Limits(max=8_000, private_max=2_000)
    poll_every_s = 300

    def changed(self, account_id: str, change: Mapping[str, Any], at: str | None) -> Iterator[dict[str, Any]]:
        """A change of the page's feed, a mention elsewhere, or a recommendation."""
        value, field = mapping(change.get("value")), change.get("field")
        if field == "feed":
            yield from self._of_feed(value, at)
        elif field == "mention" and value.get("verb") == "add":
            own = identifier(value.get("comment_id")) or identifier(value.get("post_id"))
            kind = "comment" if value.get("comment_id") else "post"
            author = {"id": value.get("sender_id"), "name": value.get("sender_name")}
            yield self._post(own, kind, author, value, at)
        elif field == "ratings" and value.get("item") == "rating":
            author = {"id": value.get("reviewer_id"), "name": value.get("reviewer_name")}
            words = {"message": value.get("review_text") or text(value.get("recommendation_type"))}
            yield from self._with_verb(value, identifier(value.get("open_graph_story_id")), "review", author, words, at)

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """The newest posts on the page with their newest comments: what the webhook may have missed."""
        return walk(lambda after: self._feed(account, after), cursor)

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """Posts and comments written between two times, as far as the page's feed goes back."""
        items, after = self._feed(account, cursor.get("after"))
        told = [item for item in items if since <= moment(item["created_at"]) < until]
        more = after is not None and bool(items)
        return Fetched(tuple(told), {"after": after}, datetime.now(UTC) if more else None)

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Posts and comments, one call each, so that one that is gone spoils no other."""
        found: dict[str, dict[str, Any] | None] = {}
        for own in external_ids:
            if own.startswith(MESSAGE):
                continue
            # A post of our page bears the page's number in front; elsewhere the name does not tell which it is.
            kinds = [("comment", COMMENT), ("post", WRITTEN)]
            if own.startswith(f"{account.account_id}_"):
                kinds.reverse()
            try:
                entry, kind = self.entry(account, own, *(fields for _kind, fields in kinds))
            except NetworkError as error:
                if error.follow != "give_up":
                    raise
                continue  # there, and not to be read by us
            found[own] = self._listed(entry, kinds[kind][0]) if entry is not None else None
        return found

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A comment under what it answers, a post on the page, or a message."""
        if outgoing.visibility == "private":
            return self.send_message(account, outgoing)
        path = f"{outgoing.in_reply_to}/comments" if outgoing.in_reply_to else f"{account.account_id}/feed"
        body, _answer = self.ask(account, "POST", path, payload={"message": outgoing.text})
        own = identifier(body.get("id"))
        if not own:
            raise NetworkError(f"{self.title} stored something and did not say what", "unknown")
        return Published(own, f"https://www.facebook.com/{own}", datetime.now(UTC))

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks for our words under what they answer."""
        if outgoing.visibility == "private":
            return self.message_like(account, outgoing)
        path = f"{outgoing.in_reply_to}/comments" if outgoing.in_reply_to else f"{account.account_id}/feed"
        order = {"order": "reverse_chronological"} if outgoing.in_reply_to else {}
        params = {"fields": "id,message,created_time,from,permalink_url", "limit": "100"} | order
        body, _answer = self.ask(account, "GET", path, params=params)
        for entry in maps(body.get("data")):
            ours = identifier(mapping(entry.get("from")).get("id")) == account.account_id
            if ours and fits(entry.get("message"), entry.get("created_time"), outgoing):
                own = identifier(entry.get("id"))
                return Published(own, text(entry.get("permalink_url")) or None, moment(entry.get("created_time")))
        return None

    def edit(self, account: Account, external_id: str, text: str) -> Published:
        """Replaces the words of our comment or post."""
        self.ask(account, "POST", external_id, payload={"message": text}, acting=False)
        return Published(external_id, f"https://www.facebook.com/{external_id}", datetime.now(UTC))

    def hide(self, account: Account, external_id: str, *, hidden: bool) -> None:
        """Hides a comment from everybody but its author and their friends."""
        self.ask(account, "POST", external_id, payload={"is_hidden": hidden}, acting=False)

    def _of_feed(self, value: Mapping[str, Any], at: str | None) -> Iterator[dict[str, Any]]:
        item = text(value.get("item"))
        author = mapping(value.get("from"))
        if item == "comment":
            yield from self._with_verb(value, identifier(value.get("comment_id")), "comment", author, value, at)
        elif item in _POSTED:
            yield from self._with_verb(value, identifier(value.get("post_id")), "post", author, value, at)

    def _with_verb(
        self,
        value: Mapping[str, Any],
        own: str,
        kind: str,
        author: Mapping[str, Any],
        words: Mapping[str, Any],
        at: str | None,
    ) -> Iterator[dict[str, Any]]:
        verb = value.get("verb")
        if verb == "add":
            yield self._post(own, kind, author, {**value, **words}, at)
        elif verb in ("edit", "edited"):
            # `created_time` is that of the comment; when it was edited only the batch knows.
            edited_at = at or since_epoch(value.get("created_time"))
            changed = {"network": self.key, "external_id": own, "op": "edit"}
            yield changed | {"text": words.get("message"), "edited_at": edited_at}
        elif verb in ("remove", "delete"):
            yield {"network": self.key, "external_id": own, "op": "delete"}

    def _post(
        self, own: str, kind: str, author: Mapping[str, Any], value: Mapping[str, Any], at: str | None
    ) -> dict[str, Any]:
        page_post = identifier(value.get("post_id"))
        parent = identifier(value.get("parent_id")) or page_post
        picture = value.get("photo") or value.get("link") if value.get("item") in ("photo", "comment") else None
        return {
            "network": self.key,
            "external_id": own,
            "kind": kind,
            "visibility": "public",
            "author": _author(author, own),
            "text": value.get("message") or "",
            "created_at": since_epoch(value.get("created_time")) or value.get("created_time") or at,
            "url": mapping(value.get("post")).get("permalink_url") or f"https://www.facebook.com/{own}",
            "in_reply_to": parent if parent and parent != own else None,
            "conversation_id": page_post or own,
            "media": [{"url": picture, "type": "image"}] if isinstance(picture, str) else [],
        }

    def _feed(self, account: Account, after: str | None) -> Page:
        params = {"fields": POST, "limit": "25"} | ({"after": after} if after else {})
        body, _answer = self.ask(account, "GET", f"{account.account_id}/feed", params=params)
        items = []
        for post in maps(body.get("data")):
            items.append(self._listed(post, "post"))
            under = {"conversation_id": identifier(post.get("id"))}
            comments = maps(mapping(post.get("comments")).get("data"))
            items += [self._listed(comment, "comment") | under for comment in comments]
        paging = mapping(body.get("paging"))
        following = text(mapping(paging.get("cursors")).get("after")) if paging.get("next") else ""
        said = [item for item in items if item["text"]]
        return sorted(said, key=lambda item: moment(item["created_at"]), reverse=True), following or None

    def _listed(self, entry: Mapping[str, Any], kind: str) -> dict[str, Any]:
        own, parent = identifier(entry.get("id")), identifier(mapping(entry.get("parent")).get("id"))
        author = mapping(entry.get("from"))
        return {
            "network": self.key,
            "external_id": own,
            "kind": kind,
            "visibility": "public",
            "author": _author(author, own),
            "text": entry.get("message") or "",
            "created_at": entry.get("created_time"),
            "url": entry.get("permalink_url"),
            "in_reply_to": parent or (own.partition("_")[0] if kind == "comment" and "_" in own else None),
            "conversation_id": parent or own,
        }


def _author(told: Mapping[str, Any], own: str) -> dict[str, Any]:
    """Who wrote it. Facebook leaves out people who have not let our app see them; each such post is somebody's."""
    return {"id": identifier(told.get("id")) or f"unnamed:{own}", "name": told.get("name")}


NETWORK = Facebook()

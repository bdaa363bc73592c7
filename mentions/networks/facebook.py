"""Facebook Pages and Messenger: comments, posts on the page, mentions, recommendations and messages; and answers.

Facts: Meta's pages on Page webhooks (`feed`, `mention`, `ratings`, `messages`), the Graph reference of comments, and
private replies (one message, within seven days of the comment).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
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
    Picture,
    Pictures,
    Published,
    Visibility,
    Window,
)
from mentions.networks import _meta_messages as messages
from mentions.networks._meta import MetaNetwork, NotAllowed, is_beyond_us
from mentions.networks._meta_messages import MESSAGE, entries, fits, moment, raise_unless_whole
from mentions.networks._polling import Page, walk
from mentions.networks._shapes import identifier, listed, mapping, maps, since_epoch, text
from mentions.posts import PostAuthor

COMMENT: Final = "id,message,created_time,from,parent{id},permalink_url,attachment"
WRITTEN: Final = "id,message,created_time,from,permalink_url,full_picture"  # what a post has of what a comment has
# Without the filter Graph leaves out what answers a comment.
POST: Final = f"{WRITTEN},comments.filter(stream).order(reverse_chronological).limit(25){{{COMMENT}}}"
LOOKED_UNDER: Final = timedelta(days=90)  # how old a post may be under which somebody still comments
OVERLAP: Final = timedelta(minutes=5)
LONG: Final = timedelta(minutes=20)  # after so long, what came is asked for by its time as well
_MOST_PAGES: Final = 40  # of the comments of one post
UNTOLD: Final = "[something that cannot be shown here]"  # a sticker, say: somebody waits for an answer all the same
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
    app_fields = (
        *("feed", "mention", "ratings"),
        *("messages", "message_echoes", "message_edits", "messaging_postbacks", "standby"),
        *("message_deliveries", "message_reads"),
    )
    page_fields = app_fields
    notices = frozenset({"reached"})
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
        names=True,
        resend="search",
    )
    limits = Limits(max=8_000, private_max=2_000, pictures=Pictures(most=1, max_bytes=4_000_000, alt=1_000))
    poll_every_s = 45
    private_once = True
    fields = (*MetaNetwork.fields, messages.HUMAN_AGENT)
    # The webhook tells what is removed; what it missed is found by looking.
    recheck_every = timedelta(days=7)

    def window(
        self, account: Account, visibility: Visibility, about: str | None, heard_at: datetime | None
    ) -> Window | None:
        """Private messages have an end; comments have none."""
        return messages.window(account, about, heard_at) if visibility == "private" else None

    def changed(self, account_id: str, change: Mapping[str, Any], at: str | None) -> Iterator[dict[str, Any]]:
        """A change of the page's feed, a mention elsewhere, or a recommendation."""
        value, field = mapping(change.get("value")), change.get("field")
        if field == "feed":
            yield from self._of_feed(value, at)
        elif field == "mention":
            own = identifier(value.get("comment_id")) or identifier(value.get("post_id"))
            kind = "comment" if value.get("comment_id") else "post"
            author = {"id": value.get("sender_id"), "name": value.get("sender_name")}
            yield from self._with_verb(value, own, kind, author, value, at)
        elif field == "ratings" and value.get("item") == "rating":
            author = {"id": value.get("reviewer_id"), "name": value.get("reviewer_name")}
            words = {"message": value.get("review_text") or text(value.get("recommendation_type"))}
            yield from self._with_verb(value, identifier(value.get("open_graph_story_id")), "review", author, words, at)

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """The newest messages, and the newest posts on the page with their comments: what the webhook may have missed.

        A comment may stand under any older post. So after a long silence this is not said to be all of it, and what is
        missing is asked for by its time.
        """
        now, before, whole, trouble = datetime.now(UTC), text(cursor.get("at")), [True], ""
        new_since = moment(before) - OVERLAP if before else now
        try:
            talk = walk(lambda after: self._talk(account, after, new_since, whole), cursor, name="messages")
        except NotAllowed as error:
            talk, trouble = Fetched((), cursor), _("no private messages: %(why)s") % {"why": error}
        found = walk(lambda after: self._feed(account, after, new_since, whole), talk.cursor)
        complete = found.complete and talk.complete and whole[0] and now - new_since < LONG
        state = found.cursor | {"at": now.isoformat()}
        return Fetched(talk.items + found.items, state, complete=complete, trouble=trouble)

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """Messages, posts and comments written between two times, the latter under posts of the last months."""

        def between(items: list[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
            return tuple(item for item in items if since <= moment(item["created_at"]) < until)

        after, now, whole = cursor.get("after"), datetime.now(UTC), [cursor.get("whole", True)]
        if cursor.get("part") != "feed":
            try:
                items, after = self._talk(account, after, since, whole)
            except NotAllowed:
                items, after = [], None
            part = {} if after else {"part": "feed"}
            return Fetched(between(items), part | {"after": after, "whole": whole[0]}, now)
        items, after = self._feed(account, after, since, whole)
        posts = [moment(item["created_at"]) for item in items if item["kind"] == "post"]
        more = after is not None and bool(posts) and max(posts) >= since - LOOKED_UNDER
        state = {"part": "feed", "after": after, "whole": whole[0]}
        return Fetched(between(items), state, now if more else None, complete=whole[0])

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
                if not is_beyond_us(error):
                    raise
                continue
            found[own] = self._listed(entry, kinds[kind][0]) if entry is not None else None
        return self.believed(account, found, lambda: self._feed(account, None, datetime.now(UTC), [True])[0])

    def person(self, account: Account, author_id: str) -> PostAuthor | None:
        """Who wrote a private message."""
        return messages.person(self, account, author_id, "name,profile_pic")

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A comment under what it answers, a post on the page, or a message."""
        if outgoing.visibility == "private":
            return messages.send(self, account, outgoing)
        path = f"{outgoing.in_reply_to}/comments" if outgoing.in_reply_to else f"{account.account_id}/feed"
        payload: dict[str, Any] = {"message": outgoing.text}
        for picture in outgoing.pictures:
            brought = self._bring(account, picture)
            shown = (
                {"attachment_id": brought} if outgoing.in_reply_to else {"attached_media": [{"media_fbid": brought}]}
            )
            payload |= shown
        body, _answer = self.ask(account, "POST", path, payload=payload)
        own = identifier(body.get("id"))
        if not own:
            raise NetworkError(_("%(network)s stored something and did not say what") % self.named, "unknown")
        return Published(own, f"https://www.facebook.com/{own}", datetime.now(UTC))

    def _bring(self, account: Account, picture: Picture) -> str:
        """What Facebook calls a picture that was brought to the page and is published nowhere."""
        form = {"published": "false"} | ({"alt_text_custom": picture.alt} if picture.alt else {})
        parts = {"source": (picture.name, picture.body, picture.type)}
        body, _answer = self.ask(account, "POST", f"{account.account_id}/photos", form=form, parts=parts, acting=False)
        if not identifier(body.get("id")):
            raise NetworkError(_("%(network)s took a picture and did not say what it calls it") % self.named, "retry")
        return identifier(body["id"])

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks for our words under what they answer."""
        if outgoing.visibility == "private":
            return self._told_privately(account, outgoing)
        path = f"{outgoing.in_reply_to}/comments" if outgoing.in_reply_to else f"{account.account_id}/feed"
        order = {"order": "reverse_chronological"} if outgoing.in_reply_to else {}
        params = {"fields": "id,message,created_time,from,permalink_url", "limit": "100"} | order
        body, _answer = self.ask(account, "GET", path, params=params)
        for entry in entries(self.title, body):
            ours = identifier(mapping(entry.get("from")).get("id")) == account.account_id
            if ours and fits(entry.get("message"), entry.get("created_time"), outgoing):
                own = identifier(entry.get("id"))
                return Published(own, text(entry.get("permalink_url")) or None, moment(entry.get("created_time")))
        raise_unless_whole(self.title, body, "created_time", outgoing)
        return None

    def _told_privately(self, account: Account, outgoing: Outgoing) -> Published | None:
        """Our message. A comment is answered so once, and names the conversation; a visitor's post does not."""
        about = outgoing.in_reply_to or ""
        if not about or about.startswith((MESSAGE, f"{account.account_id}_")):
            return messages.find(self, account, outgoing)
        comment, _answer = self.ask(account, "GET", about, params={"fields": "private_reply_conversation"})
        thread = identifier(mapping(comment.get("private_reply_conversation")).get("id"))
        return messages.find(self, account, outgoing, thread) if thread else None

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
        elif verb in ("hide", "unhide"):
            # By whichever of our people or programs; it stays what a customer said to us.
            turned = {"network": self.key, "external_id": own, "op": "hide" if verb == "hide" else "show"}
            yield turned | ({"edited_at": at} if at else {})

    def _post(
        self, own: str, kind: str, author: Mapping[str, Any], value: Mapping[str, Any], at: str | None
    ) -> dict[str, Any]:
        page_post = identifier(value.get("post_id"))
        parent = identifier(value.get("parent_id")) or page_post
        shown = _delivered_with(value)
        return {
            "network": self.key,
            "external_id": own,
            "kind": kind,
            "visibility": "public",
            "author": _author(author, own),
            "text": value.get("message") or ("" if shown else UNTOLD),
            "created_at": since_epoch(value.get("created_time")) or value.get("created_time") or at,
            "url": mapping(value.get("post")).get("permalink_url") or f"https://www.facebook.com/{own}",
            "in_reply_to": parent if parent and parent != own else None,
            "conversation_id": page_post or own,
            "media": shown,
        }

    def _feed(self, account: Account, after: str | None, since: datetime, whole: list[bool]) -> Page:
        """A page of posts with their comments, newest first, and of each all that were written since then.

        `whole` becomes false if those were too many.
        """
        params = {"fields": POST, "limit": "20"} | ({"after": after} if after else {})
        body, _answer = self.ask(account, "GET", f"{account.account_id}/feed", params=params)
        items = []
        for post in maps(body.get("data")):
            own = identifier(post.get("id"))
            items.append(self._listed(post, "post"))
            comments = mapping(post.get("comments"))
            for number in range(_MOST_PAGES):
                read = [
                    self._listed(comment, "comment") | {"conversation_id": own}
                    for comment in maps(comments.get("data"))
                ]
                items += read
                following = messages.following(comments)
                if not following or not read or moment(read[-1]["created_at"]) < since:
                    break
                whole[0] = whole[0] and number + 1 < _MOST_PAGES
                more = {"fields": COMMENT, "filter": "stream", "order": "reverse_chronological", "limit": "100"}
                comments, _answer = self.ask(account, "GET", f"{own}/comments", params=more | {"after": following})
        for item in items:
            if item["kind"] == "comment" and not item["text"] and not item["media"]:
                item["text"] = UNTOLD
        said = [item for item in items if item["text"] or item["media"]]
        return sorted(said, key=lambda item: moment(item["created_at"]), reverse=True), messages.following(body)

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
            "media": _listed_with(entry),
        }


def _delivered_with(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was posted besides words, as a delivery names it."""
    item, link = value.get("item"), value.get("link")
    pictures = [value.get("photo") or (link if item in ("photo", "comment") else None), *listed(value.get("photos"))]
    videos = [value.get("video") or (link if item == "video" else None)]
    kinds = (("image", pictures), ("video", videos), ("other", [link if item in ("share", "link") else None]))
    return [{"url": url, "type": kind} for kind, urls in kinds for url in urls if isinstance(url, str)]


def _listed_with(entry: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What was posted besides words, as a list names it: of a video the picture that stands for it."""
    shown = mapping(mapping(mapping(entry.get("attachment")).get("media")).get("image")).get("src")
    return [{"url": url, "type": "image"} for url in (entry.get("full_picture"), shown) if isinstance(url, str)]


def _author(told: Mapping[str, Any], own: str) -> dict[str, Any]:
    """Who wrote it. Facebook leaves out people who have not let our app see them; each such post is somebody's."""
    return {"id": identifier(told.get("id")) or f"unnamed:{own}", "name": told.get("name")}


NETWORK = Facebook()

"""YouTube: comments under the bank's videos and about its channel, videos that a search finds; replies, moderation.

Facts: Google's discovery document of the Data API v3 and its table of quota costs (10,000 units a day: a list costs 1,
a reply 50; 100 searches a day beside that). There is no push for comments. Edits are seen when a comment is listed
again; that one was deleted, only by looking it up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from mentions.networks import (
    Account,
    Capabilities,
    Fetched,
    Field,
    Gone,
    Limits,
    Network,
    NetworkError,
    Outgoing,
    Probe,
    Published,
    Rate,
    Refreshed,
)
from mentions.networks._google import GRANTS, ask, by_refresh_token, revoke, signed_in, signing_in
from mentions.networks._plaintext import plain
from mentions.networks._polling import Page, between, pairs, walk
from mentions.networks._shapes import identifier, mapping, maps, text

HOME: Final = "https://youtube.googleapis.com"
API: Final = "youtube/v3"
SCOPE: Final = "https://www.googleapis.com/auth/youtube.force-ssl"
WATCH: Final = "https://www.youtube.com/watch?v="
VIDEO: Final = "video:"
WRITE_UNITS: Final = 50  # what a call costs that changes something; any other costs one
THREADS_WATCHED: Final = 500  # for late replies; of these so many a look:
LOOKED_AT: Final = 50
LOOKED_UNDER: Final = timedelta(days=7)  # threads that began so long before a stretch of time are asked for replies too
_REPLY_PAGES: Final = 10


class YouTube(Network):
    """The connector. `account_id` is the channel's. Secrets: "token", "refresh_token", "client_secret"."""

    key = "youtube"
    title = "YouTube"
    media_hosts = ("*.ytimg.com", "yt3.ggpht.com", "yt3.googleusercontent.com")
    home = HOME
    grants = GRANTS
    capabilities = Capabilities(
        fetch=True,
        history=True,
        search=True,
        lookup=True,
        publish=frozenset({"public"}),
        retract=True,
        edit=True,
        hide=True,
        refresh=True,
        authorise=True,
        resend="search",
    )
    limits = Limits(max=10_000, private_max=0)
    recheck_every = timedelta(days=30)  # YouTube's terms for developers: stored data is refreshed or deleted
    poll_every_s = 45
    rate = Rate(calls=10_000, per_s=86_400)
    search_rate = Rate(calls=90, per_s=86_400)  # of a hundred, since a person may ask as well
    tells = frozenset({"edit"})
    fields = (
        Field("account_id", _("Channel ID"), _("YouTube Studio, Settings, Channel, Advanced; begins with UC.")),
        Field("client_id", _("Client ID"), _("Google Cloud console, Credentials, OAuth 2.0.")),
        Field("client_secret", _("Client secret"), _("Beside the client ID."), secret=True),
        Field(
            "refresh_token",
            _("Refresh token"),
            _("Comes by signing in; or paste an owner's, scope youtube.force-ssl."),
            secret=True,
            required=False,
        ),
    )

    def cost_of(self, method: str, url: str) -> int:
        """In units; searches have an allowance of their own."""
        if url.endswith(f"{API}/search"):
            return 0
        return 1 if method == "GET" or not url.partition(API)[1] else WRITE_UNITS

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """The newest threads about the channel and its videos with their replies, late replies under older ones, and
        what the channel uploaded.
        """
        counts: dict[str, int] = {}
        before = {own: total for own, total in pairs(cursor.get("counts")) if isinstance(total, int)}

        def read(after: str | None) -> Page:
            body = self._threads(account, after)
            items = []
            for thread in maps(body.get("items")):
                items.append(self._comment(_first(thread), identifier(thread.get("id"))))
                own, replies = identifier(thread.get("id")), maps(mapping(thread.get("replies")).get("comments"))
                counts[own] = _replied(thread, len(replies))
                # A thread shows only a few of its replies; the others are listed apart.
                if counts[own] > max(len(replies), before.get(own, 0)):
                    replies = self._replies(account, own)
                items += [self._comment(reply, own) for reply in replies]
            return items, text(body.get("nextPageToken")) or None

        found = walk(read, cursor)
        late, counts_now, turn = self._late(account, before, counts, cursor.get("turn"))
        uploads = walk(lambda after: self._uploads(account, after), found.cursor, name="uploads")
        state = uploads.cursor | {"counts": [list(pair) for pair in counts_now.items()], "turn": turn}
        items = found.items + tuple(late) + uploads.items
        return Fetched(items, state, complete=found.complete and uploads.complete)

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """Threads with their replies and uploads, newest first; replies also under threads of the week before."""

        def threads(after: str | None) -> Page:
            body = self._threads(account, after)
            items = []
            for thread in maps(body.get("items")):
                own, replies = identifier(thread.get("id")), maps(mapping(thread.get("replies")).get("comments"))
                items.append(self._comment(_first(thread), own))
                if _replied(thread, len(replies)) > len(replies):
                    replies = self._replies(account, own)
                items += [self._comment(reply, own) for reply in replies]
            return items, text(body.get("nextPageToken")) or None

        lists = [threads, lambda after: self._uploads(account, after)]
        return between(lists, since, until, cursor, back=LOOKED_UNDER)

    def _threads(self, account: Account, after: str | None) -> dict[str, Any]:
        params = {
            "part": "snippet,replies",
            "allThreadsRelatedToChannelId": account.account_id,
            "order": "time",
            "maxResults": "100",
            "textFormat": "plainText",
        }
        return self._ask(account, "GET", "commentThreads", params=params | ({"pageToken": after} if after else {}))

    def _late(
        self, account: Account, before: Mapping[str, int], counts: Mapping[str, int], turn: object
    ) -> tuple[list[dict[str, Any]], dict[str, int], int]:
        """New replies under threads that are no longer among the newest, which are looked at in turn."""
        older = [own for own in before if own not in counts]
        kept = dict(list((dict(counts) | {own: before[own] for own in older}).items())[:THREADS_WATCHED])
        start = turn if isinstance(turn, int) and 0 <= turn < len(older) else 0
        looked_at = older[start : start + LOOKED_AT]
        if not looked_at:
            return [], kept, 0
        params = {"part": "snippet", "id": ",".join(looked_at), "textFormat": "plainText"}
        items: list[dict[str, Any]] = []
        for thread in maps(self._ask(account, "GET", "commentThreads", params=params).get("items")):
            own, total = identifier(thread.get("id")), _replied(thread, 0)
            if total > before.get(own, 0):
                items += [self._comment(reply, own) for reply in self._replies(account, own)]
            if own in kept:
                kept[own] = total
        return items, kept, start + LOOKED_AT

    def _replies(self, account: Account, thread: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        after = ""
        for _page in range(_REPLY_PAGES):
            asked = {"part": "snippet", "parentId": thread, "maxResults": "100", "textFormat": "plainText"}
            body = self._ask(account, "GET", "comments", params=asked | ({"pageToken": after} if after else {}))
            found += maps(body.get("items"))
            after = text(body.get("nextPageToken"))
            if not after:
                break
        return found

    def _uploads(self, account: Account, after: str | None) -> Page:
        """What the channel shows, by whomever it was put there; its list is named when the account is probed."""
        playlist = text(account.settings.get("uploads"))
        if not playlist:
            return [], None
        params = {"part": "snippet", "playlistId": playlist, "maxResults": "50"}
        body = self._ask(account, "GET", "playlistItems", params=params | ({"pageToken": after} if after else {}))
        items = []
        for entry in maps(body.get("items")):
            snippet = mapping(entry.get("snippet"))
            told = {"id": {"videoId": mapping(snippet.get("resourceId")).get("videoId")}, "snippet": snippet}
            items.append(self._video(told) | {"author": {"id": account.account_id}})
        return items, text(body.get("nextPageToken")) or None

    def search(self, account: Account, query: str, cursor: dict[str, Any]) -> Fetched:
        """New videos that fit. There are only so many searches a day, whoever makes them."""

        def read(after: str | None) -> Page:
            params = {"part": "snippet", "q": query, "type": "video", "order": "date", "maxResults": "50"}
            body = self._ask(account, "GET", "search", params=params | ({"pageToken": after} if after else {}))
            return [self._video(found) for found in maps(body.get("items"))], None

        try:
            return walk(read, cursor)
        except NetworkError as error:
            if error.retry_at is None:
                raise
            # Comments and answers have an allowance of their own.
            raise NetworkError(error.message, error.follow, error.retry_at, holds="kind") from None

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Comments, fifty a call."""
        wanted = [own for own in external_ids if not own.startswith(VIDEO)][: self.lookup_at_once]
        if not wanted:
            return {}
        params = {"part": "snippet", "id": ",".join(wanted), "textFormat": "plainText"}
        body = self._ask(account, "GET", "comments", params=params)
        found = {identifier(comment.get("id")): self._comment(comment, "") for comment in self._listed(body)}
        return {own: found.get(own) for own in wanted}

    def _listed(self, body: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The entries of a list; no list is not an empty one, which would say that all of it is gone."""
        if not isinstance(body.get("items"), list) and not text(body.get("kind")).endswith("ListResponse"):
            raise NetworkError(_("%(network)s gave an answer that cannot be read") % self.named, "retry")
        return maps(body.get("items"))

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A reply in the thread of a comment; YouTube knows one level of replies only."""
        if outgoing.visibility == "private":
            raise NetworkError(_("%(network)s has no private messages") % self.named, "give_up")
        if not outgoing.in_reply_to:
            raise NetworkError(_("posts of our own are not written on %(network)s from here") % self.named, "give_up")
        if outgoing.in_reply_to.startswith(VIDEO):
            return self._comment_on(account, outgoing.in_reply_to.removeprefix(VIDEO), outgoing.text)
        snippet = {"parentId": outgoing.in_reply_to.partition(".")[0], "textOriginal": outgoing.text}
        return self._published(self._ask(account, "POST", "comments", params=_PART, payload={"snippet": snippet}))

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks for our words in the thread."""
        target = outgoing.in_reply_to or ""
        if target.startswith(VIDEO):
            asked = {"videoId": target.removeprefix(VIDEO), "order": "time"}
            body = self._ask(account, "GET", "commentThreads", params=_PART | _PLAIN | asked)
            comments = [_first(thread) for thread in self._listed(body)]
        else:
            asked = {"parentId": target.partition(".")[0]}
            body = self._ask(account, "GET", "comments", params=_PART | _PLAIN | asked)
            comments = self._listed(body)
        began = outgoing.attempted_at
        for comment in comments:
            snippet = mapping(comment.get("snippet"))
            ours = mapping(snippet.get("authorChannelId")).get("value") == account.account_id
            late = began is None or _moment(snippet.get("publishedAt")) >= began - timedelta(minutes=1)
            if ours and late and _words(snippet).split() == outgoing.text.split():
                return self._published(comment)
        written = [_moment(mapping(comment.get("snippet")).get("publishedAt")) for comment in comments]
        by_time = target.startswith(VIDEO) and began is not None and any(at < began for at in written)
        if body.get("nextPageToken") and not by_time:
            raise NetworkError(
                _("%(network)s lists more than we are given at once: look there") % self.named, "unknown"
            )
        return None

    def retract(self, account: Account, external_id: str) -> None:
        """Deletes our reply."""
        try:
            self._ask(account, "DELETE", "comments", params={"id": external_id})
        except Gone:
            return

    def edit(self, account: Account, external_id: str, text: str) -> Published:
        """Replaces the words of our reply."""
        changed = {"id": external_id, "snippet": {"textOriginal": text}}
        return self._published(self._ask(account, "PUT", "comments", params=_PART, payload=changed))

    def hide(self, account: Account, external_id: str, *, hidden: bool) -> None:
        """Holds a comment under our video back for review, or lets it be seen again."""
        status = {"id": external_id, "moderationStatus": "heldForReview" if hidden else "published"}
        self._ask(account, "POST", "comments/setModerationStatus", params=status, acting=False)

    def probe(self, account: Account) -> Probe:
        """Whose channel the token belongs to."""
        body = self._ask(account, "GET", "channels", params={"part": "snippet,contentDetails", "mine": "true"})
        channel = next(iter(maps(body.get("items"))), {})
        if not identifier(channel.get("id")):
            raise NetworkError(_("%(network)s did not say who we are") % self.named, "retry")
        snippet = mapping(channel.get("snippet"))
        handle = text(snippet.get("customUrl")).removeprefix("@") or text(snippet.get("title"))
        lists = mapping(mapping(channel.get("contentDetails")).get("relatedPlaylists"))
        told = {"uploads": text(lists.get("uploads"))}
        return Probe(identifier(channel.get("id")), handle or account.handle, settings=told)

    def refresh(self, account: Account) -> Refreshed:
        """An access token lasts an hour."""
        return by_refresh_token(self.title, account, self.home)

    def authorise(self, account: Account, back: str, state: str, secret: str) -> str:
        """Google's page where the owner lets us act."""
        return signing_in(account, back, state, SCOPE, secret)

    def exchange(self, account: Account, back: str, secret: str, code: str, issuer: str = "") -> Refreshed:
        """The first tokens."""
        return signed_in(self.title, account, self.home, back, SCOPE, secret, code)

    def revoke(self, account: Account) -> bool:
        """Gives back what the owner let us in by."""
        return revoke(self.title, account, self.home)

    def _comment_on(self, account: Account, video: str, words: str) -> Published:
        comment = {"snippet": {"textOriginal": words}}
        thread = {"snippet": {"videoId": video, "channelId": account.account_id, "topLevelComment": comment}}
        told = self._ask(account, "POST", "commentThreads", params=_PART, payload=thread)
        return self._published(mapping(mapping(told.get("snippet")).get("topLevelComment")) or told)

    def _ask(self, account: Account, method: Any, path: str, **how: Any) -> dict[str, Any]:
        return ask(self.title, account, method, f"{API}/{path}", **how)

    def _published(self, comment: Mapping[str, Any]) -> Published:
        own, snippet = identifier(comment.get("id")), mapping(comment.get("snippet"))
        if not own:
            raise NetworkError(_("%(network)s stored something and did not say what") % self.named, "unknown")
        return Published(own, _address(snippet, own), _moment(snippet.get("publishedAt")))

    def _comment(self, comment: Mapping[str, Any], thread: str) -> dict[str, Any]:
        own, snippet = identifier(comment.get("id")), mapping(comment.get("snippet"))
        parent = identifier(snippet.get("parentId"))
        written, updated = snippet.get("publishedAt"), snippet.get("updatedAt")
        item = {
            "network": self.key,
            "external_id": own,
            "kind": "comment",
            "visibility": "public",
            "author": {
                "id": mapping(snippet.get("authorChannelId")).get("value"),
                "handle": text(snippet.get("authorDisplayName")).removeprefix("@"),
                "avatar_url": snippet.get("authorProfileImageUrl"),
            },
            "text": _words(snippet),
            "created_at": written,
            "url": _address(snippet, own),
            "in_reply_to": parent or None,
            "conversation_id": thread or own.partition(".")[0],
            "metrics": {"likes": snippet.get("likeCount")},
            "video": snippet.get("videoId"),
        }
        return item | ({"edited_at": updated} if updated and updated != written else {})

    def _video(self, found: Mapping[str, Any]) -> dict[str, Any]:
        own, snippet = identifier(mapping(found.get("id")).get("videoId")), mapping(found.get("snippet"))
        # Titles and descriptions of a search come with their markup escaped.
        words = "\n\n".join(filter(None, (plain(text(snippet.get(name))) for name in ("title", "description"))))
        return {
            "network": self.key,
            "external_id": f"{VIDEO}{own}",
            "kind": "post",
            "visibility": "public",
            "author": {"id": snippet.get("channelId"), "name": snippet.get("channelTitle")},
            "text": words,
            "created_at": snippet.get("publishedAt"),
            "url": f"{WATCH}{own}",
        }


_PART: Final = {"part": "snippet"}
_PLAIN: Final = {"textFormat": "plainText", "maxResults": "100"}


def _first(thread: Mapping[str, Any]) -> dict[str, Any]:
    return mapping(mapping(thread.get("snippet")).get("topLevelComment"))


def _replied(thread: Mapping[str, Any], shown: int) -> int:
    total = mapping(thread.get("snippet")).get("totalReplyCount")
    return total if isinstance(total, int) else shown


def _words(snippet: Mapping[str, Any]) -> str:
    return text(snippet.get("textOriginal")) or text(snippet.get("textDisplay"))


def _address(snippet: Mapping[str, Any], own: str) -> str | None:
    video = text(snippet.get("videoId"))
    return f"{WATCH}{video}&lc={own}" if video else None


def _moment(value: object) -> datetime:
    try:
        return datetime.fromisoformat(text(value)).astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)


NETWORK = YouTube()

"""X, by its API version 2: mentions, searches, private messages; answers, posts of our own, hiding and taking back.

Facts: X's published OpenAPI description and its pages on webhooks. Mentions, our own posts and messages are polled;
Account Activity and Activity API deliveries come beside that where the bank's plan has them, and the filtered stream
where the app's own token is given. Replies to others' posts in the same thread are found by X through the mention of
our handle.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Collection, Generator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _
from twitter_text import parse_tweet

from mentions.networks import (
    Account,
    Capabilities,
    Fetched,
    Field,
    Gone,
    Handshake,
    Limits,
    Network,
    NetworkError,
    Outgoing,
    Probe,
    Published,
    Rate,
    Refreshed,
    Registration,
    Streamed,
    Wanted,
    _filtered,
    _x_media,
)
from mentions.networks import _files as files
from mentions.networks import _oauth as oauth
from mentions.networks import _tweets as tweets
from mentions.networks import _x_deliveries as pushed
from mentions.networks import _x_lists as lists
from mentions.networks import _x_webhooks as webhooks
from mentions.networks._shapes import identifier, mapping, maps, text
from mentions.networks._tweets import MESSAGE
from mentions.networks._x_calls import PAGE, ask, posts_left, refused_by_x, revoke, tokens
from mentions.networks._x_lists import FIELDS, MESSAGE_FIELDS, stamp

SIGN_IN: Final = "https://x.com/i/oauth2/authorize"
SCOPES: Final = (
    "tweet.read", "tweet.write", "tweet.moderate.write", "users.read", "dm.read", "dm.write", "media.write",
    "offline.access"
)  # fmt: skip
SEEN_WITHIN: Final = timedelta(seconds=30)  # after this long a post of ours stands in our own timeline
# What X says of a post that surely is not there any more, or is there and not for anybody.
_GONE: Final = ("resource-not-found", "not-authorized-for-resource")


def weighted(words: str) -> int:
    """X's own count: 280 light characters, or 140 heavy ones; a link weighs 23, a picture character 2."""
    return int(parse_tweet(unicodedata.normalize("NFC", words)).weightedLength)


class X(Network):
    """The connector. Secrets: "token" and "refresh_token" (OAuth 2.0), "client_secret", "webhook" (consumer secret)."""

    key = "x"
    title = "X"
    media_hosts = ("pbs.twimg.com",)
    home = "https://api.x.com"
    post_address = re.compile(
        r"https?://(?:\w+\.)?(?:x|twitter)\.com/[^/?#]+(?:/web)?/status(?:es)?/(?P<id>\d+)", re.IGNORECASE
    )
    capabilities = Capabilities(
        webhook=True,
        fetch=True,
        search=True,
        history=True,
        lookup=True,
        publish=frozenset({"public", "private"}),
        original=True,
        retract=True,
        hide=True,
        refresh=True,
        authorise=True,
        stream=True,
        search_history=True,
        register=True,
        resend="search",
    )
    limits = Limits(max=280, private_max=10_000, counter="weighted", count=weighted, pictures=_x_media.PICTURES)
    notices = frozenset({"revoked"})
    bills_posts = True
    rate = Rate(calls=300, per_s=900)
    recheck_every = timedelta(hours=24)
    lookup_at_once = 100
    poll_every_s = 60
    # A sign of life comes every 20 seconds.
    stream_silence_s = 30.0
    stream_tells = frozenset({"edit"})
    searching_streams = frozenset({_filtered.POSTS})
    fields = (
        Field("handle", _("Account"), _("The handle that customers write to, without @.")),
        Field("client_id", _("Client ID"), _("Developer portal, your app, “Keys and tokens”, OAuth 2.0.")),
        Field("client_secret", _("Client secret"), _("Shown once beside the client ID."), secret=True),
        Field("token", _("Access token"), _("Comes by signing in; or paste one."), secret=True, required=False),
        Field("refresh_token", _("Refresh token"), _("Comes with the access token."), secret=True, required=False),
        Field(
            "webhook",
            _("Consumer secret"),
            _("OAuth 1.0a “API key secret”: it signs the deliveries. Leave empty without webhooks."),
            secret=True,
            required=False,
        ),
        Field(
            "bearer",
            _("App bearer token"),
            _(
                "“Bearer token” of the same app: with it posts are heard as they are written, and X is told where to "
                "deliver. Without it they are asked for."
            ),
            secret=True,
            required=False,
        ),
        Field(
            "enterprise",
            _("Enterprise plan"),
            _("Write yes if the app's plan has back-fill and the compliance streams."),
            required=False,
        ),
        Field(
            "countries",
            _("Countries"),
            _("Where your people read, as US or US, CA: what X withholds there is erased here. Empty means US."),
            required=False,
        ),
    )

    def private_address(self, account: Account) -> str:
        """X shows it as a button, "Send a private message", where it stands at the end."""
        return f"{tweets.WRITE_TO}{account.account_id}" if account.account_id.isdigit() else ""

    def handshake(self, query: Mapping[str, str], secrets: Mapping[str, str]) -> Handshake | None:
        """X's challenge-response check, which it repeats whenever it likes."""
        return pushed.handshake(query, secrets)

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """HMAC-SHA256 in Base64 over the raw body, under the consumer secret; what is no object was never X's."""
        pushed.verify(headers, body, secrets)

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """The body's hash: Account Activity deliveries have no name, and are repeated word for word."""
        return hashlib.sha256(body).hexdigest()

    def registers(self, account: Account) -> bool:
        """With the secret that signs the deliveries and the app's own token, by which webhooks are managed."""
        return bool(account.secrets.get("webhook") and account.secrets.get("bearer"))

    def register(self, account: Account, callback: str, beside: Collection[str] = ()) -> None:
        """The app's webhook, checked anew where X holds it for broken, and the account's subscription to it."""
        webhooks.register(account, (callback, *beside))

    def registered(self, account: Account, callback: str, beside: Collection[str] = ()) -> Registration:
        """What X says of the webhook and of the subscription."""
        return webhooks.registered(account, (callback, *beside))

    def unregister(self, account: Account, callback: str, beside: Collection[str] = ()) -> None:
        """The account's subscription ends, and the webhook with the last of them."""
        webhooks.unregister(account, (callback, *beside))

    def parse(self, body: bytes) -> list[dict[str, Any]]:
        """An Account Activity or Activity API delivery."""
        return pushed.parse(body)

    def parcels(self, account: Account, headers: Mapping[str, str], body: bytes) -> Mapping[str, list[dict[str, Any]]]:
        """A delivery, by the account whose subscription brought it."""
        return pushed.parcels(body)

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """Mentions, our own posts and messages: a page of each, newest first, back to what was seen before."""
        return lists.news(account, _me(account), cursor, every=timedelta(seconds=self.poll_every_s))

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """Mentions between two times: as far as its search goes back by that, else of the last 800."""
        return lists.mentions_between(account, _me(account), since, until, cursor)

    def search(self, account: Account, query: str, cursor: dict[str, Any]) -> Fetched:
        """Posts of the last seven days, in X's own query language; a cursor from before that begins anew."""
        return lists.fitting(account, query, cursor)

    def streams(self, account: Account, wanted: Wanted) -> tuple[str, ...]:
        """The filtered stream of the app, and what its plan has beside it."""
        return _filtered.names(account)

    def stream(
        self, account: Account, name: str, cursor: dict[str, Any], wanted: Wanted
    ) -> Generator[Streamed, None, None]:
        """Posts that fit our rules, which are brought up to date before; or what must be forgotten."""
        return _filtered.hear(
            account,
            name,
            cursor,
            wanted,
            fields=FIELDS,
            look=lambda external_ids: self.lookup(account, external_ids),
            silence_s=self.stream_silence_s,
        )

    def leaves_out(self, account: Account, *, delivered: bool) -> bool:
        """Messages are not streamed: they are asked for as before, unless they are delivered."""
        return not delivered

    def search_history(
        self, account: Account, query: str, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Fetched:
        """What fitted within the last seven days, page by page."""
        return lists.fitting_between(account, query, since, until, cursor)

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Posts, a hundred a call. Messages cannot be asked for singly and are left out."""
        wanted = [own for own in external_ids if not own.startswith(MESSAGE)][: self.lookup_at_once]
        if not wanted:
            return {}
        body, _answer = ask(account, "GET", "2/tweets", params=FIELDS | {"ids": ",".join(wanted)})
        includes = mapping(body.get("includes"))
        found: dict[str, dict[str, Any] | None] = {
            identifier(tweet.get("id")): tweets.post(tweet, includes, account.account_id)
            for tweet in maps(body.get("data"))
        }
        for error in maps(body.get("errors")):
            if text(error.get("type")).endswith(_GONE):
                found[identifier(error.get("resource_id")) or text(error.get("value"))] = None
        return {own: found[own] for own in wanted if own in found}

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A reply, a post of our own, or a private message."""
        if outgoing.visibility == "private":
            return self._write_privately(account, outgoing)
        payload: dict[str, Any] = {"text": outgoing.text}
        if outgoing.in_reply_to:
            payload["reply"] = {"in_reply_to_tweet_id": outgoing.in_reply_to}
        if outgoing.pictures:
            payload["media"] = {"media_ids": [_x_media.bring(account, one, "tweet_image") for one in outgoing.pictures]}
        body, _answer = ask(account, "POST", "2/tweets", payload=payload)
        own = identifier(mapping(body.get("data")).get("id"))
        if not own:
            raise NetworkError(_("%(network)s stored something and did not say what") % self.named, "unknown")
        return Published(own, _address(account, own), _written(own))

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks for the text among what we wrote since the attempt; sure once X has had time to list it."""
        began = outgoing.attempted_at
        if outgoing.visibility == "private":
            found = self._message_like(account, outgoing)
        else:
            since = {"start_time": stamp(began - timedelta(minutes=1))} if began else {}
            found = self._post_like(account, outgoing, since)
        if found is None and began is not None and datetime.now(UTC) - began < SEEN_WITHIN:
            raise NetworkError(_("%(network)s may not list it yet") % self.named, "retry", began + SEEN_WITHIN)
        return found

    def retract(self, account: Account, external_id: str) -> None:
        """Deletes our post, or our message for everybody in it."""
        kind, own = (
            ("dm_events", external_id.removeprefix(MESSAGE)) if _private(external_id) else ("tweets", external_id)
        )
        try:
            ask(account, "DELETE", f"2/{kind}/{own}")
        except Gone:
            return

    def hide(self, account: Account, external_id: str, *, hidden: bool) -> None:
        """Hides a reply under a post of ours."""
        ask(account, "PUT", f"2/tweets/{external_id}/hidden", payload={"hidden": hidden})

    def file(self, account: Account, own: str) -> bytes:
        """A picture of a private message, for whoever takes part in it."""
        place = tweets.MESSAGE_FILE.fullmatch(files.named(own))
        if place is None:
            raise NetworkError(_("%(network)s shows this to nobody but its own app") % self.named, "give_up")
        url = f"{account.base_url.rstrip('/')}/2/dm_conversations/media/{'/'.join(place.groups())}"
        home, token = (urlsplit(account.base_url).hostname or "",), account.secrets.get("token", "")
        return files.brought(self.title, account, url, hosts=home, token=token, refuse=refused_by_x)

    def probe(self, account: Account) -> Probe:
        """Who the token acts as. X does not say when it ends: `refresh` did."""
        body, _answer = ask(account, "GET", "2/users/me")
        who = mapping(body.get("data"))
        if not identifier(who.get("id")):
            raise NetworkError(_("%(network)s did not say who we are") % self.named, "retry")
        return Probe(identifier(who.get("id")), text(who.get("username")) or account.handle, quota=posts_left(account))

    def refresh(self, account: Account) -> Refreshed:
        """New tokens for the refresh token, which X takes once."""
        renewal = account.secrets.get("refresh_token", "")
        if not renewal:
            raise NetworkError(
                _("%(network)s gave no refresh token; connect the account again") % self.named,
                "reauthorise",
            )
        return tokens(account, {"grant_type": "refresh_token", "refresh_token": renewal})

    def authorise(self, account: Account, back: str, state: str, secret: str) -> str:
        """X's page where the account's owner lets us act for it (OAuth 2.0 with PKCE)."""
        return oauth.page(SIGN_IN, account, back, state, SCOPES, **oauth.challenge(secret))

    def exchange(self, account: Account, back: str, secret: str, code: str, issuer: str = "") -> Refreshed:
        """The first tokens."""
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
        return tokens(account, given | {"code_verifier": oauth.verifier(secret)}, wanted=SCOPES)

    def revoke(self, account: Account) -> bool:
        """Gives the tokens back."""
        return revoke(account)

    def _write_privately(self, account: Account, outgoing: Outgoing) -> Published:
        to = outgoing.recipient_id or self._author_of(account, outgoing.in_reply_to or "")
        path = f"2/dm_conversations/with/{to}/messages"
        payload: dict[str, Any] = {"text": outgoing.text}
        if outgoing.pictures:
            brought = [_x_media.bring(account, one, "dm_image") for one in outgoing.pictures]
            payload["attachments"] = [{"media_id": own} for own in brought]
        body, _answer = ask(account, "POST", path, payload=payload)
        own = identifier(mapping(body.get("data")).get("dm_event_id"))
        if not own:
            raise NetworkError(_("%(network)s sent something and did not say what") % self.named, "unknown")
        return Published(f"{MESSAGE}{own}", None, _written(own))

    def _author_of(self, account: Account, external_id: str) -> str:
        found = self.lookup(account, [external_id]).get(external_id)
        if found is None:
            raise NetworkError(_("the post that this answers is no longer on %(network)s") % self.named, "give_up")
        return identifier(found["author"]["id"])

    def _post_like(self, account: Account, outgoing: Outgoing, since: Mapping[str, str]) -> Published | None:
        fields = {"tweet.fields": "created_at,entities,referenced_tweets", "max_results": PAGE}
        body, _answer = ask(account, "GET", f"2/users/{_me(account)}/tweets", params=fields | dict(since))
        for tweet in maps(body.get("data")):
            there = tweets.related(tweet).get("replied_to") == outgoing.in_reply_to
            if there and tweets.says(tweet, outgoing.text):
                own = identifier(tweet.get("id"))
                return Published(own, _address(account, own), _written(own))
        self._raise_unless_whole(body)
        return None

    def _message_like(self, account: Account, outgoing: Outgoing) -> Published | None:
        path = f"2/dm_conversations/with/{outgoing.recipient_id}/dm_events" if outgoing.recipient_id else "2/dm_events"
        body, _answer = ask(account, "GET", path, params=MESSAGE_FIELDS | {"max_results": PAGE})
        me, reaches = _me(account), False
        for event in maps(body.get("data")):
            own = identifier(event.get("id"))
            fresh = outgoing.attempted_at is None or _written(own) >= outgoing.attempted_at - timedelta(minutes=1)
            if fresh and identifier(event.get("sender_id")) == me and tweets.says(event, outgoing.text):
                return Published(f"{MESSAGE}{own}", None, _written(own))
            reaches |= not fresh
        self._raise_unless_whole(body, reaches=reaches)
        return None

    def _raise_unless_whole(self, body: Mapping[str, Any], *, reaches: bool = False) -> None:
        """What does not stand on a page is nowhere, if it `reaches` back to before the attempt or nothing follows it.

        Of nothing X leaves the list away and says so in numbers.
        """
        meta = mapping(body.get("meta"))
        if not isinstance(body.get("data"), list) and meta.get("result_count") != 0:
            raise NetworkError(_("%(network)s gave an answer that cannot be read") % self.named, "retry")
        if text(meta.get("next_token")) and not reaches:
            raise NetworkError(
                _("%(network)s lists more than we are given at once: look there") % self.named, "unknown"
            )


def _me(account: Account) -> str:
    return account.account_id or X().probe(account).account_id


def _address(account: Account, own: str) -> str:
    return f"https://x.com/{account.handle.removeprefix('@') or 'i'}/status/{own}"


def _written(own: str) -> datetime:
    born = tweets.born(own)
    return datetime.fromisoformat(born) if born else datetime.now(UTC)


def _private(external_id: str) -> bool:
    return external_id.startswith(MESSAGE)


NETWORK = X()

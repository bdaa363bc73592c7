"""Reddit: the inbox of the bank's account, what searches and subreddits bring, and answers under them.

Facts: Reddit's API documentation and its rules for clients (a user agent that says who asks, the limits that stand in
the answers' headers). There are no webhooks. Identifiers are Reddit's own full names: t1_ a comment, t3_ a post,
t4_ a private message. What was edited or removed is seen when it is listed again; what is listed no more, only by
looking it up.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any, Final

from django.utils.translation import gettext_lazy as _

from mentions.http import Response
from mentions.networks import (
    Account,
    Capabilities,
    Fetched,
    Field,
    Limits,
    Network,
    NetworkError,
    Outgoing,
    Probe,
    Published,
    Quota,
    Rate,
    Refreshed,
)
from mentions.networks import _oauth as oauth
from mentions.networks._polling import Page, between, walk
from mentions.networks._rest import Method, call
from mentions.networks._shapes import identifier, listed, mapping, maps, since_epoch, text
from mentions.networks._views import moment

SITE: Final = "https://www.reddit.com"
SIGN_IN: Final = f"{SITE}/api/v1/authorize"
SCOPES: Final = ("edit", "history", "identity", "privatemessages", "read", "submit")
AGENT: Final = "linux:glasshouse:1.0 (social media command center of {handle})"
COMMENT, POST, MESSAGE = "t1_", "t3_", "t4_"
PAGE: Final = "100"
LISTED: Final = 950  # entries, of the thousand that a list has at most: what was taken away is left out
SEEN_WITHIN: Final = timedelta(seconds=30)
_TAKEN_AWAY: Final = frozenset({"[deleted]", "[removed]"})


class Reddit(Network):
    """The connector. `handle` is the account's name. Secrets: "token", "refresh_token", "client_secret"."""

    key = "reddit"
    title = "Reddit"
    media_hosts = ("*.redd.it", "*.redditmedia.com", "*.redditstatic.com")
    home = "https://oauth.reddit.com"
    capabilities = Capabilities(
        fetch=True,
        history=True,
        search=True,
        lookup=True,
        publish=frozenset({"public", "private"}),
        retract=True,
        edit=True,
        refresh=True,
        authorise=True,
        search_history=True,
        resend="search",
    )
    limits = Limits(max=10_000, private_max=10_000)
    rate = Rate(calls=100, per_s=60)
    recheck_every = timedelta(hours=48)  # Reddit's terms for its data: what was deleted there goes here too
    lookup_at_once = 100
    poll_every_s = 30
    tells = frozenset({"edit"})
    fields = (
        Field("handle", _("Account"), _("The bank's user name, without u/.")),
        Field("client_id", _("Client ID"), _("reddit.com/prefs/apps, of an app of the kind “web app”.")),
        Field("client_secret", _("Client secret"), _("Beside the client ID."), secret=True),
        Field(
            "refresh_token",
            _("Refresh token"),
            _("Comes by signing in; or paste one of a permanent authorisation."),
            secret=True,
            required=False,
        ),
        Field("token", _("Access token"), _("Left empty: it is renewed by itself."), secret=True, required=False),
        Field(
            "subreddits",
            _("Subreddits"),
            _("Whose new posts and comments are read, such as banking+cards."),
            required=False,
        ),
    )

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """The inbox, what our account wrote and sent, and the newest of the subreddits that are watched."""
        items: tuple[dict[str, Any], ...] = ()
        complete, quota = True, None
        for name, path in _lists(account).items():
            told: list[Quota | None] = []
            found = walk(self._reader(account, path, {}, told), cursor, name=name)
            items, cursor, complete = items + found.items, found.cursor, complete and found.complete
            quota = next(filter(None, told), quota)
        return Fetched(items, cursor, quota=quota, complete=complete)

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """The same lists, each read down to then; Reddit lists the newest thousand of any."""
        readers = [self._reader(account, path, {}, []) for path in _lists(account).values()]
        return between(readers, since, until, cursor, longest=LISTED)

    def search(self, account: Account, query: str, cursor: dict[str, Any]) -> Fetched:
        """New posts that fit, in Reddit's query language; comments cannot be searched."""
        asked = {"q": query, "sort": "new", "type": "link", "include_over_18": "on"}
        return walk(self._reader(account, "search", asked, []), cursor)

    def search_history(
        self, account: Account, query: str, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Fetched:
        """Posts page by page, newest first, as far back as Reddit lists them."""
        asked = {"q": query, "sort": "new", "type": "link", "include_over_18": "on"}
        quota: list[Quota | None] = []
        at, now = cursor.get("page"), datetime.now(UTC)
        entries, following = self._reader(account, "search", asked, quota)(at if isinstance(at, str) else None)
        times = [(moment(entry.get("created_at"), now), entry) for entry in entries]
        items = tuple(entry for time, entry in times if since <= time <= until)
        more = following is not None and bool(times) and min(time for time, _entry in times) >= since
        left = next(iter(quota), None)
        return Fetched(items, {"page": following} if more else {}, now if more else None, left)

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """Posts and comments, a hundred a call; removed by its author or a moderator is gone."""
        wanted = [own for own in external_ids if own.startswith((COMMENT, POST))][: self.lookup_at_once]
        if not wanted:
            return {}
        body, _answer = self._ask(account, "GET", "api/info", params={"id": ",".join(wanted), "raw_json": "1"})
        things = {text(mapping(thing.get("data")).get("name")): thing for thing in _children(body)}
        found: dict[str, dict[str, Any] | None] = {}
        for own in wanted:
            item = self._item(account, things.get(own, {}))
            found[own] = None if not item["external_id"] or "op" in item else item
        return found

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """A comment under a post or comment, an answer to a message, or a new message."""
        if outgoing.visibility == "private" and not text(outgoing.in_reply_to).startswith(MESSAGE):
            return self._write_to(account, outgoing)
        if not outgoing.in_reply_to:
            raise NetworkError(_("posts of our own are not written on %(network)s from here") % self.named, "give_up")
        form = {"thing_id": outgoing.in_reply_to, "text": outgoing.text, "api_type": "json", "raw_json": "1"}
        told = mapping(self._act(account, "api/comment", form).get("data"))
        data = next((mapping(thing.get("data")) for thing in maps(told.get("things"))), {})
        return _published(data)

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Looks for our words among the newest that we wrote; sure once Reddit has had time to list them."""
        began, about = outgoing.attempted_at, text(outgoing.in_reply_to)
        if outgoing.visibility != "private" or about.startswith(MESSAGE):
            name, wanted = "parent_id", about
        else:
            name, wanted = "dest", self._to_whom(account, outgoing)
        path = "message/sent" if outgoing.visibility == "private" else f"user/{account.handle}/comments"
        body, _answer = self._ask(account, "GET", path, params={"limit": PAGE, "raw_json": "1"})
        older = False
        for thing in _children(body):
            data = mapping(thing.get("data"))
            written = since_epoch(_whole(data.get("created_utc")))
            late = began is None or written is None or datetime.fromisoformat(written) >= began - timedelta(minutes=1)
            older |= not late
            there = text(data.get(name)).casefold() == wanted.casefold()
            if there and late and text(data.get("body")).split() == outgoing.text.split():
                return _published(data)
        if mapping(body.get("data")).get("after") and not older:
            raise NetworkError(
                _("%(network)s lists more than we are given at once: look there") % self.named, "unknown"
            )
        if began is not None and datetime.now(UTC) - began < SEEN_WITHIN:
            raise NetworkError(_("%(network)s may not list it yet") % self.named, "retry", began + SEEN_WITHIN)
        return None

    def retract(self, account: Account, external_id: str) -> None:
        """Deletes our comment; Reddit answers the same when it is gone already."""
        if external_id.startswith(MESSAGE):
            raise NetworkError(_("%(network)s takes no message back") % self.named, "give_up")
        self._ask(account, "POST", "api/del", form={"id": external_id}, acting=False)

    def edit(self, account: Account, external_id: str, text: str) -> Published:
        """Replaces the words of our comment."""
        form = {"thing_id": external_id, "text": text, "api_type": "json"}
        self._act(account, "api/editusertext", form, acting=False)
        return Published(external_id, None, datetime.now(UTC))

    def probe(self, account: Account) -> Probe:
        """Whose token it is."""
        body, answer = self._ask(account, "GET", "api/v1/me")
        if not text(body.get("name")):
            raise NetworkError(_("%(network)s did not say who we are") % self.named, "retry")
        return Probe(f"t2_{text(body.get('id'))}", text(body.get("name")), quota=_quota(answer))

    def refresh(self, account: Account) -> Refreshed:
        """An access token lasts a day; the refresh token stays, unless another comes with it."""
        form = {"grant_type": "refresh_token", "refresh_token": account.secrets.get("refresh_token", "")}
        return self._tokens(account, form)

    def authorise(self, account: Account, back: str, state: str, secret: str) -> str:
        """Reddit's page where the account's owner lets us act for as long as it is not taken back."""
        return oauth.page(SIGN_IN, account, back, state, SCOPES, duration="permanent")

    def exchange(self, account: Account, back: str, secret: str, code: str, issuer: str = "") -> Refreshed:
        """The first tokens."""
        form = {"grant_type": "authorization_code", "code": code.removesuffix("#_"), "redirect_uri": back}
        return self._tokens(account, form, wanted=SCOPES)

    def revoke(self, account: Account) -> bool:
        """Gives the refresh token back, and with it every token that came of it."""
        if renewal := account.secrets.get("refresh_token", ""):
            self._as_app(account, "revoke_token", {"token": renewal, "token_type_hint": "refresh_token"})
        return bool(renewal)

    def _as_app(self, account: Account, what: str, form: Mapping[str, str]) -> Any:
        client, secret = str(account.settings.get("client_id", "")), account.secrets.get("client_secret", "")
        known = base64.b64encode(f"{client}:{secret}".encode()).decode()
        site = account.base_url if account.base_url.rstrip("/") != self.home else SITE
        headers = self._headers(account) | {"authorization": f"Basic {known}"}
        address = f"{site.rstrip('/')}/api/v1/{what}"
        return call(self.title, account, "POST", address, headers=headers, form=form, acting=False, refuse=_ended)[0]

    def _tokens(self, account: Account, form: Mapping[str, str], *, wanted: Sequence[str] = ()) -> Refreshed:
        told = mapping(self._as_app(account, "access_token", form))
        lasts = told.get("expires_in")
        if not text(told.get("access_token")) or not isinstance(lasts, int):
            raise _no_longer()
        kept = {"token": text(told["access_token"])}
        if renewal := text(told.get("refresh_token")):
            kept["refresh_token"] = renewal
        oauth.require(self.title, oauth.granted(told, wanted), wanted, kept)
        return Refreshed(kept, datetime.now(UTC) + timedelta(seconds=lasts))

    def _write_to(self, account: Account, outgoing: Outgoing) -> Published:
        subject = str(account.settings.get("subject") or _("Your post"))
        form = {"to": self._to_whom(account, outgoing), "subject": subject, "text": outgoing.text}
        self._act(account, "api/compose", form | {"api_type": "json"})
        try:
            found = self.reconcile(account, outgoing.client_key, outgoing)
        except NetworkError as error:
            # It is written: that it cannot be read yet must not send it again.
            raise NetworkError(error.message, "unknown") from None
        if found is None:
            raise NetworkError(_("%(network)s took the message and does not list it") % self.named, "unknown")
        return found

    def _to_whom(self, account: Account, outgoing: Outgoing) -> str:
        """The name of whoever is written to: the author of what is answered, where it is not told."""
        if outgoing.recipient_handle:
            return outgoing.recipient_handle.removeprefix("u/")
        external_id = outgoing.in_reply_to or ""
        found = self.lookup(account, [external_id]).get(external_id)
        if found is None:
            raise NetworkError(_("what this answers is no longer on %(network)s") % self.named, "give_up")
        return text(found["author"]["handle"])

    def _reader(
        self, account: Account, path: str, asked: Mapping[str, str], told: list[Quota | None]
    ) -> Callable[[str | None], Page]:
        """How pages of a list are read; what is left of our allowance is appended to `told`."""

        def read(after: str | None) -> Page:
            params = {"limit": PAGE, "raw_json": "1", **asked} | ({"after": after} if after else {})
            body, answer = self._ask(account, "GET", path, params=params)
            told.append(_quota(answer))
            items = [self._item(account, thing) for thing in _children(body)]
            return items, text(mapping(body.get("data")).get("after")) or None

        return read

    def _item(self, account: Account, thing: Mapping[str, Any]) -> dict[str, Any]:
        data = mapping(thing.get("data"))
        own, kind = text(data.get("name")), text(thing.get("kind"))
        if _taken_away(data, account):
            return {"network": self.key, "external_id": own, "op": "delete"}
        private = kind == "t4" or own.startswith(MESSAGE)
        words = (
            data.get("body")
            if not own.startswith(POST)
            else "\n\n".join(filter(None, (text(data.get("title")), text(data.get("selftext")))))
        )
        parent = text(data.get("parent_id"))
        edited = data.get("edited")
        address = data.get("permalink") or data.get("context")
        item = {
            "network": self.key,
            "external_id": own,
            "kind": "message" if private else "post" if own.startswith(POST) else "comment",
            "visibility": "private" if private else "public",
            "author": {
                "id": data.get("author_fullname") or f"u/{text(data.get('author'))}",
                "handle": data.get("author"),
            },
            "text": unescape(words) if isinstance(words, str) else words,
            "created_at": since_epoch(_whole(data.get("created_utc"))),
            "url": f"{SITE}{address}" if isinstance(address, str) and address.startswith("/") else None,
            "in_reply_to": parent or None,
            "conversation_id": data.get("link_id") or data.get("first_message_name") or own,
            "metrics": {"likes": data.get("ups"), "replies": data.get("num_comments")},
            "subreddit": data.get("subreddit"),
        }
        return item | ({"edited_at": since_epoch(_whole(edited))} if isinstance(edited, int | float) and edited else {})

    def _act(self, account: Account, path: str, form: Mapping[str, str], *, acting: bool = True) -> dict[str, Any]:
        """Something that Reddit does, whose refusals stand in an answer that says 200."""
        body, _answer = self._ask(account, "POST", path, form=form, acting=acting)
        told = mapping(body.get("json"))
        for error in listed(told.get("errors")):
            code = text(error[0]) if isinstance(error, list) and error else ""
            if code == "RATELIMIT":
                raise NetworkError(
                    _("%(network)s asks us to wait") % self.named,
                    "retry",
                    datetime.now(UTC) + timedelta(minutes=10),
                )
            raise NetworkError(
                _("%(network)s refuses this (%(code)s)")
                % {"network": self.title, "code": code.lower() or "no reason given"},
                "give_up",
            )
        return told

    def _ask(
        self,
        account: Account,
        method: Method,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        acting: bool | None = None,
    ) -> tuple[dict[str, Any], Response]:
        body, answer = call(
            self.title,
            account,
            method,
            path,
            token=account.secrets.get("token", ""),
            headers=self._headers(account),
            params=params,
            form=form,
            acting=acting,
            refuse=_refused,
        )
        if not isinstance(body, dict):
            doing = method == "POST" if acting is None else acting
            raise NetworkError(
                _("%(network)s gave an answer that cannot be read") % self.named,
                "unknown" if doing else "retry",
            )
        return body, answer

    def _headers(self, account: Account) -> dict[str, str]:
        return {"user-agent": AGENT.format(handle=f"u/{account.handle}")}


def _taken_away(data: Mapping[str, Any], account: Account) -> bool:
    """Whether its author or a moderator removed it; the words of a post and its author may be told all the same.

    What our own account wrote is heard while its words are told, whoever hides it from others: it may be foreign.
    """
    said = {text(data.get(name)) for name in ("author", "body", "selftext")}
    ours = text(data.get("author")).casefold() == account.handle.casefold()
    return bool(said & _TAKEN_AWAY) or (not ours and bool(data.get("removed_by_category")))


def _refused(answer: Response, acting: bool) -> NetworkError | None:
    """Reddit says in a header after how many seconds its window begins anew; 403 is a closed door, not our key."""
    reset = _whole(answer.headers.get("x-ratelimit-reset"))
    if answer.status == 429 and reset.isdigit() and len(reset) < 6:
        return NetworkError(
            _("%(network)s asks us to wait") % {"network": Reddit.title},
            "retry",
            datetime.now(UTC) + timedelta(seconds=int(reset) + 1),
        )
    if answer.status == 403 and acting:
        return NetworkError(_("%(network)s does not let us write there (403)") % {"network": Reddit.title}, "give_up")
    return None


def _ended(answer: Response, acting: bool) -> NetworkError | None:
    return _no_longer() if answer.status in (400, 401) else None


def _no_longer() -> NetworkError:
    ended = _("%(network)s does not take what we were let in by; connect the account again") % {"network": Reddit.title}
    return NetworkError(ended, "reauthorise")


def _published(data: Mapping[str, Any]) -> Published:
    own = text(data.get("name"))
    if not own:
        raise NetworkError(
            _("%(network)s stored something and did not say what") % {"network": Reddit.title}, "unknown"
        )
    address, written = data.get("permalink"), since_epoch(_whole(data.get("created_utc")))
    url = f"{SITE}{address}" if isinstance(address, str) else None
    return Published(own, url, datetime.fromisoformat(written) if written else datetime.now(UTC))


def _children(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    children = mapping(body.get("data")).get("children")
    if not isinstance(children, list):  # no list is not an empty one: that would say that all of it is gone
        raise NetworkError(_("%(network)s gave an answer that cannot be read") % {"network": Reddit.title}, "retry")
    return maps(children)


def _quota(answer: Response) -> Quota | None:
    used, left, reset = (_whole(answer.headers.get(f"x-ratelimit-{name}")) for name in ("used", "remaining", "reset"))
    if not (used.isdigit() and left.isdigit() and reset.isdigit()) or len(reset) > 6:
        return None
    until = datetime.now(UTC) + timedelta(seconds=int(reset))
    return Quota("calls", int(used) + int(left), int(left), until)


def _whole(value: object) -> str:
    """A number that Reddit writes with a fraction."""
    if isinstance(value, float):
        return str(int(value)) if 0 <= value < 1e12 else ""
    return identifier(value).partition(".")[0]


def _lists(account: Account) -> dict[str, str]:
    """What is read of an account, by a name of ours."""
    lists = {"inbox": "message/inbox", "own": f"user/{account.handle}/overview", "sent": "message/sent"}
    watched = str(account.settings.get("subreddits", "")).replace(" ", "").replace(",", "+")
    return lists | ({"posts": f"r/{watched}/new", "comments": f"r/{watched}/comments"} if watched else {})


NETWORK = Reddit()

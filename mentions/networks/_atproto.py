"""The AT Protocol's calls (XRPC) as one account: its session, its errors, its limits.

An account that signed in brings a session whose tokens are bound to a key; see `_atproto_oauth`. Any other brings a
session's tokens ("token", "renewal") or the app password that makes them ("password"), or both. Tokens that the product
stored are used while they hold. Where none hold, the app password opens a session that this process keeps for itself,
since the network allows few openings a day. A stored "renewal" is spent by `renew` alone: it works once, and its
successor has to be stored.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentions import http
from mentions.http import Response
from mentions.networks import Account, NetworkError, Quota, _dpop
from mentions.networks import _atproto_oauth as sign_in
from mentions.networks._answers import lost, refused, wait_until
from mentions.networks._identity import TITLE

EARLY_S: Final = 60.0
KEPT_SESSIONS: Final = 256

Query = Sequence[tuple[str, str]]

# What the network calls the end of a session or of an account, whatever status it sends it with.
_ENDED: Final = frozenset(
    {"ExpiredToken", "InvalidToken", "AuthMissing", "AuthenticationRequired", "BadJwt", "invalid_token"}
)
_CLOSED: Final = {
    "AccountTakedown": gettext_lazy("Bluesky has taken our account down"),
    "AccountDeactivated": gettext_lazy("our account is deactivated"),
    "AuthFactorTokenRequired": gettext_lazy("this is the account's own password: make an app password"),
}
_kept: dict[str, Session] = {}


class Refusal(NetworkError):
    """A `NetworkError` that also has the network's own name for it, such as "RecordNotFound"."""

    def __init__(self, error: NetworkError, name: str) -> None:
        super().__init__(error.message, error.follow, error.retry_at)
        self.name = name


@dataclass(frozen=True, slots=True)
class Session:
    """Who we are there (`did`), and the tokens that show it. `until` is when `token` ends, in epoch seconds.

    `key` is what the token is bound to, and `server` the only one that it is sent to, where we signed in.
    """

    did: str
    handle: str
    token: str = field(repr=False)
    renewal: str = field(default="", repr=False)
    until: float = 0.0
    key: str = field(default="", repr=False)
    server: str = ""

    @property
    def ends_at(self) -> datetime | None:
        """When the token ends; None if it does not say."""
        return datetime.fromtimestamp(self.until, UTC) if self.until else None

    @property
    def holds(self) -> bool:
        """Whether it may be used, as far as can be known here."""
        return not self.until or time.time() < self.until - EARLY_S


@dataclass(frozen=True, slots=True)
class Answer:
    """A decoded answer, and what is left of our allowance where the network says so."""

    body: dict[str, Any]
    quota: Quota | None


def ask(account: Account, method: str, query: Query = (), service: str = "") -> Answer:
    """Reads something as the account, at our server or a service behind it. Raises `NetworkError`, never "unknown"."""
    return _as_account(account, method, query, None, service)


def do(account: Account, method: str, payload: Mapping[str, Any], service: str = "") -> Answer:
    """Changes something as the account. Raises `NetworkError`, "unknown" where it may have happened."""
    return _as_account(account, method, (), payload, service)


def upload(account: Account, kind: str, body: bytes) -> Mapping[str, Any]:
    """Leaves a file with our server, for a record that names it soon; how a record names it. Raises `NetworkError`."""
    try:
        answer = _sent(account, "com.atproto.repo.uploadBlob", session(account), "POST", file=(kind, body))
    except http.HttpFailure as failure:
        raise lost(TITLE, failure, acting=False) from None
    if answer.status != 200:
        raise _refused(answer, acting=False)
    return _body_of(answer, acting=False)


def session(account: Account, *, anew: bool = False) -> Session:
    """The session to act with, opened if need be; `anew` when the network no longer takes the one at hand."""
    if sign_in.holds(account):
        return _signed_in(account)
    stored = account.secrets.get("token", "")
    password = account.secrets.get("password", "")
    secret = hashlib.sha256(password.encode()).hexdigest()
    key = f"{account.base_url} {account.handle} {account.account_id} {secret}"
    kept = _kept.get(key) if password and not anew else None
    if kept is not None and kept.holds:
        return kept
    if stored and not anew:
        found = _of_tokens(account, stored, account.secrets.get("renewal", ""))
        if (found.did and found.holds) or not password:
            return found
    if not password:
        raise NetworkError(_("%(network)s needs a sign-in or an app password") % {"network": TITLE}, "reauthorise")
    opened = open_session(account)
    if len(_kept) >= KEPT_SESSIONS:
        _kept.clear()
    _kept[key] = opened
    return opened


def open_session(account: Account) -> Session:
    """A new session by the app password."""
    who = account.handle.removeprefix("@") or account.account_id
    payload = {"identifier": who, "password": account.secrets.get("password", "")}
    body = _call(account, "com.atproto.server.createSession", (), payload, None, acting=False).body
    return _opened(account, body)


def renew(account: Account) -> Session:
    """A new session by the stored renewal token, or by the app password where that is of no use any more."""
    renewal = account.secrets.get("renewal", "")
    if not renewal:
        return open_session(account)
    try:
        spent = Session("", "", renewal)
        body = _call(account, "com.atproto.server.refreshSession", (), {}, spent, acting=False).body
    except NetworkError as error:
        if error.follow != "reauthorise" or not account.secrets.get("password"):
            raise
        return open_session(account)
    return _opened(account, body)


def _as_account(account: Account, method: str, query: Query, payload: Mapping[str, Any] | None, service: str) -> Answer:
    current = session(account)
    acting = payload is not None
    try:
        return _call(account, method, query, payload, current, acting=acting, service=service)
    except Refusal as refusal:
        # A call that was refused for its token certainly did nothing, so it may go out again.
        if refusal.name not in _ENDED or current.key or not account.secrets.get("password"):
            raise
    return _call(account, method, query, payload, session(account, anew=True), acting=acting, service=service)


def _call(
    account: Account,
    method: str,
    query: Query,
    payload: Mapping[str, Any] | None,
    by: Session | None,
    *,
    acting: bool,
    service: str = "",
) -> Answer:
    verb: Literal["GET", "POST"] = "GET" if payload is None else "POST"
    headers = {"atproto-proxy": service} if service else {}
    asked = f"{method}?{urlencode(query)}" if query else method
    try:
        answer = _sent(account, asked, by, verb, headers=headers, payload=payload or None)
    except http.HttpFailure as failure:
        raise lost(TITLE, failure, acting=acting) from None
    if answer.status != 200:
        raise _refused(answer, acting=acting)
    return Answer(_body_of(answer, acting=acting), _quota(answer))


def _sent(
    account: Account, asked: str, by: Session | None, verb: Literal["GET", "POST"], *, headers: Any = None, **what: Any
) -> Response:
    server = by.server if by is not None and by.server else account.base_url
    address = f"{server.rstrip('/')}/xrpc/{asked}"
    if by is not None and by.key:
        return _dpop.request(verb, address, by.key, token=by.token, headers=headers, local=account.local, **what)
    bearer = {"authorization": f"Bearer {by.token}"} if by is not None else {}
    return http.request(verb, address, headers={**(headers or {}), **bearer}, local=account.local, **what)


def _body_of(answer: Response, *, acting: bool) -> dict[str, Any]:
    try:
        body = answer.json() if answer.body else {}
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise NetworkError(
            _("%(network)s gave an answer that cannot be read") % {"network": TITLE}, "unknown" if acting else "poison"
        )
    return body


def _refused(answer: Response, *, acting: bool) -> Refusal:
    """What a refusal means. Only the network's short name for it is repeated: its sentence may quote a customer."""
    try:
        body = answer.json()
    except ValueError:
        body = None
    name = body.get("error") if isinstance(body, dict) else None
    name = name if isinstance(name, str) and re.fullmatch("[A-Za-z0-9_]{1,60}", name) else ""
    if name in _CLOSED:
        return Refusal(NetworkError(_CLOSED[name], "reauthorise"), name)
    if name in _ENDED:
        return Refusal(
            NetworkError(
                _("%(network)s does not accept our credentials (%(name)s)") % {"network": TITLE, "name": name},
                "reauthorise",
            ),
            name,
        )
    if answer.status == 429:
        error = refused(TITLE, answer, acting=acting)
        quota = _quota(answer)
        if wait_until(answer) is None and quota is not None and quota.resets_at is not None:
            error.retry_at = quota.resets_at
        return Refusal(error, name or "RateLimitExceeded")
    if answer.status == 403:
        return Refusal(
            NetworkError(
                _("%(network)s does not allow this (%(name)s)") % {"network": TITLE, "name": name or 403}, "give_up"
            ),
            name,
        )
    if 400 <= answer.status < 500 and answer.status not in (401, 404, 408, 410):
        return Refusal(
            NetworkError(
                _("%(network)s refuses this (%(name)s)") % {"network": TITLE, "name": name or answer.status}, "give_up"
            ),
            name,
        )
    return Refusal(refused(TITLE, answer, acting=acting), name)


def _quota(answer: Response) -> Quota | None:
    """What the rate-limit headers say: calls, and the epoch second at which they are counted anew."""
    told = [answer.headers.get(f"ratelimit-{name}", "") for name in ("limit", "remaining", "reset")]
    if not all(value.isascii() and value.isdigit() and len(value) <= 12 for value in told):
        return None
    limit, remaining, reset = map(int, told)
    try:
        return Quota("calls", limit, remaining, datetime.fromtimestamp(reset, UTC))
    except (ValueError, OverflowError, OSError):
        return Quota("calls", limit, remaining)


def _opened(account: Account, body: Mapping[str, Any]) -> Session:
    did, handle = body.get("did"), body.get("handle")
    token, renewal = body.get("accessJwt"), body.get("refreshJwt")
    if not all(isinstance(value, str) and value for value in (did, token, renewal)):
        raise NetworkError(_("%(network)s opened a session that cannot be read") % {"network": TITLE}, "retry")
    if account.account_id and did != account.account_id:
        raise NetworkError(_("the app password is another account's"), "reauthorise")
    known = handle if isinstance(handle, str) else account.handle
    return Session(str(did), known, str(token), str(renewal), _claims(str(token))[1])


def _signed_in(account: Account) -> Session:
    kept = account.secrets
    until = float(kept.get("until") or 0)
    if until <= time.time():
        raise NetworkError(_("the session with %(network)s is just being renewed") % {"network": TITLE}, "retry")
    tokens = (kept["token"], kept.get("refresh_token", ""))
    return Session(kept.get("did", ""), account.handle, *tokens, until, kept["dpop_key"], kept.get("server", ""))


def _of_tokens(account: Account, token: str, renewal: str) -> Session:
    subject, until = _claims(token)
    return Session(account.account_id or subject, account.handle, token, renewal, until)


def _claims(token: str) -> tuple[str, float]:
    """Whose token it is and when it ends, by its own word. Only the network checks the signature."""
    try:
        middle = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
        subject, until = claims.get("sub"), claims.get("exp")
    except (ValueError, IndexError, AttributeError, RecursionError):
        return "", 0.0
    ends = float(until) if isinstance(until, int) and 0 < until < 2**33 else 0.0
    return subject if isinstance(subject, str) else "", ends

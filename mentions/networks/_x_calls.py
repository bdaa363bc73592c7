"""Asking X: its refusals, its tokens and what it says of our allowance."""

from __future__ import annotations

import base64
from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mentions.http import Response, billed
from mentions.networks import Account, NetworkError, Quota, Refreshed
from mentions.networks import _oauth as oauth
from mentions.networks._rest import OK, Method, call, error_of
from mentions.networks._shapes import identifier, mapping, maps, text

TITLE: Final = "X"
PAGE: Final = "100"
SEARCH: Final = "2/tweets/search/recent"
_UNREACHED: Final = {
    "CrcValidationFailed": gettext_lazy(
        "%(network)s asked our address for proof that it is ours and got none: is it reachable from outside?"
    ),
    "UrlValidationFailed": gettext_lazy("%(network)s does not take our address: it must be https, without a port"),
    "DuplicateUrlFailed": gettext_lazy("%(network)s has this address already, for another app"),
    "WebhookLimitExceeded": gettext_lazy(
        "%(network)s has another webhook for this app already, and its plan allows no more"
    ),
}
_POSTS: Final = ("/tweets", "/mentions", SEARCH)  # what X bills by the post that it gives
_USAGE: Final = "2/usage/tweets"


def ask(
    account: Account,
    method: Method,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    payload: object = None,
    acting: bool | None = None,
    token: str | None = None,
) -> tuple[dict[str, Any], Response]:
    """One call with the account's token, or another: the object that X answered, and the answer it came in."""
    body, answer = call(
        TITLE,
        account,
        method,
        path,
        token=account.secrets.get("token", "") if token is None else token,
        params=params,
        payload=payload,
        acting=acting,
        refuse=lambda answer, acting: refused_by_x(answer, acting=acting),
    )
    if not isinstance(body, dict):
        doing = method == "POST" if acting is None else acting
        raise NetworkError(
            _("%(network)s gave an answer that cannot be read") % {"network": TITLE}, "unknown" if doing else "retry"
        )
    if method == "GET" and path.endswith(_POSTS) and path != _USAGE:
        billed(len(maps(body.get("data"))))
    return body, answer


def refused_by_x(answer: Response, acting: bool) -> NetworkError | None:
    """What is X's own: times by the second, and 403 for what may not be said rather than for who says it."""
    reset = answer.headers.get("x-rate-limit-reset", "")
    if answer.status == 429 and reset.isascii() and reset.isdigit() and len(reset) < 12:
        longest = datetime.now(UTC) + timedelta(days=1)
        until = min(datetime.fromtimestamp(int(reset), UTC), longest)
        # The header speaks of the one endpoint that was asked.
        return NetworkError(_("%(network)s asks us to wait") % {"network": TITLE}, "retry", until, holds="kind")
    if answer.status == 402:
        spent = _("%(network)s has no credits left for this account: top them up or raise the limit") % {
            "network": TITLE
        }
        return NetworkError(spent, "retry", datetime.now(UTC) + timedelta(hours=1))
    failed = next((text(one.get("title")) for one in maps(mapping(error_of(answer)).get("errors"))), "")
    if answer.status == 400 and failed in _UNREACHED:
        return NetworkError(_UNREACHED[failed] % {"network": TITLE}, "give_up")
    if answer.status == 403 and acting:
        duplicate = "duplicate" in text(mapping(error_of(answer)).get("detail"))
        if duplicate:
            return NetworkError(_("%(network)s has this text from us already (403)") % {"network": TITLE}, "give_up")
        return NetworkError(_("%(network)s does not let us write this here (403)") % {"network": TITLE}, "give_up")
    return None


def tokens(account: Account, given: Mapping[str, str], *, wanted: Collection[str] = ()) -> Refreshed:
    """Tokens for a code or for a refresh token; `wanted` is what they must be good for. Raises `NetworkError`."""
    told = _as_app(account, "token", given)
    if not text(told.get("access_token")):
        raise NetworkError(_("%(network)s gave no token") % {"network": TITLE}, "reauthorise")
    lasts = told.get("expires_in")
    ends = datetime.now(UTC) + timedelta(seconds=lasts) if isinstance(lasts, int) else None
    kept = {"token": text(told["access_token"])}
    if renewal := text(told.get("refresh_token")):
        kept["refresh_token"] = renewal
    oauth.require(TITLE, oauth.granted(told, wanted), wanted, kept)
    return Refreshed(kept, ends)


def revoke(account: Account) -> bool:
    """Gives back the token that new ones come of, and the one that acts; what X knows no more is given back."""
    kept = {"refresh_token": account.secrets.get("refresh_token"), "access_token": account.secrets.get("token")}
    given = {kind: token for kind, token in kept.items() if token and account.settings.get("client_id")}
    for kind, token in given.items():
        _as_app(account, "revoke", {"token": token, "token_type_hint": kind}, ok=OK | {400})
    return bool(given)


def _as_app(account: Account, what: str, given: Mapping[str, str], *, ok: Collection[int] = OK) -> Mapping[str, Any]:
    client, secret = str(account.settings.get("client_id", "")), account.secrets.get("client_secret", "")
    known = base64.b64encode(f"{client}:{secret}".encode()).decode()
    headers = {"authorization": f"Basic {known}"} if secret else {}
    form = dict(given) | {"client_id": client}
    address = f"2/oauth2/{what}"
    body, _answer = call(TITLE, account, "POST", address, headers=headers, form=form, acting=True, refuse=_ended, ok=ok)
    return mapping(body)


def _ended(answer: Response, acting: bool) -> NetworkError | None:
    if answer.status == 400:
        return NetworkError(
            _("%(network)s no longer takes the refresh token; connect the account again") % {"network": TITLE},
            "reauthorise",
        )
    return None


def posts_left(account: Account) -> Quota | None:
    """How many posts the app may still read before its plan begins anew; None without the app's own token."""
    if not account.secrets.get("bearer"):
        return None
    try:
        body, _answer = ask(account, "GET", _USAGE, token=account.secrets["bearer"])
    except NetworkError:
        return None  # that a plan does not tell it says nothing of the account
    told = mapping(body.get("data"))
    limit, used = (identifier(told.get(f"project_{name}")) for name in ("cap", "usage"))
    day = told.get("cap_reset_day")
    if not (limit.isdigit() and used.isdigit() and isinstance(day, int) and 1 <= day <= 31):
        return None
    return Quota("posts", int(limit), max(0, int(limit) - int(used)), _next(day))


def _next(day: int) -> datetime:
    """When this day of the month comes again; the last one of a month that is shorter."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    this = today.replace(day=min(day, monthrange(today.year, today.month)[1]))
    if this > today:
        return this
    year, month = (today.year, today.month + 1) if today.month < 12 else (today.year + 1, 1)
    return today.replace(year=year, month=month, day=min(day, monthrange(year, month)[1]))


def quota_of(answer: Response) -> Quota | None:
    found = [answer.headers.get(f"x-rate-limit-{name}", "") for name in ("limit", "remaining", "reset")]
    if not all(value.isascii() and value.isdigit() and len(value) < 12 for value in found):
        return None
    limit, remaining, reset = map(int, found)
    return Quota("calls", limit, remaining, datetime.fromtimestamp(reset, UTC))

"""What Google's APIs have in common: how they refuse, and tokens that last an hour."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from mentions.http import Response
from mentions.networks import Account, NetworkError, Refreshed
from mentions.networks import _oauth as oauth
from mentions.networks._rest import OK, Method, call, error_of
from mentions.networks._shapes import mapping, maps, text

TOKENS: Final = "https://oauth2.googleapis.com/token"
REVOKES: Final = "https://oauth2.googleapis.com/revoke"
SIGN_IN: Final = "https://accounts.google.com/o/oauth2/v2/auth"
GRANTS: Final = "google"
_QUOTA: Final = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_RATE: Final = frozenset({"rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED"})


def ask(
    title: str,
    account: Account,
    method: Method,
    path: str,
    *,
    params: Mapping[str, str] | None = None,
    payload: object = None,
    acting: bool | None = None,
) -> dict[str, Any]:
    """One call with the account's token. Raises `NetworkError`."""

    def refuse(answer: Response, doing: bool) -> NetworkError | None:
        return _refused(title, answer, doing)

    token = account.secrets.get("token", "")
    body, _answer = call(
        title, account, method, path, token=token, params=params, payload=payload, acting=acting, refuse=refuse
    )
    if not isinstance(body, dict):
        doing = method == "POST" if acting is None else acting
        raise NetworkError(
            _("%(network)s gave an answer that cannot be read") % {"network": title}, "unknown" if doing else "retry"
        )
    return body


def refreshed(
    title: str, account: Account, home: str, form: Mapping[str, str], *, wanted: Collection[str] = ()
) -> Refreshed:
    """A token for whatever proves that it is us; `home` is where the API usually is, `wanted` what it must allow."""
    address = TOKENS if account.base_url.rstrip("/") == home else f"{account.base_url.rstrip('/')}/token"
    body, _answer = call(title, account, "POST", address, form=form, acting=False, refuse=_ended)
    told = mapping(body)
    lasts = told.get("expires_in")
    if not text(told.get("access_token")) or not isinstance(lasts, int):
        raise NetworkError(
            _("%(network)s gave no token; connect the account again") % {"network": title}, "reauthorise"
        )
    kept = {"token": text(told["access_token"])}
    if renewal := text(told.get("refresh_token")):
        kept["refresh_token"] = renewal
    oauth.require(title, oauth.granted(told, wanted), wanted, kept)
    return Refreshed(kept, datetime.now(UTC) + timedelta(seconds=lasts))


def signing_in(account: Account, back: str, state: str, scope: str, secret: str) -> str:
    """Google's page where an owner lets us act; it gives a refresh token only where it is asked for consent."""
    more = {"access_type": "offline", "prompt": "consent"} | oauth.challenge(secret)
    return oauth.page(SIGN_IN, account, back, state, [scope], **more)


def signed_in(title: str, account: Account, home: str, back: str, scope: str, secret: str, code: str) -> Refreshed:
    """The first tokens for a code; Google lets people untick what they are asked for."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": oauth.verifier(secret),
        "client_id": str(account.settings.get("client_id", "")),
        "client_secret": account.secrets.get("client_secret", ""),
    }
    return refreshed(title, account, home, form, wanted=[scope])


def by_refresh_token(title: str, account: Account, home: str) -> Refreshed:
    """A token for an account whose owner has let us in."""
    form = {
        "grant_type": "refresh_token",
        "refresh_token": account.secrets.get("refresh_token", ""),
        "client_id": str(account.settings.get("client_id", "")),
        "client_secret": account.secrets.get("client_secret", ""),
    }
    return refreshed(title, account, home, form)


def revoke(title: str, account: Account, home: str) -> bool:
    """Gives back what the owner let us in by; what Google knows no more is given back."""
    renewal = account.secrets.get("refresh_token", "")
    if not renewal:
        return False
    address = REVOKES if account.base_url.rstrip("/") == home else f"{account.base_url.rstrip('/')}/revoke"
    call(title, account, "POST", address, form={"token": renewal}, acting=False, ok=OK | {400})
    return True


def next_day() -> datetime:
    """When quotas of a day begin anew: at midnight where Google is."""
    there = datetime.now(ZoneInfo("America/Los_Angeles"))
    return (there + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)


def _refused(title: str, answer: Response, acting: bool) -> NetworkError | None:
    error = mapping(mapping(error_of(answer)).get("error"))
    reasons = {text(entry.get("reason")) for entry in [*maps(error.get("errors")), *maps(error.get("details"))]}
    if reasons & _QUOTA:
        return NetworkError(_("%(network)s's quota of the day is used up") % {"network": title}, "retry", next_day())
    if reasons & _RATE:
        return NetworkError(
            _("%(network)s asks us to wait") % {"network": title}, "retry", datetime.now(UTC) + timedelta(minutes=1)
        )
    if answer.status == 403 and acting:
        return NetworkError(_("%(network)s does not let us write this here (403)") % {"network": title}, "give_up")
    return None


def _ended(answer: Response, acting: bool) -> NetworkError | None:
    if answer.status in (400, 401):
        return NetworkError(_("Google no longer takes the credentials; connect the account again"), "reauthorise")
    return None

"""Signing in to the AT Protocol (its profile of OAuth): pushed requests, PKCE, tokens bound to a key that stays here.

Servers know no apps beforehand: an app is an address at which it says who it is (`client`), and it proves that with a
key of its own, so that a session may last for years. On this machine no server could read such an address; there the
protocol lets `http://localhost` stand for an app without a key, whose sessions end after two weeks.

Secrets: "client_key" (the app's), "sign_in_key" and "sign_in_client" (of a sign-in that is under way), and of the
session "dpop_key", "client_id", "issuer", "server", "did", "token", "refresh_token" and "until".
"""

from __future__ import annotations

import secrets as random_secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from django.utils.translation import gettext as _

from mentions import http
from mentions.http import Response
from mentions.networks import Account, NetworkError, Refreshed, _dpop
from mentions.networks import _identity as identity
from mentions.networks import _jose as jose
from mentions.networks import _oauth as oauth
from mentions.networks._answers import lost, refused
from mentions.networks._identity import TITLE, SignIn
from mentions.networks._rest import decoded, error_of
from mentions.networks._shapes import mapping, text

NEEDED: Final = ("atproto", "transition:generic")
MESSAGES: Final = "transition:chat.bsky"
LASTS_S: Final = 60
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LOOPBACK: Final = ("127.0.0.1", "::1")


def holds(account: Account) -> bool:
    """Whether the account is signed in by this sign-in and not by an app password."""
    return bool(account.secrets.get("dpop_key") and account.secrets.get("token"))


def enrol(account: Account, back: str, document: str) -> Mapping[str, str]:
    """A fresh key for the session that a sign-in will open, and once and for all one for our app."""
    where = urlsplit(back)
    if where.hostname == "localhost":
        raise NetworkError(
            _("Bluesky sends nobody back to “localhost”: open this page at 127.0.0.1 instead"), "give_up"
        )
    ours = {"sign_in_key": jose.made(), "sign_in_client": document}
    if where.hostname in _LOOPBACK:
        asked = {"redirect_uri": back, "scope": " ".join((*NEEDED, MESSAGES))}
        return ours | {"sign_in_client": f"http://localhost?{urlencode(asked)}"}
    if where.scheme != "https":
        raise NetworkError(_("Bluesky signs in only what has an https address; use an app password instead"), "give_up")
    return ours if account.secrets.get("client_key") else ours | {"client_key": jose.made()}


def client(account: Account, document: str, back: str) -> dict[str, Any] | None:
    """What is published at `document` about our app; None before anybody began to sign in."""
    key = account.secrets.get("client_key")
    if not key:
        return None
    home = urlsplit(document)
    return {
        "client_id": document,
        "client_name": "Glasshouse",
        "client_uri": f"{home.scheme}://{home.netloc}",
        "application_type": "web",
        "redirect_uris": [back],
        "scope": " ".join((*NEEDED, MESSAGES)),
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "dpop_bound_access_tokens": True,
        "token_endpoint_auth_method": "private_key_jwt",
        "token_endpoint_auth_signing_alg": "ES256",
        "jwks": {"keys": [_published(key)]},
    }


def authorise(account: Account, back: str, state: str, secret: str) -> str:
    """The page of the account's own sign-in, which was told before what is asked for."""
    key, ours = _under_way(account)
    found = identity.home(account)
    asked = {
        "response_type": "code",
        "redirect_uri": back,
        "state": state,
        "scope": " ".join([*NEEDED, *([MESSAGES] if MESSAGES in found.sign_in.scopes else [])]),
        "login_hint": account.handle.removeprefix("@") or found.did,
        **oauth.challenge(secret),
    }
    answer = _post(account, found.sign_in.par, key, asked | _proven(account, ours, found.sign_in))
    parked = text(mapping(decoded(TITLE, answer, acting=False)).get("request_uri"))
    if not parked or not answer.headers.get("dpop-nonce"):
        raise NetworkError(
            _("%(issuer)s did not keep what it was asked for") % {"issuer": found.sign_in.issuer}, "give_up"
        )
    return f"{found.sign_in.page}?{urlencode({'client_id': ours, 'request_uri': parked})}"


def exchange(account: Account, back: str, secret: str, code: str, issuer: str) -> Refreshed:
    """The session for a code, if it comes from who lets anybody in for this account, and is this account's.

    Whose that is was looked up anew: a code goes nowhere else. What the account was reached by before is forgotten.
    """
    key, ours = _under_way(account)
    found = identity.home(account)
    if issuer != found.sign_in.issuer:
        raise NetworkError(_("another sign-in than the account's own has answered; begin again"), "reauthorise")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back}
    form |= {"code_verifier": oauth.verifier(secret)}
    given = _tokens(account, found.sign_in, key, ours, found.did, form)
    session = {"dpop_key": key, "client_id": ours, "issuer": found.sign_in.issuer, "server": found.server}
    forgotten = dict.fromkeys(("password", "renewal", "sign_in_key", "sign_in_client"), "")
    return Refreshed({**given.secrets, **session, **forgotten}, given.expires_at)


def refresh(account: Account) -> Refreshed:
    """The session's next tokens; the old renewal token is spent with it."""
    kept = account.secrets
    where = identity.sign_in(account, kept.get("issuer", ""))
    form = {"grant_type": "refresh_token", "refresh_token": kept.get("refresh_token", "")}
    return _tokens(account, where, kept["dpop_key"], kept.get("client_id", ""), kept.get("did", ""), form)


def revoke(account: Account) -> bool:
    """Ends the session at its sign-in; whether it offers that."""
    kept = account.secrets
    where = identity.sign_in(account, kept.get("issuer", ""))
    if not where.revoke:
        return False
    form = {"token": kept.get("refresh_token", ""), "token_type_hint": "refresh_token"}
    _post(account, where.revoke, kept["dpop_key"], form | _proven(account, kept.get("client_id", ""), where))
    return True


def _under_way(account: Account) -> tuple[str, str]:
    key, ours = account.secrets.get("sign_in_key", ""), account.secrets.get("sign_in_client", "")
    if not key or not ours:
        raise NetworkError(_("no sign-in is under way; begin it on the page of this source"), "reauthorise")
    return key, ours


def _tokens(account: Account, where: SignIn, key: str, ours: str, did: str, form: Mapping[str, str]) -> Refreshed:
    answer = _post(account, where.tokens, key, {**form, **_proven(account, ours, where)})
    told = mapping(decoded(TITLE, answer, acting=False))
    token, renewal = text(told.get("access_token")), text(told.get("refresh_token"))
    if not token or not renewal or text(told.get("token_type")).lower() != "dpop":
        raise NetworkError(_("%(network)s gave no session; sign in again") % {"network": TITLE}, "reauthorise")
    if told.get("sub") != did:
        raise NetworkError(_("somebody signed in as another account; begin again"), "reauthorise")
    oauth.require(TITLE, text(told.get("scope")).split(), NEEDED, {})
    lasts = told.get("expires_in")
    until = int(time.time()) + (lasts if isinstance(lasts, int) and 0 < lasts < 2**31 else LASTS_S * 5)
    kept = {"token": token, "refresh_token": renewal, "until": str(until), "did": did}
    return Refreshed(kept, datetime.fromtimestamp(until, UTC))


def _post(account: Account, url: str, key: str, form: Mapping[str, str]) -> Response:
    try:
        answer = _dpop.request("POST", url, key, form=form, local=account.local)
    except http.HttpFailure as failure:
        raise lost(TITLE, failure, acting=False) from None
    if answer.status in (200, 201):
        return answer
    told = text(mapping(error_of(answer)).get("error"))
    if told == "invalid_grant":
        raise NetworkError(
            _("%(network)s does not take what we were let in by; sign in again") % {"network": TITLE}, "reauthorise"
        )
    if told.startswith("invalid_client"):
        read = _("%(network)s cannot read who we are at %(form)s: is that reachable from outside?") % {
            "network": TITLE,
            "form": form["client_id"][:120],
        }
        raise NetworkError(read, "retry")
    if told == "invalid_dpop_proof":
        raise NetworkError(
            _("%(network)s does not take our proof: is the clock of this machine right?") % {"network": TITLE}, "retry"
        )
    if answer.status in (400, 401, 403) and told.replace("_", "").isalnum():
        raise NetworkError(
            _("%(network)s refuses the sign-in (%(told)s)") % {"network": TITLE, "told": told[:40]}, "give_up"
        )
    raise refused(TITLE, answer, acting=False)


def _proven(account: Account, ours: str, where: SignIn) -> dict[str, str]:
    """Who we are, and with an app's key the proof of it, for this sign-in and this minute."""
    told = {"client_id": ours}
    key = account.secrets.get("client_key")
    if not key or ours.startswith("http://localhost"):
        return told
    now = int(time.time())
    claims = {"iss": ours, "sub": ours, "aud": where.issuer, "jti": random_secrets.token_urlsafe(16), "iat": now}
    proof = jose.statement(key, {"kid": _published(key)["kid"], "typ": "JWT"}, claims | {"exp": now + LASTS_S})
    return told | {"client_assertion_type": _ASSERTION, "client_assertion": proof}


def _published(key: str) -> dict[str, str]:
    shown = jose.public(key)
    return shown | {"kid": jose.thumbprint(shown), "use": "sig", "alg": "ES256"}

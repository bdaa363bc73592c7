"""Signing in at a server that speaks Mastodon's API: each knows its apps by itself, so ours is made known there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from django.utils.translation import gettext as _

from mentions.http import Response
from mentions.networks import Account, NetworkError, Refreshed
from mentions.networks import _oauth as oauth
from mentions.networks._clientapi import TITLE
from mentions.networks._rest import call
from mentions.networks._shapes import mapping, text

SCOPES: Final = ("read", "write")
NAME: Final = "Glasshouse"


def enrol(account: Account, back: str) -> Mapping[str, str]:
    """Our app on this server, made anew where it was made for another server or another way back."""
    there = f"{account.base_url.rstrip('/')} {back}"
    if account.secrets.get("client_for") == there and account.secrets.get("client_id"):
        return {}
    form = {"client_name": NAME, "redirect_uris": back, "scopes": " ".join(SCOPES)}
    told = mapping(call(TITLE, account, "POST", "api/v1/apps", form=form, acting=False)[0])
    known = {"client_id": text(told.get("client_id")), "client_secret": text(told.get("client_secret"))}
    if not all(known.values()):
        raise NetworkError(
            _("%(base_url)s did not take our app; paste an access token instead") % {"base_url": account.base_url},
            "give_up",
        )
    return known | {"client_for": there}


def authorise(account: Account, back: str, state: str, secret: str) -> str:
    """The server's own page where the account's owner lets us act."""
    where = f"{account.base_url.rstrip('/')}/oauth/authorize"
    return oauth.page(where, _known(account), back, state, SCOPES, **oauth.challenge(secret))


def exchange(account: Account, back: str, secret: str, code: str) -> Refreshed:
    """The token, which does not end."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "scope": " ".join(SCOPES),
        "client_id": str(_known(account).settings.get("client_id", "")),
        "client_secret": account.secrets.get("client_secret", ""),
        "code_verifier": oauth.verifier(secret),
    }
    told = mapping(call(TITLE, account, "POST", "oauth/token", form=form, acting=False, refuse=_refused)[0])
    if not text(told.get("access_token")):
        raise NetworkError(_("%(network)s gave no token") % {"network": TITLE}, "reauthorise")
    kept = {"token": text(told["access_token"])}
    oauth.require(TITLE, oauth.granted(told, SCOPES), SCOPES, kept)
    return Refreshed(kept)


def revoke(account: Account) -> bool:
    """Ends the token, where our app is known by whose sign-in it came; one that was pasted is its owner's to end."""
    known, token = account.secrets, account.secrets.get("token", "")
    if not token or not known.get("client_id") or not known.get("client_secret"):
        return False
    form = {"client_id": known["client_id"], "client_secret": known["client_secret"], "token": token}
    call(TITLE, account, "POST", "oauth/revoke", form=form, acting=False)
    return True


def _known(account: Account) -> Account:
    """The account with our app where others have it."""
    client = account.secrets.get("client_id") or account.settings.get("client_id", "")
    return replace(account, settings=dict(account.settings) | {"client_id": client})


def _refused(answer: Response, acting: bool) -> NetworkError | None:
    if answer.status in (400, 401):
        return NetworkError(
            _("%(network)s does not take what we were let in by; sign in again") % {"network": TITLE}, "reauthorise"
        )
    return None

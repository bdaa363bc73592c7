"""Signing in at a network (OAuth 2.0, authorization code): where a person is sent, and what was let in.

What proves at the end that it was us who asked is derived from a secret that never leaves the house; `state` goes
through the person's browser and proves only that it is the same browser.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection, Mapping
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from mentions.networks import Account, LeftOut, NetworkError


def page(where: str, account: Account, back: str, state: str, scopes: Collection[str], **more: str) -> str:
    """The address of a network's sign-in. Raises `NetworkError` where we have no client there."""
    client = str(account.settings.get("client_id", ""))
    if not client:
        raise NetworkError(_("the number or name of our app is missing: fill it in under the keys"), "give_up")
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": back,
        "scope": " ".join(scopes),
        "state": state,
    }
    return f"{account.settings.get('sign_in', where)}?{urlencode(asked | more)}"


def challenge(secret: str) -> dict[str, str]:
    """What is shown at the beginning of what is proven at the end (PKCE)."""
    print_ = base64.urlsafe_b64encode(hashlib.sha256(verifier(secret).encode()).digest()).rstrip(b"=").decode()
    return {"code_challenge": print_, "code_challenge_method": "S256"}


def verifier(secret: str) -> str:
    """The proof itself."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"verifier {secret}".encode()).digest()).rstrip(b"=").decode()


def granted(told: Mapping[str, object], wanted: Collection[str]) -> Collection[str]:
    """What an answer says was let in; whoever says nothing has given what was asked for."""
    scope = told.get("scope")
    return scope.split() if isinstance(scope, str) else wanted


def require(title: str, given: Collection[str], wanted: Collection[str], secrets: Mapping[str, str]) -> None:
    """People may leave out what they are asked for. Raises `LeftOut` with what is missing and the `secrets` of it."""
    if missing := sorted(set(wanted) - set(given)):
        told = ", ".join(missing)
        raise LeftOut(
            _("%(network)s was not let in for %(told)s; sign in again and leave everything ticked")
            % {"network": title, "told": told},
            secrets,
        )

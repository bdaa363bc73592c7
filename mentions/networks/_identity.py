"""Whose an account of the AT Protocol is, where it lives, and who may let anybody in: handle, DID, server, sign-in.

Nothing here is believed at one side's word. A handle counts if its DID's document claims it, and a sign-in if the
account's own server names it and it calls itself so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from django.utils.translation import gettext as _

from mentions.networks import Account, NetworkError
from mentions.networks._rest import call
from mentions.networks._shapes import listed, mapping, maps, text

TITLE: Final = "Bluesky"
DIRECTORY: Final = "https://plc.directory"
_SERVER: Final = "AtprotoPersonalDataServer"
_MUST: Final[Mapping[str, tuple[str, ...]]] = {
    "response_types_supported": ("code",),
    "grant_types_supported": ("authorization_code", "refresh_token"),
    "code_challenge_methods_supported": ("S256",),
    "dpop_signing_alg_values_supported": ("ES256",),
    "scopes_supported": ("atproto",),
}

_FLAGS: Final = (
    "require_pushed_authorization_requests",
    "authorization_response_iss_parameter_supported",
    "client_id_metadata_document_supported",
)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Where an account is let in, by the sign-in's own description. `revoke` is empty where nothing is taken back."""

    issuer: str
    par: str
    page: str
    tokens: str
    revoke: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Home:
    """An account's identifier for ever, the server that it lives on now, and who lets anybody in there."""

    did: str
    server: str
    sign_in: SignIn


def home(account: Account) -> Home:
    """Looks all of it up anew, from the identifier where we know it and else from the handle. Raises `NetworkError`."""
    handle = account.handle.removeprefix("@").lower()
    did = account.account_id or (handle if handle.startswith("did:") else _did_of(account, handle))
    document = _document(account, did)
    if not account.account_id and handle != did and f"at://{handle}" not in listed(document.get("alsoKnownAs")):
        raise NetworkError(
            _("%(handle)s names an account that does not go by that handle") % {"handle": handle}, "give_up"
        )
    services = {text(one.get("id")).rpartition("#")[2]: one for one in maps(document.get("service"))}
    server = services.get("atproto_pds", {})
    if server.get("type") != _SERVER:
        raise NetworkError(_("%(handle)s has no server at present") % {"handle": handle or did}, "give_up")
    address = _address(account, server.get("serviceEndpoint"), "its server")
    told = _read(
        account,
        f"{address}/.well-known/oauth-protected-resource",
        _("%(address)s offers no sign-in") % {"address": address},
    )
    issuers = listed(told.get("authorization_servers"))
    if len(issuers) != 1:
        raise NetworkError(_("%(address)s does not say who lets people in") % {"address": address}, "give_up")
    return Home(did, address, sign_in(account, _address(account, issuers[0], "its sign-in")))


def sign_in(account: Account, issuer: str) -> SignIn:
    """What a sign-in says of itself, if it is all that the protocol asks for. Raises `NetworkError`."""
    told = _read(
        account,
        f"{issuer}/.well-known/oauth-authorization-server",
        _("%(address)s is no sign-in") % {"address": issuer},
    )
    if told.get("issuer") != issuer:
        raise NetworkError(_("%(issuer)s calls itself by another name") % {"issuer": issuer}, "give_up")
    lacking = [name for name, wanted in _MUST.items() if not set(wanted) <= set(map(str, listed(told.get(name))))]
    lacking += [name for name in _FLAGS if told.get(name) is not True]
    if lacking:
        raise NetworkError(
            _("%(issuer)s lacks what the protocol asks for (%(names)s)")
            % {"issuer": issuer, "names": ", ".join(sorted(lacking))},
            "give_up",
        )
    ends = (told.get(f"{name}_endpoint") for name in ("pushed_authorization_request", "authorization", "token"))
    par, page, tokens = (_address(account, end, "its sign-in", path=True) for end in ends)
    revoke = told.get("revocation_endpoint")
    return SignIn(
        issuer,
        par,
        page,
        tokens,
        _address(account, revoke, "its sign-in", path=True) if revoke else "",
        tuple(map(str, listed(told.get("scopes_supported")))),
    )


def _did_of(account: Account, handle: str) -> str:
    """What a handle stands for, as the account's server resolves it."""
    if not handle:
        raise NetworkError(_("the handle is missing"), "give_up")
    asked = f"{account.base_url.rstrip('/')}/xrpc/com.atproto.identity.resolveHandle?handle={quote(handle)}"
    try:
        did = text(_read(account, asked, "").get("did"))
    except NetworkError as error:
        if error.follow == "retry":
            raise
        did = ""
    if not did.startswith("did:"):
        raise NetworkError(_("nobody knows the handle %(handle)s") % {"handle": handle}, "give_up")
    return did


def _document(account: Account, did: str) -> Mapping[str, Any]:
    """What is published about an identifier, by the directory or by the host that it is made of."""
    method, _colon, own = did.removeprefix("did:").partition(":")
    if method == "plc":
        directory = str(account.settings.get("directory") or DIRECTORY).rstrip("/")
        where = f"{directory}/{quote(did, safe=':')}"
    elif method == "web" and own and not set(own) & set("/:%?#"):
        where = f"https://{own}/.well-known/did.json"
    else:
        raise NetworkError(_("%(did)s is of a kind that the protocol does not know") % {"did": did[:60]}, "give_up")
    document = _read(account, where, _("nobody knows %(did)s") % {"did": did[:60]})
    if document.get("id") != did:
        raise NetworkError(_("what is published about %(did)s is about somebody else") % {"did": did[:60]}, "give_up")
    return document


def _read(account: Account, url: str, otherwise: str) -> Mapping[str, Any]:
    try:
        return mapping(call(TITLE, account, "GET", url, ok={200})[0])
    except NetworkError as error:
        if error.follow == "retry":
            raise
        raise NetworkError(otherwise, "give_up") from None


def _address(account: Account, value: object, whose: str, *, path: bool = False) -> str:
    """An address that may be spoken to: encrypted unless it is on this machine, without anything that hides another."""
    told = text(value).rstrip("/")
    try:
        parts = urlsplit(told)
        odd = parts.username or parts.password or parts.fragment or parts.query or not parts.hostname
    except ValueError:
        odd = told
    if odd or parts.scheme not in (("https", "http") if account.local else ("https",)) or (parts.path and not path):
        raise NetworkError(
            _("the account names an address for %(whose)s that is not to be trusted") % {"whose": whose}, "give_up"
        )
    return told

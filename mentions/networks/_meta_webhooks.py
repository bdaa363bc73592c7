"""Telling Meta where to deliver: the app's address for a kind of account, and a page's consent to be delivered to it.

The address is the app's, one for all accounts of a kind, and is managed with a token made of the app's number and
secret; Meta asks it back before it takes it. That a page delivers to the app at all is said with the page's token.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from mentions.networks import Account, Registration
from mentions.networks._shapes import identifier, listed, mapping, maps, text

if TYPE_CHECKING:
    from mentions.networks._meta import MetaNetwork


def register(network: MetaNetwork, account: Account, ours: Sequence[str]) -> None:
    """An address of the app's that is ours already, for another page, is left as it is, and so is whatever else the
    app or the page has delivered. Raises `NetworkError`."""
    told = _subscription(network, account)
    there = text(told.get("callback_url"))
    if there not in ours or told.get("active") is False or _left_out(network, told):
        wanted = {
            "object": network.object_name,
            "callback_url": there if there in ours else ours[0],
            "fields": ",".join(sorted({*network.app_fields, *_fields(told)})),
            "include_values": "true",
            "verify_token": account.secrets.get("verify_token", ""),
        }
        network.ask(account, "POST", _path(account), form=wanted, acting=False, token=_token(account))
    if network.page_fields:
        fields = {"subscribed_fields": ",".join(sorted({*network.page_fields, *_consented(network, account)}))}
        network.ask(account, "POST", "me/subscribed_apps", form=fields, acting=False)


def registered(network: MetaNetwork, account: Account, ours: Sequence[str]) -> Registration:
    """Raises `NetworkError`."""
    told = _subscription(network, account)
    if not told:
        return Registration(_("the app at %(network)s has no address to deliver to") % {"network": network.title})
    there = text(told.get("callback_url"))
    if there not in ours:
        # One that no source of ours has any more is nobody's.
        elsewhere = there.rpartition("/")[0] != ours[0].rpartition("/")[0]
        return Registration(
            _("the app at %(network)s delivers to another address") % {"network": network.title}, elsewhere=elsewhere
        )
    if told.get("active") is False:
        return Registration(
            _("%(network)s has stopped delivering: the address did not answer for too long")
            % {"network": network.title}
        )
    if left_out := _left_out(network, told):
        return Registration(
            _("the app at %(network)s leaves out %(names)s") % {"network": network.title, "names": ", ".join(left_out)}
        )
    if network.page_fields and (silent := set(network.page_fields) - _consented(network, account)):
        return Registration(_("the page does not deliver %(names)s to the app") % {"names": ", ".join(sorted(silent))})
    return Registration()


def unregister(network: MetaNetwork, account: Account, callback: str) -> None:
    """Raises `NetworkError`."""
    if network.page_fields:
        network.ask(account, "DELETE", "me/subscribed_apps")
    if _subscription(network, account).get("callback_url") == callback:
        about = {"object": network.object_name}
        network.ask(account, "DELETE", _path(account), params=about, token=_token(account))


def _subscription(network: MetaNetwork, account: Account) -> Mapping[str, Any]:
    """What the app has delivered of this kind of account, and where; empty if nothing."""
    body, _answer = network.ask(account, "GET", _path(account), token=_token(account))
    return next((mapping(one) for one in maps(body.get("data")) if one.get("object") == network.object_name), {})


def _consented(network: MetaNetwork, account: Account) -> set[str]:
    """What the page has delivered to the app."""
    rows = maps(network.ask(account, "GET", "me/subscribed_apps")[0].get("data"))
    app: Mapping[str, Any] = next((row for row in rows if identifier(row.get("id")) == _app(account)), {})
    return set(filter(None, map(text, listed(app.get("subscribed_fields")))))


def _fields(told: Mapping[str, Any]) -> set[str]:
    # A field is an object with its version, or in older answers its bare name.
    rows = listed(told.get("fields"))
    return set(filter(None, (text(row.get("name")) if isinstance(row, dict) else text(row) for row in rows)))


def _left_out(network: MetaNetwork, told: Mapping[str, Any]) -> list[str]:
    return sorted(set(network.app_fields) - _fields(told))


def _path(account: Account) -> str:
    return f"{_app(account)}/subscriptions"


def _app(account: Account) -> str:
    return str(account.settings.get("client_id", ""))


def _token(account: Account) -> str:
    return f"{_app(account)}|{account.secrets.get('webhook', '')}"

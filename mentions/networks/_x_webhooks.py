"""Telling X where to deliver: the app's webhook, which X checks by a challenge, and the account's subscription to it.

The webhook is the app's: it is managed with the app's own token, and one of it serves all accounts of the app. Whose
posts and messages it brings is said with the account's token.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

from mentions.networks import Account, NetworkError, Registration
from mentions.networks._shapes import identifier, mapping, maps, text
from mentions.networks._x_calls import TITLE, ask

WEBHOOKS: Final = "2/webhooks"
ACTIVITY: Final = "2/account_activity/webhooks"


def register(account: Account, ours: Sequence[str]) -> None:
    """Raises `NetworkError`, in words where X could not reach the address."""
    hooks = _hooks(account)
    hook = _of(hooks, ours)
    if not hook:
        for left in hooks:
            # No source of ours has this address any more, and an app may have one webhook only.
            if text(left.get("url")).rpartition("/")[0] == ours[0].rpartition("/")[0]:
                _as_app(account, "DELETE", f"{WEBHOOKS}/{identifier(left.get('id'))}")
        hook = mapping(_as_app(account, "POST", WEBHOOKS, {"url": ours[0]}).get("data"))
    elif hook.get("valid") is not True:
        _as_app(account, "PUT", f"{WEBHOOKS}/{identifier(hook.get('id'))}")
    own = identifier(hook.get("id"))
    if not own:
        raise NetworkError(
            _("%(network)s took the address and did not say how it calls it") % {"network": TITLE}, "retry"
        )
    path = f"{ACTIVITY}/{own}/subscriptions/all"
    if not _subscribed(account, path):
        ask(account, "POST", path, payload={}, acting=False)


def registered(account: Account, ours: Sequence[str]) -> Registration:
    """Raises `NetworkError`."""
    hook = _of(_hooks(account), ours)
    if not hook:
        return Registration(_("the app at %(network)s has no webhook for this address") % {"network": TITLE})
    if hook.get("valid") is not True:
        return Registration(
            _("%(network)s holds the webhook for broken: its last check of the address failed") % {"network": TITLE}
        )
    if not _subscribed(account, f"{ACTIVITY}/{identifier(hook.get('id'))}/subscriptions/all"):
        return Registration(_("the account is not subscribed to the webhook at %(network)s") % {"network": TITLE})
    return Registration()


def unregister(account: Account, ours: Sequence[str]) -> None:
    """Raises `NetworkError`."""
    own = identifier(_of(_hooks(account), ours).get("id"))
    if not own:
        return
    _as_app(account, "DELETE", f"{ACTIVITY}/{own}/subscriptions/{account.account_id}/all")
    told = mapping(_as_app(account, "GET", f"{ACTIVITY}/{own}/subscriptions/all/list").get("data"))
    if not maps(told.get("subscriptions")):
        _as_app(account, "DELETE", f"{WEBHOOKS}/{own}")


def _hooks(account: Account) -> list[dict[str, Any]]:
    return maps(_as_app(account, "GET", WEBHOOKS).get("data"))


def _of(hooks: Sequence[dict[str, Any]], ours: Sequence[str]) -> dict[str, Any]:
    """The webhook at the first of these addresses that has one."""
    at = {text(hook.get("url")): hook for hook in hooks}
    return next((at[address] for address in ours if address in at), {})


def _subscribed(account: Account, path: str) -> bool:
    body, _answer = ask(account, "GET", path)
    return mapping(body.get("data")).get("subscribed") is True


def _as_app(account: Account, method: Any, path: str, payload: object = None) -> dict[str, Any]:
    token = account.secrets.get("bearer", "")
    return ask(account, method, path, payload=payload, acting=False, token=token)[0]

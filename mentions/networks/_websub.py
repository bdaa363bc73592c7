"""WebSub, by which a hub delivers what a site publishes: asking for it, and knowing a genuine delivery.

Facts: the W3C's recommendation of 2018. The hub asks back at the callback before it delivers; that is answered by
`mentions.sources.subscriptions`, which keeps what was asked for.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from typing import Final

from django.utils.translation import gettext as _

from mentions import http
from mentions.networks import Account, BadSignature, NetworkError, Offer
from mentions.networks import _deliveries as deliveries
from mentions.networks._answers import lost, refused

SIGNATURE: Final = "x-hub-signature"
LEASE_S: Final = 10 * 24 * 3600
# The hub chooses; many still take the first one of the time when the protocol was called PubSubHubbub.
METHODS: Final = frozenset({"sha1", "sha256", "sha384", "sha512"})


def ask(title: str, account: Account, offer: Offer, callback: str, *, wanted: bool) -> None:
    """Asks a hub to deliver a topic to our callback, signed, or to stop. Raises `NetworkError`.

    Asking twice is asking once. The secret goes to no hub that cannot keep it.
    """
    if not offer.hub.startswith("https://") and not account.local:
        raise NetworkError(_("%(network)s: the hub is not reached by https") % {"network": title}, "give_up")
    form = {
        "hub.mode": "subscribe" if wanted else "unsubscribe",
        "hub.topic": offer.topic,
        "hub.callback": callback,
    }
    if wanted:
        form |= {"hub.lease_seconds": str(LEASE_S), "hub.secret": account.secrets.get("webhook", "")}
    try:
        answer = http.request("POST", offer.hub, form=form, repeatable=True, local=account.local)
    except http.HttpFailure as failure:
        raise lost(title, failure, acting=False) from None
    if answer.status not in (200, 202, 204):
        raise refused(title, answer, acting=False)


def verify(headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
    """The header names its method and holds the hexadecimal HMAC of the raw body. Raises `BadSignature`."""
    given = headers.get(SIGNATURE, "")
    method = given.partition("=")[0]
    if method not in METHODS:
        raise BadSignature("the delivery is not signed in a way that we know")

    def signed(secret: str) -> str:
        return f"{method}={hmac.new(secret.encode(), body, getattr(hashlib, method)).hexdigest()}"

    deliveries.check(secrets, signed, [given])

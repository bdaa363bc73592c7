"""What every pushed network does with a delivery before it reads it: whose it is, and that it is JSON."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable
from typing import Any

from mentions.networks import BadSignature, Malformed


def check(secrets: Iterable[str], expected: Callable[[str], str], given: Iterable[str]) -> None:
    """One of the given signatures must be what one of the secrets makes, so that either side may rotate first.

    Takes as long for every secret: that says nothing about which of them fitted. Raises `BadSignature`.
    """
    signatures = [signature.encode() for signature in given]
    genuine = False
    for secret in filter(None, secrets):
        wanted = expected(secret).encode()
        for signature in signatures:
            genuine |= hmac.compare_digest(wanted, signature)
    if not genuine:
        raise BadSignature("the signature does not fit")


def read(body: bytes) -> Any:
    """The JSON of a body. Raises `Malformed`."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Malformed("the body is not JSON") from None

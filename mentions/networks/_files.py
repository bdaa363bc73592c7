"""Files that people send us in private: networks give them by a name, and to the account alone that they are for."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any, Final

from mentions import http
from mentions.networks._answers import BLIND_WAIT, lost, refused
from mentions.networks._rest import Refuse
from mentions.networks._values import Account, NetworkError
from mentions.posts import concealed, revealed

MAX_BYTES: Final = 8 * 1024 * 1024
TOTAL_S: Final = 12.0


def sent(name: str, kind: str, alt: str = "") -> dict[str, Any]:
    """A file among the media of a post. Its name may be all digits, and is told so that none of them is masked."""
    return {"url": None, "id": concealed(name), "type": kind, "alt": alt}


def named(own: str) -> str:
    """The network's name of a file that was told so; empty if it is none."""
    return revealed(own)


def brought(
    title: str,
    account: Account,
    url: str,
    *,
    hosts: Collection[str],
    token: str = "",
    secret_path: bool = False,
    refuse: Refuse | None = None,
) -> bytes:
    """The file at an address that the network has just told, on one of its hosts. Raises `NetworkError`.

    The token goes nowhere else: what would lead elsewhere is not followed. Files lie on hosts of their own, so a fault
    of theirs holds nobody else.
    """
    try:
        answer = http.request(
            "GET",
            url,
            headers={"authorization": f"Bearer {token}"} if token else {},
            local=account.local,
            hosts=http.among(hosts),
            max_bytes=MAX_BYTES,
            total_s=TOTAL_S,
            secret_path=secret_path,
        )
    except http.HttpFailure as failure:
        raise _beside(lost(title, failure, acting=False)) from None
    if answer.status != 200:
        raise (refuse(answer, False) if refuse else None) or _beside(refused(title, answer, acting=False))
    return answer.body


def _beside(error: NetworkError) -> NetworkError:
    if error.follow != "retry":
        return error
    until = error.retry_at or datetime.now(UTC) + BLIND_WAIT
    return NetworkError(error.message, "retry", until, holds="nobody")

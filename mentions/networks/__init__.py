"""The connector contract, and the discovery of connectors by file name.

A network is one file in this package: `mentions/networks/<key>.py` with a subclass of `Network` and, at its
end, `NETWORK = TheClass()`. Nothing is registered anywhere. `docs/connectors.md` says how to write one.

A connector is pure apart from HTTP: it knows no database, no model and no queue. It may import `mentions.http`,
`mentions.posts` (the form of its output), this module and the helpers in `_answers`.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, Literal

Follow = Literal["retry", "reauthorise", "give_up", "poison", "unknown"]
Visibility = Literal["public", "private"]


class BadSignature(Exception):
    """A delivery that the network did not sign, or signed too long ago. Answer 401 and write nothing."""


class Malformed(Exception):
    """A body with a good signature that does not read as the network's format; kept as a reject."""


class NetworkError(Exception):
    """The network did not do it. `follow` says what the caller does next:

    - "retry": it certainly did not happen; try again, not before `retry_at` if that is given
    - "reauthorise": the credentials ended; stop this source and ask an administrator
    - "give_up": it can never happen as asked (text refused, target gone); a person decides
    - "poison": the network's answer cannot be read; set it aside, go on with the rest
    - "unknown": it may have happened; ask `reconcile` before anything else
    """

    def __init__(self, message: str, follow: Follow, retry_at: datetime | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.follow = follow
        self.retry_at = retry_at


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What can be asked of a network; the console and the outbox read it before they offer anything.

    `resend` says how the fate of a send whose answer was lost is settled. "key": the network remembers our
    client key, so sending again cannot double. "search": `reconcile` finds our post or knows that it is not
    there. "never": it cannot be found out, a person looks.
    """

    webhook: bool = False
    fetch: bool = False
    publish: frozenset[Visibility] = frozenset()
    retract: bool = False
    resend: Literal["key", "search", "never"] = "never"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a text may be, counted as the network counts.

    `counter` names the same way of counting in the browser: "codepoints", "graphemes" or "weighted".
    """

    max: int
    private_max: int
    counter: Literal["codepoints", "graphemes", "weighted"] = "codepoints"
    count: Callable[[str], int] = len

    def length(self, text: str) -> int:
        """The length that the network will see."""
        return self.count(text)

    def allowed(self, visibility: Visibility) -> int:
        """The longest text for a public or a private reply."""
        return self.max if visibility == "public" else self.private_max


@dataclass(frozen=True, slots=True)
class Account:
    """Our account on a network, as a connector needs it.

    `secrets` by name: "token" (to act as us), "webhook" and "webhook_previous" (to verify), "verify_token"
    and whatever else the network's file names. `local` allows private addresses, for a network on this machine.
    """

    base_url: str
    handle: str = ""
    account_id: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    settings: Mapping[str, Any] = field(default_factory=dict)
    local: bool = False


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One reply to send. `client_key` is ours, unique and the same at every attempt.

    `in_reply_to` and `recipient_id` are identifiers as the network's parser gave them (post, author).
    `attempted_at` is when an attempt whose answer was lost was made; `reconcile` searches from there.
    """

    text: str
    visibility: Visibility
    client_key: str
    in_reply_to: str | None = None
    recipient_id: str | None = None
    attempted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What the network says of our post: its identifier, its address, its time (aware)."""

    external_id: str
    url: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Fetched:
    """New items since a cursor, the cursor to store with them in one transaction, and when to ask again.

    `next_at` is None when the source's own interval will do. Items may repeat; they are never left out.
    """

    items: tuple[dict[str, Any], ...]
    cursor: dict[str, Any]
    next_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Handshake:
    """The answer to a network that checks who owns the webhook's address."""

    body: str
    content_type: str = "text/plain"


class Network:
    """One network. A connector overrides what its `capabilities` promise; the rest refuses."""

    key: ClassVar[str]
    title: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    limits: ClassVar[Limits]

    def limits_for(self, account: Account) -> Limits:
        """The limits of this account, for networks where the server or the subscription sets them."""
        return self.limits

    def handshake(self, query: Mapping[str, str], secrets: Mapping[str, str]) -> Handshake | None:
        """Answers a GET on the webhook's address; None means that it is not a handshake or not for us."""
        return None

    def verify(self, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]) -> None:
        """Checks the signature over the raw bytes with any of the secrets, two during a rotation.

        Header names arrive in small letters. Raises `BadSignature`; with no secrets nothing is genuine.
        """
        raise BadSignature(f"{self.title} sends no events")

    def delivery_id(self, headers: Mapping[str, str], body: bytes) -> str:
        """What makes this delivery unique for ever, at most 200 characters; the same at every redelivery."""
        raise Malformed(f"{self.title} sends no events")

    def parse(self, body: bytes) -> list[dict[str, Any]]:
        """The posts and operations of a verified body, each in the contract's form for `posts.parse`.

        Events that are no post are left out, and so is what our own account wrote. Raises `Malformed`.
        """
        raise Malformed(f"{self.title} sends no events")

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """Asks for what is new since `cursor` ({} at first). Raises `NetworkError`, never "unknown"."""
        raise NetworkError(f"{self.title} cannot be polled", "give_up")

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """Sends a reply and returns when the network has confirmed it. Raises `NetworkError`."""
        raise NetworkError(f"{self.title} is read-only", "give_up")

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Finds out what became of a send whose answer was lost: our post, or None if it surely is not there.

        Raises `NetworkError` "retry" while it cannot be asked, "unknown" if asking will never tell.
        """
        raise NetworkError(f"{self.title} is read-only", "give_up")

    def retract(self, account: Account, external_id: str) -> None:
        """Takes our post back. Gone already is done. Raises `NetworkError`."""
        raise NetworkError(f"{self.title} is read-only", "give_up")


class UnknownNetwork(LookupError):
    """No connector has this key."""


def get(key: str) -> Network:
    """The network of this key. Raises `UnknownNetwork`."""
    try:
        return _all()[key]
    except KeyError:
        raise UnknownNetwork(key) from None


def keys() -> tuple[str, ...]:
    """Every network that has a connector, in alphabetical order."""
    return tuple(_all())


def load(name: str) -> Network:
    """Imports one connector. Raises whatever is wrong with the file, in words where it breaks the contract."""
    module = importlib.import_module(f"{__name__}.{name}")
    network = getattr(module, "NETWORK", None)
    if not isinstance(network, Network):
        raise TypeError("it defines no NETWORK")
    if network.key != name:
        raise TypeError(f"its key is {network.key!r}, its file name {name!r}")
    return network


def files() -> list[str]:
    """The keys for which there is a file, loaded or not."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if not module.name.startswith("_"))


@cache
def _all() -> dict[str, Network]:
    return {name: load(name) for name in files()}

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
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from django_stubs_ext import StrPromise

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

    `original` are posts of our own that answer nobody, `search` is listening beyond what is addressed to us,
    `history` asks again for a stretch of time, `lookup` reads posts by their identifiers, `refresh` renews
    credentials before they end, and `authorise` connects by the network's own sign-in (OAuth).

    `resend` says how the fate of a send whose answer was lost is settled. "key": the network remembers our
    client key, so sending again cannot double. "search": `reconcile` finds our post or knows that it is not
    there. "never": it cannot be found out, a person looks.
    """

    webhook: bool = False
    fetch: bool = False
    search: bool = False
    history: bool = False
    lookup: bool = False
    publish: frozenset[Visibility] = frozenset()
    original: bool = False
    retract: bool = False
    edit: bool = False
    hide: bool = False
    refresh: bool = False
    authorise: bool = False
    resend: Literal["key", "search", "never"] = "never"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a text may be, counted as the network counts.

    `counter` names the same way of counting in the browser: "codepoints", "graphemes" or "weighted".
    `max_bytes` bounds the UTF-8 form as well, where a network asks for that.
    """

    max: int
    private_max: int
    counter: Literal["codepoints", "graphemes", "weighted"] = "codepoints"
    count: Callable[[str], int] = len
    max_bytes: int | None = None

    def length(self, text: str) -> int:
        """The length that the network will see."""
        return self.count(text)

    def allowed(self, visibility: Visibility) -> int:
        """The longest text for a public or a private reply."""
        return self.max if visibility == "public" else self.private_max

    def fits(self, text: str, visibility: Visibility) -> bool:
        """Whether the network would take a text of this length."""
        too_heavy = self.max_bytes is not None and len(text.encode()) > self.max_bytes
        return not too_heavy and self.length(text) <= self.allowed(visibility)


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
    """One reply or post to send. `client_key` is ours, unique and the same at every attempt.

    `in_reply_to` and `recipient_id` are identifiers as the network's parser gave them (post, author); a post of
    our own has neither. `recipient_handle` is how the network writes the person whom the reply must name.
    `heard_at` is when the recipient last wrote, for networks whose windows for replies begin there.
    `attempted_at` is when an attempt whose answer was lost was made; `reconcile` searches from there.
    """

    text: str
    visibility: Visibility
    client_key: str
    in_reply_to: str | None = None
    recipient_id: str | None = None
    recipient_handle: str = ""
    heard_at: datetime | None = None
    attempted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What the network says of our post: its identifier, its address, its time (aware).

    `answer` is what else it said and is worth keeping with the reply: figures and identifiers, no words, no tokens.
    """

    external_id: str
    url: str | None
    at: datetime
    answer: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Rate:
    """How often a network lets one account ask: `calls` in any `per_s` seconds. The product keeps below it."""

    calls: int
    per_s: int


@dataclass(frozen=True, slots=True)
class Quota:
    """What the network lets an account do until `resets_at`: calls, posts or units, as `unit` says."""

    unit: str
    limit: int
    remaining: int
    resets_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """New items since a cursor, the cursor to store with them in one transaction, and when to ask again.

    `next_at` is None when the source's own interval will do, and now or earlier when more is waiting. Items may
    repeat; they are never left out. `quota` is what is left after asking, where the network says so. `complete`
    is False when the network no longer has all that came since the cursor: then a gap stays open for a person.
    """

    items: tuple[dict[str, Any], ...]
    cursor: dict[str, Any]
    next_at: datetime | None = None
    quota: Quota | None = None
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Probe:
    """Who the credentials act as, until when they hold (None: without end), and settings the network told us."""

    account_id: str
    handle: str
    expires_at: datetime | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    quota: Quota | None = None


@dataclass(frozen=True, slots=True)
class Refreshed:
    """Secrets that replace those of the same names, and when they end."""

    secrets: Mapping[str, str] = field(repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """What a person fills in to connect an account. `name` is its name among the secrets or the settings.

    The names "handle", "account_id" and "base_url" are the account's own. `generated` is a secret that we make and
    the person takes to the network: it is shown once and can be rotated, with two valid meanwhile.
    """

    name: str
    title: StrPromise
    help: StrPromise | str = ""
    secret: bool = False
    required: bool = True
    generated: bool = False


@dataclass(frozen=True, slots=True)
class Handshake:
    """The answer to a network that checks who owns the webhook's address."""

    body: str
    content_type: str = "text/plain"


class Network:
    """One network. A connector overrides what its `capabilities` promise; the rest refuses.

    `home` is where the network usually is, offered as a new source's base address; `fields` is what a person
    fills in to connect. `poll_every_s` is how often a new source is asked. `rate` bounds how often an account asks,
    None where only the network's own refusals tell. `recheck_every` is within what time its terms ask that every
    stored copy is looked up again, `lookup_at_once` how many identifiers one `lookup` takes.

    `media_hosts` are the hosts from which its pictures are fetched, as patterns ("*.example" is any host below it);
    "{home}" stands for the host of the source's base address. What is elsewhere is not fetched.

    `tells` is what the network reports by itself of posts that we have; what it does not is found only by looking
    them up. `echoes` says that its deliveries hold what our own account wrote, `signs_bodies` that its signature
    covers the body and not just says who sends.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    limits: ClassVar[Limits]
    home: ClassVar[str] = ""
    fields: ClassVar[tuple[Field, ...]] = ()
    poll_every_s: ClassVar[int] = 60
    rate: ClassVar[Rate | None] = None
    recheck_every: ClassVar[timedelta | None] = None
    lookup_at_once: ClassVar[int] = 50
    tells: ClassVar[frozenset[Literal["edit", "delete"]]] = frozenset({"edit", "delete"})
    echoes: ClassVar[bool] = True
    signs_bodies: ClassVar[bool] = True
    media_hosts: ClassVar[tuple[str, ...]] = ()

    def pictures_from(self, account: Account) -> tuple[str, ...]:
        """The host patterns of `media_hosts` for this account, and those that its settings add ("media_hosts")."""
        home = (urlsplit(account.base_url).hostname or "").lower()
        added = account.settings.get("media_hosts")
        more = [host.lower() for host in added if isinstance(host, str)] if isinstance(added, list) else []
        mine = [host for host in self.media_hosts if home or "{home}" not in host]
        return tuple([host.replace("{home}", home) for host in mine] + more)

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

        Events that are no post are left out. What our own account wrote is passed on like everything else, with
        the account's identifier as its author: the product compares it with what it sent. Raises `Malformed`.
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

    def edit(self, account: Account, external_id: str, text: str) -> Published:
        """Replaces the text of our post. Raises `NetworkError`."""
        raise NetworkError(f"{self.title} lets nobody edit", "give_up")

    def hide(self, account: Account, external_id: str, *, hidden: bool) -> None:
        """Hides somebody's comment under our post, or shows it again. Raises `NetworkError`."""
        raise NetworkError(f"{self.title} lets nobody hide", "give_up")

    def search(self, account: Account, query: str, cursor: dict[str, Any]) -> Fetched:
        """Asks for public posts that fit a query in the network's own language. Raises `NetworkError`."""
        raise NetworkError(f"{self.title} cannot be searched", "give_up")

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """What `fetch` would have brought between two times, to fill a gap. Raises `NetworkError`.

        `cursor` is {} at first and the last answer's afterwards; an answer without `next_at` is the end.
        """
        raise NetworkError(f"{self.title} cannot be asked for a stretch of time", "give_up")

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """The posts of these identifiers; None for what is surely gone, and absent what could not be told.

        For parents that we did not see, and for asking again whether a copy may still be kept.
        Raises `NetworkError`.
        """
        raise NetworkError(f"{self.title} gives no single posts", "give_up")

    def probe(self, account: Account) -> Probe:
        """Asks who our credentials act as, cheaply. Raises `NetworkError`, "reauthorise" if they ended."""
        return Probe(account.account_id, account.handle)

    def refresh(self, account: Account) -> Refreshed:
        """Renews credentials that are about to end. Raises `NetworkError`."""
        raise NetworkError(f"{self.title} renews nothing", "give_up")

    def authorise(self, account: Account, back: str, state: str) -> str:
        """The address where a person lets us act for their account; it sends them to `back` with `state` and a code.

        Whatever else has to be remembered until then is derived from `state`, which nobody can guess.
        """
        raise NetworkError(f"{self.title} is connected by keys", "give_up")

    def exchange(self, account: Account, back: str, state: str, code: str) -> Refreshed:
        """The credentials for the code that a person brought back. Raises `NetworkError`."""
        raise NetworkError(f"{self.title} is connected by keys", "give_up")


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

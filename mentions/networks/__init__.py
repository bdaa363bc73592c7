"""The connector contract, and the discovery of connectors by file name.

A network is one file in this package: `mentions/networks/<key>.py` with a subclass of `Network` and, at its
end, `NETWORK = TheClass()`. Nothing is registered anywhere. `docs/connectors.md` says how to write one.

A connector is pure apart from HTTP: it knows no database, no model and no queue. It may import `mentions.http`,
`mentions.connections`, `mentions.posts` (the form of its output), this module and the helpers beside it.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Collection, Generator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from mentions.networks._values import (
    Account,
    AnsweredBefore,
    BadSignature,
    Capabilities,
    Fetched,
    Field,
    Follow,
    Gone,
    Handshake,
    LeftOut,
    Limits,
    Malformed,
    NetworkError,
    Offer,
    Outgoing,
    Picture,
    Pictures,
    Probe,
    Published,
    Quota,
    Rate,
    Refreshed,
    Registration,
    Streamed,
    Visibility,
    Wanted,
    Window,
)
from mentions.posts import PostAuthor

__all__ = [
    "Account",
    "AnsweredBefore",
    "BadSignature",
    "Capabilities",
    "Fetched",
    "Field",
    "Follow",
    "Gone",
    "Handshake",
    "LeftOut",
    "Limits",
    "Malformed",
    "Network",
    "NetworkError",
    "Offer",
    "Outgoing",
    "Picture",
    "Pictures",
    "Probe",
    "Published",
    "Quota",
    "Rate",
    "Refreshed",
    "Registration",
    "Streamed",
    "UnknownNetwork",
    "Visibility",
    "Wanted",
    "Window",
    "files",
    "get",
    "keys",
    "load",
    "offers",
]


class Network:
    """One network. A connector overrides what its `capabilities` promise; the rest refuses.

    `home` is where the network usually is, offered as a new source's base address; `fields` is what a person
    fills in to connect. `poll_every_s` is how often a new source is asked. `rate` bounds how often an account asks,
    None where only the network's own refusals tell; `search_rate` how often all searches of an account together do, for
    networks that keep an allowance of its own for that. `recheck_every` is within what time its terms ask that every
    stored copy is looked up again, `lookup_at_once` how many identifiers one `lookup` takes.

    `bills_posts` says that the network bills each post and message that it gives, and not or not only each call; the
    connector says how many an answer brought (`http.billed`).

    `media_hosts` are the hosts from which its pictures are fetched, as patterns ("*.example" is any host below it);
    "{home}" stands for the host of the source's base address. What is elsewhere is not fetched.

    `post_address` finds the identifier (`id`) in the address of a post, whatever a share button or a phone has put
    around it: by it people find what they paste. None where the address as it was told says enough.

    `tells` is what the network reports by itself of posts that we have; what it does not is found only by looking
    them up. `echoes` says that its deliveries hold what our own account wrote, `signs_bodies` that its signature
    covers the body and not just says who sends.

    `grants` names who lets an app in at once for all that a person has there: `revoke` ends that for every source with
    the same "client_id" in its settings, of any network that names the same. Empty where it ends one session.

    `notices` are what it tells of our account beside posts, by the `op` of its items: "revoked" (our leave was taken
    back), "shut" and "opened" (a person or place takes us no more, or again), "reached" (messages of ours were
    delivered or read).

    `one_or_the_other` says that while it delivers it cannot be asked for what is new. `private_once` says that it lets
    what was said in public be answered in private once.

    `stream_keeps` is how long after a break a stream still has what came meanwhile, `stream_silence_s` how long a
    living one may bring nothing at all, signs of life included, `stream_tells` what it reports of posts that we have,
    `streams_own` whether it brings all that our own account does: else the network is asked as often as without;
    `searching_streams` are the names of those that bring what the saved searches look for.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    capabilities: ClassVar[Capabilities]
    limits: ClassVar[Limits]
    home: ClassVar[str] = ""
    fields: ClassVar[tuple[Field, ...]] = ()
    poll_every_s: ClassVar[int] = 60
    rate: ClassVar[Rate | None] = None
    search_rate: ClassVar[Rate | None] = None
    bills_posts: ClassVar[bool] = False
    recheck_every: ClassVar[timedelta | None] = None
    lookup_at_once: ClassVar[int] = 50
    tells: ClassVar[frozenset[Literal["edit", "delete"]]] = frozenset({"edit", "delete"})
    echoes: ClassVar[bool] = True
    signs_bodies: ClassVar[bool] = True
    stream_keeps: ClassVar[timedelta] = timedelta(0)
    stream_silence_s: ClassVar[float] = 40.0
    stream_tells: ClassVar[frozenset[Literal["edit", "delete"]]] = frozenset({"edit", "delete"})
    streams_own: ClassVar[bool] = True
    searching_streams: ClassVar[frozenset[str]] = frozenset()
    media_hosts: ClassVar[tuple[str, ...]] = ()
    post_address: ClassVar[re.Pattern[str] | None] = None
    grants: ClassVar[str] = ""
    notices: ClassVar[frozenset[Literal["revoked", "shut", "opened", "reached"]]] = frozenset()
    one_or_the_other: ClassVar[bool] = False
    private_once: ClassVar[bool] = False

    @property
    def named(self) -> Mapping[str, str]:
        """Its name, for the sentences that it is put into after their translation."""
        return {"network": self.title}

    def pictures_from(self, account: Account) -> tuple[str, ...]:
        """The host patterns of `media_hosts` for this account, and those that its settings add ("media_hosts")."""
        home = (urlsplit(account.base_url).hostname or "").lower()
        added = account.settings.get("media_hosts")
        more = [host.lower() for host in added if isinstance(host, str)] if isinstance(added, list) else []
        mine = [host for host in self.media_hosts if home or "{home}" not in host]
        return tuple([host.replace("{home}", home) for host in mine] + more)

    def person(self, account: Account, author_id: str) -> PostAuthor | None:
        """Who somebody is whose messages say only their number; None if the network tells nothing of them.

        Raises `NetworkError`.
        """
        raise NetworkError(_("%(network)s names nobody") % self.named, "give_up")

    def file(self, account: Account, own: str) -> bytes:
        """What somebody attached, by the `id` that `parse` gave it among the media of a post. Raises `NetworkError`."""
        raise NetworkError(_("%(network)s has no files that only we are given") % self.named, "give_up")

    def cost_of(self, method: str, url: str) -> int:
        """What one call takes of `rate`, where a network weighs its calls."""
        return 1

    def limits_for(self, account: Account) -> Limits:
        """The limits of this account, for networks where the server or the subscription sets them."""
        return self.limits

    def private_address(self, account: Account) -> str:
        """What a public post may carry so that whoever reads it can begin a private message to us; empty if nothing.

        The guard lets this very address pass. Asks nobody.
        """
        return ""

    def window(
        self, account: Account, visibility: Visibility, about: str | None, heard_at: datetime | None
    ) -> Window | None:
        """Until when this may be answered, as a person answers; None where the network leaves all the time.

        `about` is what is answered, `heard_at` when its author last wrote.
        """
        return None

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

    def delivered(self, account: Account, headers: Mapping[str, str], body: bytes) -> list[dict[str, Any]]:
        """What `parse` gives, for networks whose deliveries do not say by themselves what they are about."""
        return self.parse(body)

    def parcels(self, account: Account, headers: Mapping[str, str], body: bytes) -> Mapping[str, list[dict[str, Any]]]:
        """What was delivered, by the identifier of the account of ours that it is for; "" where it does not say.

        An app has one address for all its accounts, so what comes to one may be another's. Raises `Malformed`.
        """
        return {"": self.delivered(account, headers, body)}

    def subscribe(self, account: Account, offer: Offer, callback: str, *, wanted: bool) -> None:
        """Asks for what is offered to be delivered to `callback`, or to be delivered no longer.

        It is signed with the secret "webhook". Raises `NetworkError`.
        """
        raise NetworkError(_("%(network)s delivers nothing") % self.named, "give_up")

    def registers(self, account: Account) -> bool:
        """Whether this account is connected for being told where to deliver. Asks nobody."""
        return self.capabilities.register

    def register(self, account: Account, callback: str, beside: Collection[str] = ()) -> None:
        """Has everything of this account delivered to `callback`; that it is so already is done.

        `beside` are the addresses at which other accounts here are delivered to: where an app has one address for all
        its accounts, one of these will do. The network may ask `callback` (`handshake`) before it answers. Raises
        `NetworkError`.
        """
        raise NetworkError(_("%(network)s is told at its own pages where to deliver") % self.named, "give_up")

    def registered(self, account: Account, callback: str, beside: Collection[str] = ()) -> Registration:
        """Asks whether the network delivers to `callback`, or to one of `beside`, and changes nothing.

        Raises `NetworkError`.
        """
        raise NetworkError(_("%(network)s does not say where it delivers") % self.named, "give_up")

    def unregister(self, account: Account, callback: str, beside: Collection[str] = ()) -> None:
        """Has nothing of this account delivered to `callback` or one of `beside` any more. Raises `NetworkError`."""
        raise NetworkError(_("%(network)s is told at its own pages where to deliver") % self.named, "give_up")

    def fetch(self, account: Account, cursor: dict[str, Any]) -> Fetched:
        """Asks for what is new since `cursor` ({} at first). Raises `NetworkError`, never "unknown"."""
        raise NetworkError(_("%(network)s cannot be polled") % self.named, "give_up")

    def streams(self, account: Account, wanted: Wanted) -> tuple[str, ...]:
        """The names of the streams that can be held open for this account, as far as it is connected for that.

        Each is a connection of its own with a cursor of its own. Asks nobody.
        """
        return ()

    def stream(
        self, account: Account, name: str, cursor: dict[str, Any], wanted: Wanted
    ) -> Generator[Streamed, None, None]:
        """Opens one stream and gives what comes, as it comes, for as long as it lasts.

        `cursor` is {} at first and later what was given with the items that were stored last; items may come again.
        Gives something at least every few seconds, an empty one where nothing came. Nothing is read on while the
        product stores what it was given. Always ends with a `NetworkError`, never "unknown".
        """
        raise NetworkError(_("%(network)s sends no stream") % self.named, "give_up")

    def leaves_out(self, account: Account, *, delivered: bool) -> bool:
        """Whether what streams leaves something out, such as messages, so that it is asked for as often as without.

        `delivered` is whether the network says that it delivers to our address.
        """
        return False

    def publish(self, account: Account, outgoing: Outgoing) -> Published:
        """Sends a reply and returns when the network has confirmed it. Raises `NetworkError`."""
        raise NetworkError(_("%(network)s is read-only") % self.named, "give_up")

    def reconcile(self, account: Account, client_key: str, outgoing: Outgoing) -> Published | None:
        """Finds out what became of a send whose answer was lost: our post, or None if it surely is not there.

        Raises `NetworkError` "retry" while it cannot be asked, "unknown" if asking will never tell.
        """
        raise NetworkError(_("%(network)s is read-only") % self.named, "give_up")

    def retract(self, account: Account, external_id: str) -> None:
        """Takes our post back. Gone already is done. Raises `NetworkError`."""
        raise NetworkError(_("%(network)s is read-only") % self.named, "give_up")

    def edit(self, account: Account, external_id: str, text: str) -> Published:
        """Replaces the text of our post. That it says so already is done. Raises `NetworkError`."""
        raise NetworkError(_("%(network)s lets nobody edit") % self.named, "give_up")

    def hide(self, account: Account, external_id: str, *, hidden: bool) -> None:
        """Hides somebody's comment under our post, or shows it again. That it is so already is done.

        Raises `NetworkError`.
        """
        raise NetworkError(_("%(network)s lets nobody hide") % self.named, "give_up")

    def search(self, account: Account, query: str, cursor: dict[str, Any]) -> Fetched:
        """Asks for public posts that fit a query in the network's own language. Raises `NetworkError`."""
        raise NetworkError(_("%(network)s cannot be searched") % self.named, "give_up")

    def search_history(
        self, account: Account, query: str, since: datetime, until: datetime, cursor: dict[str, Any]
    ) -> Fetched:
        """What fitted a query between two times, as far back as the network lets us look. Like `history`."""
        raise NetworkError(_("%(network)s cannot be searched for what was before") % self.named, "give_up")

    def history(self, account: Account, since: datetime, until: datetime, cursor: dict[str, Any]) -> Fetched:
        """What `fetch` would have brought between two times, to fill a gap. Raises `NetworkError`.

        `cursor` is {} at first and the last answer's afterwards; an answer without `next_at` is the end.
        """
        raise NetworkError(_("%(network)s cannot be asked for a stretch of time") % self.named, "give_up")

    def lookup(self, account: Account, external_ids: Sequence[str]) -> Mapping[str, dict[str, Any] | None]:
        """The posts of these identifiers; None for what is surely gone, and absent what could not be told.

        For parents that we did not see, and for asking again whether a copy may still be kept.
        Raises `NetworkError`.
        """
        raise NetworkError(_("%(network)s gives no single posts") % self.named, "give_up")

    def probe(self, account: Account) -> Probe:
        """Asks who our credentials act as, cheaply. Raises `NetworkError`, "reauthorise" if they ended."""
        return Probe(account.account_id, account.handle)

    def refresh(self, account: Account) -> Refreshed:
        """Renews credentials that are about to end. Raises `NetworkError`."""
        raise NetworkError(_("%(network)s renews nothing") % self.named, "give_up")

    def enrol(self, account: Account, back: str, document: str) -> Mapping[str, str]:
        """Secrets by which our app is known where the account is, where nobody can write them down beforehand.

        {} where nothing is to be done. People are sent back to `back` afterwards; what `client` gives is read at
        `document`. Raises `NetworkError`.
        """
        return {}

    def client(self, account: Account, document: str, back: str) -> Mapping[str, Any] | None:
        """What is published of our app at `document`, for networks that read who it is; None where nothing is."""
        return None

    def authorise(self, account: Account, back: str, state: str, secret: str) -> str:
        """The address where a person lets us act for their account; it sends them to `back` with `state` and a code.

        What has to be proven then is derived from `secret`, which stays here. Raises `NetworkError`.
        """
        raise NetworkError(_("%(network)s is connected by keys") % self.named, "give_up")

    def exchange(self, account: Account, back: str, secret: str, code: str, issuer: str = "") -> Refreshed:
        """The credentials for the code that a person brought back, and from whom if that was said (RFC 9207).

        An empty one means that what was stored under its name is forgotten. Raises `NetworkError`.
        """
        raise NetworkError(_("%(network)s is connected by keys") % self.named, "give_up")

    def revoke(self, account: Account) -> bool:
        """Gives back what we were let in by, so that it is of no use to anybody; whether the network takes it back.

        What it knows no more is given back. Raises `NetworkError`.
        """
        return False


class UnknownNetwork(LookupError):
    """No connector has this key."""


def get(key: str) -> Network:
    """The network of this key. Raises `UnknownNetwork`."""
    try:
        return _all()[key]
    except KeyError:
        raise UnknownNetwork(key) from None


def offers(key: str, capability: str) -> bool:
    """Whether a network lets us "publish", "retract", "edit" or "hide"; one without a connector offers nothing."""
    network = _all().get(key)
    return network is not None and bool(getattr(network.capabilities, capability))


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

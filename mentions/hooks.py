"""Where networks deliver: `/hooks/NETWORK/SOURCE`. Verified on the raw bytes, then handed over, nothing else."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from mentions import networks, sources
from mentions.intake import Batch, Unreadable
from mentions.models import Source
from mentions.networks import Account, BadSignature, Malformed, Network
from mentions.sources import beside, notices, subscriptions
from mentions.writer import Overloaded, look_up, writer

log = logging.getLogger(__name__)

_REMEMBERED_S = 5.0
MOST_REMEMBERED = 1000


@dataclass(frozen=True, slots=True)
class _Known:
    """A source and its account, secrets in the clear, remembered for a few seconds; None if there is no such source."""

    source: Source | None
    account: Account
    until: float


_known: dict[str, _Known] = {}
_named: dict[tuple[str, str], tuple[str, float]] = {}  # which source has this account, and until when that is believed


@require_http_methods(["GET", "POST"])
async def deliver(request: HttpRequest, slug: str, network: str | None = None) -> HttpResponse:
    """Take a delivery. 200 means that it is committed; 401 that it was not signed, and nothing was written."""
    if request.method == "GET" and "hub.topic" in request.GET:
        return await _asked_back(slug, request.GET.dict())
    try:
        known = await _source(slug)
    except (Error, sources.UnreadableSecrets) as error:
        log.error("a delivery cannot be verified: %s", type(error).__name__, extra={"source": slug})
        return _later("nothing can be verified now, try again")
    if known.source is None or network not in (None, known.source.network):
        return await nobody(request)
    connector = networks.get(known.source.network)
    if request.method == "GET":
        answer = connector.handshake(request.GET.dict(), known.account.secrets)
        if answer is None and "hub.mode" in request.GET:
            return JsonResponse({"error": "the token is not ours"}, status=403)
        if answer is None:
            return JsonResponse({"error": "this address takes signed deliveries by POST"}, status=405)
        return HttpResponse(answer.body, content_type=answer.content_type)
    body = request.body
    headers = {name.lower(): value for name, value in request.headers.items()}
    try:
        connector.verify(headers, body, _keys(known.account))
    except BadSignature as bad:
        return JsonResponse({"error": str(bad)}, status=401)
    parcels: Mapping[str, Sequence[object]]
    delivery: str | None = None
    try:
        delivery = connector.delivery_id(headers, body)
        parcels = connector.parcels(known.account, headers, body)
    except Malformed as bad:
        parcels = {"": [Unreadable(body.decode(errors="replace"), str(bad))]}
    except Exception:
        # The network would deliver it for days; set aside, it is read again once the connector is mended.
        log.exception("a connector could not read a delivery", extra={"source": slug, "network": connector.key})
        parcels = {"": [Unreadable(body.decode(errors="replace"), "our connector cannot read it")]}
    counts = Counter(accepted=0, duplicate=0, rejected=0)
    try:
        # One batch a source: a delivery is taken once by each.
        whose: dict[Source, list[object]] = {}
        for own, items in parcels.items():
            if (source := await _whose(known, own, connector, headers, body)) is not None:
                whose.setdefault(source, []).extend(items)
        for source, items in whose.items():
            said, items = notices.apart(connector.key, items)
            if said:
                await look_up(notices.take, source, said, now=timezone.now())
            named, told = _apart(connector, items)
            if named:
                await look_up(beside.wish, source, named)
            outcome = await writer.store(Batch(source, told, delivery))
            counts.update({word: outcome.count(word) for word in ("accepted", "duplicate", "rejected")})
        if connector.capabilities.subscribe:
            await look_up(subscriptions.heard, known.source, now=timezone.now())
    except Overloaded:
        return _later("busy, try again")
    except Error:
        return _later("not stored, try again")
    return JsonResponse(counts)


async def nobody(request: HttpRequest, anything: str = "") -> HttpResponse:
    """Tell a program that no source is here; the page that people are shown needs to know who is asking."""
    return JsonResponse({"error": "no such source"}, status=404)


async def _whose(known: _Known, own: str, connector: Network, headers: Mapping[str, str], body: bytes) -> Source | None:
    """The source that something delivered here is for: this one, or another account of the same app.

    Another is believed to be meant only if its own secret signs the delivery as well. None if it is one that was
    paused or let go: what its customers write is not to be answered, or seen, in another's name.
    """
    assert known.source is not None
    if own in ("", known.account.account_id):
        return known.source
    asked = (known.source.network, own)
    slug, until = _named.get(asked, ("", 0.0))
    if time.monotonic() > until:
        slug, until = await look_up(_slug_of, *asked), time.monotonic() + _REMEMBERED_S
        if len(_named) > 1000:
            _named.clear()
        _named[asked] = (slug, until)
    if not slug:
        return known.source
    other = await _source(slug)
    if other.source is None:
        return None
    try:
        connector.verify(headers, body, _keys(other.account))
    except BadSignature:
        return known.source
    return other.source


def _slug_of(network: str, own: str) -> str:
    rows = Source.objects.filter(network=network, account_id=own, search=None)
    return rows.order_by("-active", "pk").values_list("slug", flat=True).first() or ""


def _apart(connector: Network, items: Sequence[object]) -> tuple[list[str], list[object]]:
    """What a delivery only named, where it can be asked for, and what it brought."""
    named: list[str] = []
    told: list[object] = []
    for item in items:
        own = item.get("external_id") if isinstance(item, dict) and item.get("op") == "look" else None
        if connector.capabilities.lookup and isinstance(own, str):
            named.append(own)
        else:
            told.append(item)
    return named, told


def _keys(account: Account) -> list[str]:
    return [account.secrets[name] for name in ("webhook", "webhook_previous") if account.secrets.get(name)]


async def _asked_back(slug: str, query: dict[str, str]) -> HttpResponse:
    """A hub asks whether it was we who want to be delivered, or no longer want to."""
    try:
        challenge = await look_up(subscriptions.answer, slug, query)
    except Error:
        return _later("nothing can be looked up now, try again")
    if challenge is None:
        return JsonResponse({"error": "that was not asked for"}, status=404)
    forget()  # its secret may be a moment old
    return HttpResponse(challenge, content_type="text/plain")


def _later(error: str) -> HttpResponse:
    return JsonResponse({"error": error}, status=503, headers={"Retry-After": "2"})


def forget() -> None:
    """Read sources again at the next delivery; for whoever has just changed one."""
    _known.clear()
    _named.clear()


async def _source(slug: str) -> _Known:
    known = _known.get(slug)
    if known is None or time.monotonic() > known.until:
        known = await look_up(_read, slug)
        if len(_known) > MOST_REMEMBERED:  # strangers' guesses, which must not push out who delivers
            for guess in [name for name, found in _known.items() if found.source is None]:
                del _known[guess]
        _known[slug] = known
    return known


def _read(slug: str) -> _Known:
    until = time.monotonic() + _REMEMBERED_S
    source = Source.objects.filter(slug=slug, active=True).first()
    if source is None:
        return _Known(None, Account(""), until)
    try:
        networks.get(source.network)
    except networks.UnknownNetwork:
        return _Known(None, Account(""), until)
    return _Known(source, sources.account(source), until)

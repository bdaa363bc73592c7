"""Where networks deliver: `/hooks/NETWORK/SOURCE`. Verified on the raw bytes, then handed over, nothing else."""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass

from django.db import Error
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from mentions import networks, sources
from mentions.intake import Batch, Unreadable
from mentions.models import Source
from mentions.networks import Account, BadSignature, Malformed
from mentions.sources import subscriptions
from mentions.writer import Overloaded, look_up, writer

log = logging.getLogger(__name__)

_REMEMBERED_S = 5.0


@dataclass(frozen=True, slots=True)
class _Known:
    """A source and its account, secrets in the clear, remembered for a few seconds; None if there is no such source."""

    source: Source | None
    account: Account
    until: float


_known: dict[str, _Known] = {}


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
        return JsonResponse({"error": "no such source"}, status=404)
    connector = networks.get(known.source.network)
    if request.method == "GET":
        answer = connector.handshake(request.GET.dict(), known.account.secrets)
        if answer is None:
            return JsonResponse({"error": "this address takes signed deliveries by POST"}, status=405)
        return HttpResponse(answer.body, content_type=answer.content_type)
    body = request.body
    headers = {name.lower(): value for name, value in request.headers.items()}
    secrets = known.account.secrets
    keys = [secrets[name] for name in ("webhook", "webhook_previous") if secrets.get(name)]
    try:
        connector.verify(headers, body, keys)
    except BadSignature as bad:
        return JsonResponse({"error": str(bad)}, status=401)
    items: list[object]
    delivery: str | None = None
    try:
        delivery = connector.delivery_id(headers, body)
        items = list(connector.delivered(known.account, headers, body))
    except Malformed as bad:
        items = [Unreadable(body.decode(errors="replace"), str(bad))]
    try:
        outcome = await writer.store(Batch(known.source, items, delivery))
        if connector.capabilities.subscribe:
            await look_up(subscriptions.heard, known.source, now=timezone.now())
    except Overloaded:
        return _later("busy, try again")
    except Error:
        return _later("not stored, try again")
    return JsonResponse({word: outcome.count(word) for word in ("accepted", "duplicate", "rejected")})


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


async def _source(slug: str) -> _Known:
    known = _known.get(slug)
    if known is None or time.monotonic() > known.until:
        known = await look_up(_read, slug)
        if len(_known) > 1000:
            _known.clear()
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

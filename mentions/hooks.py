"""Where networks deliver: `/hooks/SOURCE/`. Verified on the raw bytes, then handed over, nothing else."""

from __future__ import annotations

import time
from dataclasses import dataclass

from asgiref.sync import sync_to_async
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_http_methods

from mentions import networks, sources
from mentions.intake import Batch, Unreadable
from mentions.models import Source
from mentions.networks import BadSignature, Malformed
from mentions.writer import Overloaded, writer

_REMEMBERED_S = 5.0


@dataclass(frozen=True, slots=True)
class _Known:
    """A source with its secrets in the clear, remembered for a few seconds; None if there is no such source."""

    source: Source | None
    secrets: dict[str, str]
    until: float


_known: dict[str, _Known] = {}


@require_http_methods(["GET", "POST"])
async def deliver(request: HttpRequest, slug: str) -> HttpResponse:
    """Take a delivery. 200 means that it is committed; 401 that it was not signed, and nothing was written."""
    known = await _source(slug)
    if known.source is None:
        return JsonResponse({"error": "no such source"}, status=404)
    network = networks.get(known.source.network)
    if request.method == "GET":
        answer = network.handshake(request.GET.dict(), known.secrets)
        if answer is None:
            return JsonResponse({"error": "this address takes signed deliveries by POST"}, status=405)
        return HttpResponse(answer.body, content_type=answer.content_type)
    body = request.body
    headers = {name.lower(): value for name, value in request.headers.items()}
    keys = [known.secrets[name] for name in ("webhook", "webhook_previous") if known.secrets.get(name)]
    try:
        network.verify(headers, body, keys)
    except BadSignature as bad:
        return JsonResponse({"error": str(bad)}, status=401)
    items: list[object]
    delivery: str | None = None
    try:
        delivery = network.delivery_id(headers, body)
        items = list(network.parse(body))
    except Malformed as bad:
        items = [Unreadable(body.decode(errors="replace"), str(bad))]
    try:
        outcome = await writer.store(Batch(known.source, items, delivery))
    except Overloaded:
        return JsonResponse({"error": "busy, try again"}, status=503, headers={"Retry-After": "2"})
    except DatabaseError:
        return JsonResponse({"error": "not stored, try again"}, status=503, headers={"Retry-After": "2"})
    return JsonResponse({word: outcome.count(word) for word in ("accepted", "duplicate", "rejected")})


def forget() -> None:
    """Read sources again at the next delivery; for whoever has just changed one."""
    _known.clear()


async def _source(slug: str) -> _Known:
    known = _known.get(slug)
    if known is None or time.monotonic() > known.until:
        known = await sync_to_async(_read)(slug)
        if len(_known) > 1000:
            _known.clear()
        _known[slug] = known
    return known


def _read(slug: str) -> _Known:
    until = time.monotonic() + _REMEMBERED_S
    source = Source.objects.filter(slug=slug, active=True).first()
    if source is None:
        return _Known(None, {}, until)
    try:
        networks.get(source.network)
    except networks.UnknownNetwork:
        return _Known(None, {}, until)
    return _Known(source, sources.secrets_of(source), until)

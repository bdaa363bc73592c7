"""The Gazette's hub (WebSub): whoever subscribes to the feed is delivered each article as it is printed.

Town Square can be reached by strangers, so it calls nobody else's address: only hooks of the very installation that it
is part of, whatever origin a callback names. It asks back before it delivers, in a loop that somebody else runs.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import secrets
from datetime import timedelta
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

import httpx
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from mentions.sandbox import gazette
from mentions.sandbox.models import Article, Settings, Subscriber
from mentions.sandbox.sealing import seal, unseal

log = logging.getLogger(__name__)

HOOKS = "/hooks/"
LEASE_S = 24 * 3600
MOST = 20
TRIES = 5


@csrf_exempt
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Somebody wants to be delivered, or no longer: 202, and they are asked back."""
    told = {name: request.POST.get(f"hub.{name}", "") for name in ("mode", "topic", "callback", "secret")}
    place = urlsplit(told["callback"])
    known = Subscriber.objects.filter(callback=told["callback"]).first()
    if told["topic"] != gazette.feed_url() or told["mode"] not in ("subscribe", "unsubscribe"):
        return HttpResponseBadRequest("this hub has one topic, to subscribe to or to leave")
    if not place.path.startswith(HOOKS) or len(told["callback"]) > 500 or len(told["secret"]) > 199:
        return HttpResponseBadRequest("this hub delivers to hooks of this installation alone")
    if known is None and (told["mode"] == "unsubscribe" or Subscriber.objects.count() >= MOST):
        return HttpResponseBadRequest("nothing is delivered there")
    found = known or Subscriber(callback=told["callback"])
    found.asked = told["mode"]
    found.sealed_asked_secret = seal(told["secret"])
    found.save()
    return HttpResponse(status=202)


def tick() -> int:
    """Ask back whoever has asked, and deliver what was printed since; returns how many calls were made."""
    town = Settings.current()
    asked = list(Subscriber.objects.exclude(asked=""))
    for subscriber in asked:
        _ask_back(subscriber, town)
    newest = Article.objects.order_by("-id").values_list("id", flat=True).first() or 0
    behind = list(Subscriber.objects.filter(until__gt=timezone.now(), delivered__lt=newest))
    for subscriber in behind:
        _deliver(subscriber, town, newest)
    return len(asked) + len(behind)


def _ask_back(subscriber: Subscriber, town: Settings) -> None:
    challenge = secrets.token_urlsafe(16)
    query = {
        "hub.mode": subscriber.asked,
        "hub.topic": gazette.feed_url(),
        "hub.challenge": challenge,
        "hub.lease_seconds": str(LEASE_S),
    }
    try:
        answer = _client(os.getpid()).get(f"{_here(subscriber, town)}&{urlencode(query)}")
        meant = answer.is_success and answer.text == challenge
    except httpx.HTTPError:
        meant = False
    if meant and subscriber.asked == "unsubscribe":
        subscriber.delete()
        return
    if meant:
        subscriber.until = timezone.now() + timedelta(seconds=LEASE_S)
        subscriber.sealed_secret = subscriber.sealed_asked_secret
        subscriber.delivered = Article.objects.order_by("-id").values_list("id", flat=True).first() or 0
        subscriber.failures = 0
    subscriber.asked = ""
    subscriber.save()


def _deliver(subscriber: Subscriber, town: Settings, newest: int) -> None:
    body = gazette.feed_body()
    signature = hmac.new(unseal(subscriber.sealed_secret).encode(), body, hashlib.sha256).hexdigest()
    headers = {"content-type": "application/feed+json", "x-hub-signature": f"sha256={signature}"}
    try:
        taken = _client(os.getpid()).post(_here(subscriber, town), content=body, headers=headers).is_success
    except httpx.HTTPError:
        taken = False
    subscriber.failures = 0 if taken else subscriber.failures + 1
    # Whoever does not take it finds it in the feed.
    if taken or subscriber.failures >= TRIES:
        subscriber.delivered, subscriber.failures = newest, 0
    subscriber.save()
    log.info("an article was delivered" if taken else "an article was not taken")


def _here(subscriber: Subscriber, town: Settings) -> str:
    """The callback on our own origin."""
    place = urlsplit(subscriber.callback)
    return f"{town.base_url}{place.path}?{place.query}"


@lru_cache(maxsize=2)
def _client(process: int) -> httpx.Client:
    """One client a process; a forked child must not share its parent's connections."""
    return httpx.Client(timeout=httpx.Timeout(5, connect=2), trust_env=False)

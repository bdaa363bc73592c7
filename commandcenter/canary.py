"""The canary: every minute a made-up post takes the road of every network's posts, and is timed to the screen.

It is signed and delivered over HTTP to this installation's own webhook, stored, sealed, announced and rendered. It
is marked as a canary from its source on, so it is never counted, shown or answered, and its rows are deleted once
it has arrived; what stays is its time. If it arrives late, something on the road is slow; if not at all, a wall that
looks calm may be a wall that hears nothing.
"""

from __future__ import annotations

import json
import secrets
import time
from datetime import timedelta

import redis
from django.conf import settings
from django.db import connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from commandcenter import stage
from commandcenter.models import CanaryRun, Profile
from commandcenter.stage import View
from mentions import http, sources
from mentions.live import valkey
from mentions.models import Conversation, Delivery, Mention, Origin, Source, Stretch
from mentions.networks import townsquare

SOURCE = "canary"
EVERY_S = 60.0
LOST_S = 30.0  # what has not been rendered by then is a fault, and the next one flies
STARTING_S = 120.0
HISTORY = timedelta(days=7)
FORGOTTEN_AFTER = timedelta(minutes=2)
LOOKED_FOR = timedelta(minutes=20)

_began = time.monotonic()


def ensure_source() -> Source:
    """The source that canaries come from, made where it is missing. Its secret is known to this installation alone."""
    source, _made = Source.objects.get_or_create(
        slug=SOURCE,
        defaults={
            "network": townsquare.TownSquare.key,
            "name": _("Canary"),
            "origin": Origin.CANARY,
            "local": True,
            "secrets": sources.seal({"webhook": secrets.token_urlsafe(32)}),
        },
    )
    return source


def age() -> float | None:
    """Seconds since the newest canary that made the whole way was sent; None before the first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT extract(epoch FROM statement_timestamp() - max(sent_at))::float "
            "FROM commandcenter_canaryrun WHERE rendered_at IS NOT NULL"
        )
        found: float | None = cursor.fetchone()[0]
    return found


def tried_for() -> float:
    """Seconds since the oldest canary that is remembered was sent, whatever became of it; 0 before the first."""
    first = CanaryRun.objects.order_by("sent_at").first()
    return 0.0 if first is None else (timezone.now() - first.sent_at).total_seconds()


def flight() -> float | None:
    """Seconds that the newest one to arrive took from the webhook to the rendered scene; None before the first."""
    last = CanaryRun.objects.filter(rendered_at__isnull=False).order_by("-sent_at").first()
    if last is None or last.rendered_at is None:
        return None
    return (last.rendered_at - last.sent_at).total_seconds()


def state() -> str:
    """In a word for `/readyz`: ok, starting (in this process's first minutes), or late."""
    since = age()
    if since is not None and since < CanaryRun.STALE_S:
        return "ok"
    return "starting" if time.monotonic() - _began < STARTING_S else "late"


class Canary:
    """The listener's loop: lets one fly every minute and follows it until it has arrived or is lost."""

    def __init__(self) -> None:
        self._next = 0.0
        self._flying: CanaryRun | None = None

    def tick(self) -> bool:
        """One step; never asks to be called again at once."""
        if self._flying is not None:
            self._follow(self._flying)
        elif time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY_S
            self._let_fly()
        return False

    def _let_fly(self) -> None:
        _forget()
        run = CanaryRun.objects.create(key=f"canary-{secrets.token_hex(8)}", sent_at=Now())
        run.refresh_from_db()
        fault = deliver(run)
        if fault:
            CanaryRun.objects.filter(pk=run.pk).update(error=fault[:200])
        else:
            self._flying = run

    def _follow(self, run: CanaryRun) -> None:
        run.refresh_from_db()
        if run.rendered_at is not None:
            self._flying = None
        elif time.monotonic() > self._next - EVERY_S + LOST_S:
            self._flying = None
            CanaryRun.objects.filter(pk=run.pk, rendered_at=None).update(error=_("it was not rendered in time"))
        elif not _walls_are_watched():
            # Nobody looks at a wall, so nobody renders: what a screen would be shown is made here, by the same road.
            position = CanaryRun.objects.sealed_at(run)
            if position is not None:
                stage.obtain(View("pulse", Profile.INTERNAL, settings.LANGUAGE_CODE), seq=position)


def deliver(run: CanaryRun) -> str:
    """Send it as its network would. Returns what went wrong, empty if the webhook took it."""
    source = ensure_source()
    post = {
        "id": run.key,
        "thread": run.key,
        "author": {"id": SOURCE, "handle": SOURCE, "name": source.name},
        "text": "A canary, to see that the road is open.",
        "created_at": run.sent_at.isoformat(),
    }
    payload = {"events": [{"id": run.key, "type": "post.created", "post": post}]}
    body = json.dumps(payload, ensure_ascii=False).encode()
    signature = townsquare.signed(sources.secrets_of(source)["webhook"], run.key, body)
    address = f"{(source.base_url or settings.LOCAL_URL).rstrip('/')}/hooks/{source.slug}/"
    try:
        answer = http.request("POST", address, headers=signature, payload=payload, local=True, total_s=10)
    except http.HttpFailure as failure:
        return str(failure)
    return "" if answer.status < 300 else _("the webhook answered %(status)s") % {"status": answer.status}


def _walls_are_watched() -> bool:
    try:
        return bool(valkey().exists(stage.WATCHED))
    except redis.RedisError:
        return False


def _forget() -> None:
    """Delete what the last canaries left in the tables of real posts, and times that are too old to matter.

    The last one that arrived always matters: without it nobody could say since when none does.
    """
    runs = CanaryRun.objects.filter(sent_at__lt=Now() - FORGOTTEN_AFTER, sent_at__gt=Now() - LOOKED_FOR)
    keys = list(runs.values_list("key", flat=True))
    with transaction.atomic():
        found = Mention.objects.filter(
            network=townsquare.TownSquare.key,
            external_id__in=[f"{townsquare.PREFIX}{key}" for key in keys],
            drill=None,
            origin=Origin.CANARY,
        )
        mentions, conversations = (
            list(found.values_list("pk", flat=True)),
            set(found.values_list("conversation", flat=True)),
        )
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM mentions_rawrecord WHERE mention_id = ANY(%s)", [mentions])
        Stretch.objects.filter(conversation__in=conversations).delete()
        found.delete()
        Conversation.objects.filter(pk__in=conversations, origin=Origin.CANARY).delete()
        Delivery.objects.filter(source__slug=SOURCE, event_id__in=keys).delete()
        proof = CanaryRun.objects.filter(rendered_at__isnull=False).order_by("-sent_at").values("pk")[:1]
        CanaryRun.objects.filter(sent_at__lt=Now() - HISTORY).exclude(pk__in=proof).delete()

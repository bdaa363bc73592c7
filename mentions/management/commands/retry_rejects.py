"""`manage.py retry_rejects`: put rejected input through intake again, after its cause was mended."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import F
from django.utils import timezone

from mentions import intake, lines, networks
from mentions.intake import Batch
from mentions.models import Reject, Source
from mentions.sources import notices

BATCH = 200


class Command(BaseCommand):
    help = "Put rejected input through intake again; what is rejected once more stays where it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--source", help="only rejects of the source with this slug")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["source"]
        if slug is not None and not Source.objects.filter(slug=slug).exists():
            raise CommandError(f"there is no source {slug}")
        counts = dict.fromkeys(("read", "accepted", "duplicate", "rejected"), 0)
        last = 0
        while True:
            waiting = Reject.objects.filter(replayed_at=None, pk__gt=last).select_related("source").order_by("pk")
            if slug is not None:
                waiting = waiting.filter(source__slug=slug)
            rejects = list(waiting[:BATCH])
            if not rejects:
                break
            last = rejects[-1].pk
            for reject in rejects:
                items = _items(reject)
                (outcome,) = intake.receive_all([Batch(reject.source, items)], keep_rejects=False)
                counts["read"] += 1
                for item in outcome.items:
                    counts[item.status] += 1
                refused = [item for item in outcome.items if item.status == "rejected"]
                again = Reject.objects.filter(pk=reject.pk)
                if refused:
                    again.update(tries=F("tries") + 1, reason=refused[0].reason[:300])
                else:
                    again.update(replayed_at=timezone.now())
        self.stdout.write(json.dumps(counts))


def _items(reject: Reject) -> list[object]:
    """A kept line is a delivery that its connector reads by now, or JSON once what broke it was mended by hand."""
    body: Any = reject.body
    if not (isinstance(body, dict) and set(body) == {"line"} and isinstance(body["line"], str)):
        return [body]
    try:
        found = networks.get(reject.source.network).parse(body["line"].encode())
    except (networks.UnknownNetwork, networks.Malformed):
        found = []
    _notices, posts = notices.apart(reject.source.network, found) if found else ([], [])
    return posts or [lines.line(body["line"])]

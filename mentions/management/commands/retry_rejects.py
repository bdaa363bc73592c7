"""`manage.py retry_rejects`: put rejected input through intake again, after its cause was mended."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import F
from django.utils import timezone

from mentions import intake, lines
from mentions.intake import Batch
from mentions.models import Reject, Source

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
                (outcome,) = intake.receive_all([Batch(reject.source, [_item(reject.body)])], keep_rejects=False)
                (item,) = outcome.items
                counts["read"] += 1
                counts[item.status] += 1
                again = Reject.objects.filter(pk=reject.pk)
                if item.status == "rejected":
                    again.update(tries=F("tries") + 1, reason=item.reason[:300])
                else:
                    again.update(replayed_at=timezone.now())
        self.stdout.write(json.dumps(counts))


def _item(body: Any) -> object:
    """A kept line may be JSON by itself once what broke it has been mended by hand."""
    if isinstance(body, dict) and set(body) == {"line"} and isinstance(body["line"], str):
        return lines.line(body["line"])
    return body

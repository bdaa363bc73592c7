"""`manage.py verify_audit`: the event chain against itself and its anchors; set-up and sent words against it."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from agents import evidence
from mentions import editions, events


class Command(BaseCommand):
    help = (
        "Check every event against its seal, and editions and sent replies against their events; "
        "exit status 1 and the exact position at the first break."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        checked, breaks = events.verify()
        breaks += [*editions.verify(), *evidence.verify()]
        for found in breaks:
            self.stderr.write(str(found))
        if breaks:
            self.stdout.write(f"broken: first at {breaks[0]}")
            sys.exit(1)
        self.stdout.write(f"whole: {checked} sealed events")

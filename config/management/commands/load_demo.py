"""`manage.py load_demo`: makes a demonstration the bank that it shows."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    help = "Loads the demonstration bank and its month of history; safe to run at every start."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--days", type=int, default=settings.DEMO_DAYS, help="how many days of history (DEMO_DAYS)")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("This installation is not a demonstration: start it with DEMO=1 to load one.")
        from config.demo.load import load

        load(days=options["days"])

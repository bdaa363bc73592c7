"""`manage.py listen`: the process that drives what is due within seconds."""

from typing import Any

from django.core.management.base import BaseCommand
from setproctitle import setproctitle

from config.listener import listen
from config.loops import LOOPS


class Command(BaseCommand):
    help = "Runs the small loops: sealing, sending, what is due, feeds and streams."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        setproctitle("glasshouse: listener")
        listen(LOOPS)

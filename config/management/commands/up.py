"""`manage.py up`: become the supervisor."""

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Starts the engines and every process, restarts what dies, and stops all in order."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        os.execv(sys.executable, [sys.executable, "-m", "config.supervisor"])  # noqa: S606

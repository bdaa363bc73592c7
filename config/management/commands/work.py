"""`manage.py work`: django-q2's cluster, whose processes die with it."""

import ctypes
import os
import signal
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from config.launch import PR_SET_PDEATHSIG
from config.schedule import sync


class Command(BaseCommand):
    help = "Runs the coarse jobs."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        # A killed cluster would leave its sentinel, its workers and its monitor at work.
        os.register_at_fork(after_in_child=die_with_parent)
        sync()
        call_command("qcluster")


def die_with_parent() -> None:
    """Have the kernel kill this process when the one that made it dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)

"""`manage.py prepare`: everything an installation needs from Django before its first request."""

import hashlib
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Migrates, collects static files, and loads the demonstration; safe to run at every start."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", database="admin", interactive=False, verbosity=0)
        collect_static()
        if settings.DEMO:
            call_command("load_demo")
            return
        from agents.views.sign_in import first_administrator_link
        from mentions import rulebook

        rulebook.furnish()

        if link := first_administrator_link():
            self.stdout.write(f"Create the first administrator here, once: {settings.PUBLIC_URL}{link}")


def collect_static() -> None:
    """Collect and compress the static files if any of them changed since the last time."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    state = fingerprint()
    if not stamp.exists() or stamp.read_text() != state:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        stamp.write_text(state)


def fingerprint() -> str:
    """A digest of the name, size and time of every static file of every application."""
    found = []
    for finder in get_finders():
        for path, storage in finder.list([]):
            status = Path(storage.path(path)).stat()
            found.append((path, status.st_size, status.st_mtime_ns))
    return hashlib.sha256(json.dumps(sorted(found)).encode()).hexdigest()

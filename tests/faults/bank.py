"""A small bank inside a running product that is no demonstration, with Town Square as a network elsewhere.

Run as a program (`python -m tests.faults.bank`) with the product's environment, it makes the bank and prints its
keys as JSON; `open_bank` does that for a test.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from config.installation import BASE_DIR
from tests.product import Product

SECRET, TOKEN, HANDLE = "webhook-secret", "bank-token", "meridian"
CSRF = "c" * 32


@dataclass(frozen=True)
class Bank:
    """A running product with a bank in it, and the keys to it."""

    product: Product
    api_token: str
    sessions: dict[str, str]
    source_id: int

    @property
    def hook(self) -> str:
        """Where Town Square delivers."""
        return f"{self.product.url}hooks/townsquare/square"

    def browser(self, username: str) -> httpx.Client:
        """Somebody of the bank, signed in: its cookies are for https, so they are sent by hand."""
        return httpx.Client(
            base_url=self.product.url,
            headers={
                "cookie": f"glasshouse_session={self.sessions[username]}; glasshouse_csrf={CSRF}",
                "x-csrftoken": CSRF,
            },
            timeout=30,
            trust_env=False,
        )

    def command(self, *arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        """One `manage.py` command on this installation."""
        return run(self.product, ["manage.py", *arguments], given)


def open_bank(product: Product, square_url: str, agents: int = 4) -> Bank:
    """Make the bank: a queue with its team, `agents` agents, the supervisor "boss", a source at `square_url`."""
    asked = json.dumps({"square_url": square_url, "agents": agents}).encode()
    done = run(product, ["-m", "tests.faults.bank"], asked)
    assert done.returncode == 0, done.stderr.decode()
    return Bank(product, **json.loads(done.stdout))


def run(product: Product, arguments: list[str], given: bytes) -> subprocess.CompletedProcess[bytes]:
    environ = product.environ | {"PORT": product.url.rstrip("/").rpartition(":")[2]}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=environ,
        input=given,
        capture_output=True,
        timeout=300,
        check=False,
    )


def make(square_url: str, agents: int) -> dict[str, Any]:
    """The bank's rows."""
    from agents import tokens
    from agents.models import Role
    from mentions import sources
    from mentions.models import Queue
    from tests.factories import make_person, make_queue, make_source
    from tests.web import sign_in

    Queue.objects.update(is_default=False)
    make_queue(is_default=True)
    source = make_source(
        "square",
        handle=HANDLE,
        base_url=f"{square_url}/sandbox",
        secrets=sources.seal({"webhook": SECRET, "token": TOKEN}),
    )
    people = [make_person(f"agent{number}") for number in range(agents)]
    people.append(make_person("boss", role=Role.SUPERVISOR))
    _, api_token = tokens.make("the stream", scopes=tokens.SCOPES, source=source)
    return {
        "api_token": api_token,
        "sessions": {person.username: sign_in(person) for person in people},
        "source_id": source.pk,
    }


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    print(json.dumps(make(**json.load(sys.stdin))))

"""A small bank in a running product, connected to a network that runs on this machine.

Run as a program (`python -m tests.peers.bank`) with the product's environment, it makes the bank and prints its keys
as JSON; `connect` does that for a test.
"""

from __future__ import annotations

import json
import os
import re
import sys
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from playwright.sync_api import Browser, Page, ViewportSize

from tests.faults.bank import Bank, run
from tests.peers.waiting import eventually
from tests.product import Product

AGENT, SUPERVISOR, ADMINISTRATOR = "agent", "supervisor", "administrator"
POLL_S = 2


@dataclass(frozen=True)
class Desk(Bank):
    """The bank, its one agent, and what the database says of a post."""

    def rows(self, query: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """What the product's database says."""
        with psycopg.connect(self.product.run["admin_database_url"], connect_timeout=5) as connection:
            return connection.execute(query, parameters).fetchall()  # type: ignore[arg-type]

    def conversation(self, external_id: str) -> int:
        """The conversation that a post came into, once it has."""
        try:
            return int(eventually(lambda: self.stored(external_id), 30, f"{external_id} in a queue")[0])
        except AssertionError as late:
            said = self.rows(
                "SELECT last_error, last_ok_at, next_poll_at, cursor FROM mentions_source WHERE slug = 'peer'"
            )
            raise AssertionError(f"{late}; the source says {said}; {self.product.complaints[-5:]}") from None

    def stored(self, external_id: str) -> tuple[Any, ...] | None:
        """Conversation, text and time of deletion of a post; nothing while it is not there."""
        found = self.rows(
            "SELECT m.conversation_id, c.text, m.deleted_at FROM mentions_mention m "
            "LEFT JOIN mentions_mentioncontent c ON c.mention_id = m.id WHERE m.external_id = %s",
            external_id,
        )
        return found[0] if found else None

    def answer(self, external_id: str, text: str, *, private: bool = False) -> None:
        """The agent claims the conversation and sends this."""
        address = f"/console/{self.conversation(external_id)}/"
        with self.browser(AGENT) as browser:
            claimed = browser.post(f"{address}claim/")
            shown = browser.get(address)
            version = re.search(r'name="version" value="(\d+)"', shown.text)
            assert version is not None, f"claiming: {claimed.status_code}, reading: {shown.status_code}"
            asked = {"text": text, "mode": "private" if private else "public", "version": version[1]}
            done = browser.post(f"{address}reply/", data=asked | {"client_key": str(uuid.uuid4())})
            assert done.status_code in (200, 302), done.text

    def reply(self, text: str) -> tuple[Any, ...]:
        """State, identifier and error of our reply with this text."""
        asked = "SELECT state, external_id, error FROM agents_reply WHERE text = %s"
        found: tuple[Any, ...] = self.rows(asked, text)[0]
        return found

    def wall(self, chromium: Browser, scene: str = "river") -> Page:
        """A scene as a supervisor sees it, in a browser as large as a wall."""
        return self.page(chromium, SUPERVISOR, f"wall/{scene}/", {"width": 3840, "height": 2160})

    def page(self, chromium: Browser, who: str, path: str, size: ViewportSize) -> Page:
        """A page as somebody of the bank sees it."""
        context = chromium.new_context(viewport=size)
        cookie = {"name": "glasshouse_session", "value": self.sessions[who], "url": self.product.url}
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        answer = page.goto(f"{self.product.url}{path}")
        assert answer is not None
        assert answer.ok, self.product.complaints[-10:]
        return page


def connect(product: Product, **source: Any) -> Desk:
    """Make the bank, with a source of these fields; `secrets` in the clear."""
    done = run(product, ["-m", "tests.peers.bank"], json.dumps(source).encode())
    assert done.returncode == 0, done.stderr.decode()
    return Desk(product, **json.loads(done.stdout))


def make(source: dict[str, Any]) -> dict[str, Any]:
    """The bank's rows."""
    from agents import tokens
    from agents.models import Role
    from mentions import sources
    from mentions.models import Queue
    from tests.factories import make_person, make_queue, make_source
    from tests.web import sign_in

    Queue.objects.update(is_default=False)
    make_queue(is_default=True)
    made = make_source("peer", **source | {"secrets": sources.seal(source["secrets"]), "poll_every_s": POLL_S})
    roles = {AGENT: Role.AGENT, SUPERVISOR: Role.SUPERVISOR, ADMINISTRATOR: Role.ADMINISTRATOR}
    people = [make_person(name, role=role) for name, role in roles.items()]
    _, api_token = tokens.make("peer", scopes=tokens.SCOPES, source=made)
    return {
        "api_token": api_token,
        "sessions": {person.username: sign_in(person) for person in people},
        "source_id": made.pk,
    }


if __name__ == "__main__":
    sys.path.insert(0, str(Path.cwd()))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    import django

    django.setup()
    print(json.dumps(make(json.load(sys.stdin))))

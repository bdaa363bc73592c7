"""What tests in a browser share: one web process, a queue of five, and desks that are closed afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from playwright.sync_api import Browser

from agents.models import RegulatoryProfile, User
from tests.browser.desk import Desk, publish
from tests.commandcenter.history import ago, hear
from tests.factories import PASSWORD, make_person, make_queue, make_rule, make_source
from tests.web import Web, collect_static


@pytest.fixture(scope="package")
def web(django_db_setup: None) -> Iterator[Web]:
    """The web process that the files of this folder share which leave it running."""
    collect_static()
    running = Web().start()
    yield running
    running.stop()


@pytest.fixture
def square() -> Any:
    """A queue of five, oldest first, and ten seconds to undo."""
    make_rule(make_queue("care", name="Customer care"), actionable="true", reason="needs an answer")
    source = make_source()
    make_person()
    User.objects.update(password=Argon2PasswordHasher().encode(PASSWORD, "0123456789abcdef"))
    RegulatoryProfile.objects.update(undo_s=10)
    for number in range(5):
        hear(
            source, f"@bank my card was declined, {number} times", at=ago(minutes=20 - number), author=f"sofia{number}"
        )
    publish()
    return source


@pytest.fixture
def desk(chromium: Browser, web: Web) -> Iterator[Any]:
    """Makes desks, and closes them."""
    made: list[Desk] = []

    def make(person: User | None = None, **options: Any) -> Desk:
        made.append(Desk(chromium, web, person, **options))
        return made[-1]

    yield make
    for one in made:
        one.context.close()

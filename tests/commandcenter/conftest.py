from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from agents.models import Role, User
from commandcenter import periods
from tests.factories import make_person, make_queue, make_rule
from tests.web import Web


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[Web]:
    """A web process for the tests of a file that do it no harm."""
    running = Web().start()
    yield running
    running.stop()


@pytest.fixture
def then() -> datetime:
    """Noon two days ago."""
    return periods.midnight(periods.bank_day(timezone.now()) - timedelta(days=2)) + timedelta(hours=12)


@pytest.fixture
def sam(db: None) -> User:
    """A supervisor of two queues."""
    make_queue("care")
    make_rule(make_queue("fraud"), conditions={"words_any": ["stolen"]})
    return make_person("sam", role=Role.SUPERVISOR, teams=("care", "fraud"))

from collections.abc import Iterator

import pytest

from commandcenter import campaigns, usual
from mentions.models import Source
from tests.factories import make_queue, make_rule, make_source


@pytest.fixture(autouse=True)
def nothing_kept() -> Iterator[None]:
    """What a process keeps of weeks ago is another test's."""
    usual.forget()
    campaigns.forget()
    yield
    usual.forget()
    campaigns.forget()


@pytest.fixture
def bank(db: None) -> Source:
    """A queue and a source; whoever is heard here needs an answer."""
    make_rule(make_queue("care"), actionable="true", reason="needs an answer")
    return make_source()

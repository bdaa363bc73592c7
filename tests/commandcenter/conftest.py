from collections.abc import Iterator

import pytest

from tests.web import Web


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[Web]:
    """A web process for the tests of a file that do it no harm."""
    running = Web().start()
    yield running
    running.stop()

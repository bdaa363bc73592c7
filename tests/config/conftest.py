"""One running installation for the tests of a file that do it no harm."""

from collections.abc import Iterator

import pytest

from tests.product import Product


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """An empty installation on engines of its own."""
    running = Product(tmp_path_factory.mktemp("product")).start()
    yield running
    running.stop()

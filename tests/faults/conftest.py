"""Breaking things on purpose: briefly in every run, and at length with `make test-full`."""

import pytest

pytest.register_assert_rewrite("tests.faults.chaos", "tests.faults.bank")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "full: the long version of a fault, left out unless asked for with -m full")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "full" in config.getoption("markexpr", ""):
        return
    left_out = [item for item in items if item.get_closest_marker("full")]
    items[:] = [item for item in items if item not in left_out]
    if left_out:
        config.hook.pytest_deselected(items=left_out)

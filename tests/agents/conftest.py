"""The colleagues that tests of the desk tell of."""

from __future__ import annotations

import pytest

from agents.models import Role, User
from tests.factories import make_person, make_queue


@pytest.fixture
def priya(db: None) -> User:
    """An agent of the one team."""
    make_queue()
    return make_person("priya")


@pytest.fixture
def tom(priya: User) -> User:
    """Her colleague."""
    return make_person("tom")


@pytest.fixture
def sam(priya: User) -> User:
    """Their supervisor."""
    return make_person("sam", role=Role.SUPERVISOR)

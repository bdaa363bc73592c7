"""Nobody takes more out of the house in a day than the house or a network allows, and is told how much that is."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from agents.models import Role
from commandcenter import exporting
from tests.commandcenter.history import ago, hear, settle
from tests.factories import make_person, make_queue, make_source

pytestmark = pytest.mark.django_db
ROWS = "/reports/volume/rows.csv?list=mentions"


@pytest.fixture
def mary(db: None) -> Client:
    make_queue("care")
    square, ear = make_source("square"), make_source("ear", network="x")
    for number in range(3):
        hear(square, at=ago(minutes=number), author=f"a{number}")
    for number in range(2):
        hear(ear, at=ago(minutes=number), author=f"x{number}", network="x")
    settle()
    client = Client()
    client.force_login(make_person("mary", role=Role.MANAGER, teams=()))
    return client


def test_the_day_has_an_end_and_the_answer_says_where(mary: Client, settings: Any) -> None:
    settings.EXPORT_ROWS_A_DAY = 12
    assert [mary.get(ROWS).status_code for _ in range(3)] == [200, 200, 400]
    assert "12 rows a day" in mary.get(ROWS).content.decode()
    assert mary.get(f"{ROWS}&network=x").status_code == 200, "a smaller file still fits"
    other = Client()
    other.force_login(make_person("max", role=Role.MANAGER, teams=()))
    assert other.get(ROWS).status_code == 200, "and so does another person's"


def test_a_networks_terms_hold_for_its_posts_alone(mary: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "TERMS", {"x": 3})
    assert mary.get(ROWS).status_code == 200
    refused = mary.get(ROWS)
    assert refused.status_code == 400
    assert "3 of its posts a day" in refused.content.decode()
    assert mary.get(f"{ROWS}&network=townsquare").status_code == 200

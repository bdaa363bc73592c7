"""Nobody takes more out of the house in a day than the house or a network allows, and is told how much that is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from agents.models import Role
from commandcenter import exporting
from commandcenter.views import reports
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
    assert "12 rows a day" in mary.get(ROWS).getvalue().decode()
    assert mary.get(f"{ROWS}&network=x").status_code == 200, "a smaller file still fits"
    other = Client()
    other.force_login(make_person("max", role=Role.MANAGER, teams=()))
    assert other.get(ROWS).status_code == 200, "and so does another person's"


def test_a_file_counts_before_it_is_made(mary: Client, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.EXPORT_ROWS_A_DAY = 8
    answers: list[int] = []
    making = reports._rows_as

    def asked_again_meanwhile(*arguments: Any) -> Any:
        answers.append(mary.get(ROWS).status_code)
        return making(*arguments)

    monkeypatch.setattr(reports, "_rows_as", asked_again_meanwhile)
    assert mary.get(ROWS).status_code == 200
    assert answers == [400]


def test_of_a_networks_posts_beyond_its_terms_a_file_has_the_identifiers(
    mary: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "TERMS", {"x": 3})

    def told() -> tuple[int, int]:
        rows = json.loads(mary.get(ROWS.replace("csv", "json")).getvalue())["rows"]
        rows = [row for row in rows if row["network"] == "x"]
        assert all(row["post_id"] for row in rows)
        return len(rows), sum(bool(row["author"]) and "declined" in row["text"] for row in rows)

    assert [told() for _ in range(3)] == [(2, 2), (2, 1), (2, 0)]
    assert "Only its identifier" in mary.get(ROWS).getvalue().decode()
    others = mary.get(f"{ROWS}&network=townsquare").getvalue().decode()
    assert others.count("card was declined") == 3


def test_what_comes_in_while_a_file_is_made_goes_beyond_nothing(mary: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody has counted it, so nobody has allowed it: neither one row more nor its words."""
    monkeypatch.setattr(exporting, "TERMS", {"threads": 500})
    noting = exporting.note

    def hears_more(*told: Any, **more: Any) -> None:
        noting(*told, **more)
        hear(make_source("late", network="threads"), at=ago(seconds=1), author="late", network="threads")

    monkeypatch.setattr(exporting, "note", hears_more)
    rows = json.loads(mary.get(ROWS.replace("csv", "json")).getvalue())["rows"]
    assert len(rows) == 5
    assert [(row["author"], "declined" in row["text"]) for row in rows if row["network"] == "threads"] == [("", False)]


def test_x_allows_five_hundred_posts(mary: Client) -> None:
    assert exporting.TERMS == {"x": 500}, "the smaller of the two numbers that X publishes"

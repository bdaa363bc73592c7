"""What is spelled for `COPY` and for arrays comes back from PostgreSQL as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentions import bulk
from mentions.models import State

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)
NASTY = ["", "\\N", "NULL", "null", "{", "}", '"', '\\"', "a\tb", "a\nb\r\n", "\\t", "\\.", ",", " ", "é 日本 🙂"]


def back(table: str, columns: dict[str, str], rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        kinds = ", ".join(f"{name} {kind}" for name, kind in columns.items())
        cursor.execute(f"CREATE TEMP TABLE {table} (place serial, {kinds})")
        bulk.copy(cursor, table, ", ".join(columns), rows)
        cursor.execute(f"SELECT {', '.join(columns)} FROM {table} ORDER BY place")
        found = cursor.fetchall()
        cursor.execute(f"DROP TABLE {table}")
    return found


@pytest.mark.django_db
def test_every_kind_of_value_comes_back() -> None:
    moment = datetime(2026, 11, 22, 7, 23, 4, 123456, UTC)
    zoned = datetime(2026, 11, 22, 7, 23, 4, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    rows: list[tuple[Any, ...]] = [
        (text, number, truth, at, 0.1 + number, list(NASTY), [number, -1])
        for number, (text, truth, at) in enumerate(
            zip(NASTY, [True, False, None] * 5, [moment, zoned, None] * 5, strict=True)
        )
    ]
    columns = {"a": "text", "b": "bigint", "c": "bool", "d": "timestamptz", "e": "float8", "f": "text[]", "g": "int[]"}
    assert back("kinds", columns, rows * 20) == rows * 20
    assert back("states", {"a": "text", "b": "text[]"}, [(State.WAITING, ()), (None, (State.CLOSED,))]) == [
        ("waiting", []),
        (None, ["closed"]),
    ]
    zone = ZoneInfo("America/New_York")
    repeated = [datetime(2026, 11, 1, 1, 30, tzinfo=zone, fold=fold) for fold in (0, 1)]
    assert back(
        "hours", {"a": "timestamptz"}, [(hour.astimezone(UTC),) for hour in repeated] + [(h,) for h in repeated]
    ) == [(hour.astimezone(UTC),) for hour in repeated * 2]
    with pytest.raises(TypeError, match="no spelling for a dict"):
        bulk.line(({},))


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(TEXTS, st.lists(st.none() | TEXTS, max_size=4)), min_size=1, max_size=20))
def test_any_text_comes_back(rows: list[tuple[str, list[str | None]]]) -> None:
    assert back("anything", {"a": "text", "b": "text[]"}, [*rows]) == rows
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [bulk.array([text for text, _ in rows])])
        assert cursor.fetchone() == ([text for text, _ in rows],)

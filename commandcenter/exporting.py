"""How much a person may take out of the house in a day: as many rows as the house allows, and of one network's posts
as many with their words as its terms allow; of more of these a file has the identifiers alone. What was taken stands in
the events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents.models import User
from commandcenter import earlier, periods
from commandcenter.reports import behind, wording
from commandcenter.reports.asking import Ask, Unclear
from commandcenter.reports.behind import Question
from mentions import events
from mentions.events import Actor

# Posts with their words that one person may be given as a file on one day, where a network's terms name a number.
# X names two: its Developer Policy 500 (docs.x.com/developer-terms/policy, "Content redistribution": spreadsheets and
# PDFs), its page on restricted uses 50,000 (docs.x.com/developer-terms/restricted-use-cases, "Redistribution of X
# content"). The policy is part of the contract, so the smaller one holds; identifiers may be shared up to 1,500,000 in
# thirty days, which EXPORT_ROWS_A_DAY stays below.
TERMS: Mapping[str, int] = {"x": 500}


def parts(question: Question) -> dict[str, int]:
    """How many rows of a file would be of each network with such terms."""
    return {name: _of_network(question, name) for name in TERMS}


def allow(rows: int, of_each: Mapping[str, int], *, by: User, now: datetime) -> dict[str, int]:
    """How many posts of each network with such terms the file may hold with their words; `of_each` is their `parts`.

    Whoever asks records in the same transaction that the file was taken: until then nobody else counts for the person.

    Raises:
        Unclear: the file would go beyond what the person may still take today.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"exports {by.pk}"])
    taken, of_networks = _taken(by, now)
    if taken + rows > settings.EXPORT_ROWS_A_DAY:
        raise Unclear(
            [
                _(
                    "You may take %(most)s rows a day out of the house; %(taken)s are taken today, this file has "
                    "%(rows)s."
                )
                % {
                    "most": wording.number(settings.EXPORT_ROWS_A_DAY),
                    "taken": wording.number(taken),
                    "rows": wording.number(rows),
                }
            ]
        )
    return {name: min(part, max(0, TERMS[name] - of_networks[name])) for name, part in of_each.items()}


def note(
    ask: Ask, kind: str, *, by: User, rows: int, networks: Mapping[str, int] | None = None, **more: int | str
) -> None:
    """Who took figures or rows out of the house is an event like any other."""
    with transaction.atomic():
        events.record(
            "report.exported",
            at=timezone.now(),
            by=Actor.person(by.pk),
            data={
                "report": ask.report,
                "kind": kind,
                "rows": rows,
                "networks": dict(networks or {}),
                "definitions": earlier.version(ask.as_of),
                "as_of": (ask.as_of or ask.now).isoformat(),
                "from": ask.period.first.isoformat(),
                "to": ask.period.last.isoformat(),
                **more,
            },
        )


def _of_network(question: Question, name: str) -> int:
    networks = question.filters.networks
    if networks is not None and name not in networks:
        return 0
    return behind.size(replace(question, filters=replace(question.filters, networks=(name,))))


def _taken(by: User, now: datetime) -> tuple[int, dict[str, int]]:
    """Rows that the person has taken since the bank's midnight: all, and of each network with terms."""
    names = list(TERMS)
    of_each = ", ".join("coalesce(sum((data -> 'networks' ->> %s)::bigint), 0)" for _name in names)
    midnight = periods.midnight(periods.bank_day(now))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce(sum((data ->> 'rows')::bigint), 0), {of_each} FROM mentions_event "
            "WHERE recorded_at >= %s AND kind = 'report.exported' AND data ->> 'kind' = 'rows' AND actor_id = %s",
            [*names, midnight, by.pk],
        )
        rows, *parts = cursor.fetchone()
    return int(rows), {name: int(part) for name, part in zip(names, parts, strict=True)}

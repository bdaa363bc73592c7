"""Regulators' clocks: when something must have been reported, from data alone.

A rule is an entry of `RegulatoryProfile.clocks`: `key`, `name` (what is to be done), `source` (where it is
written), `runs` (a list of starts, of which the earliest end counts) and optionally `to` (who is told). A start is
{"from": "aware_at" | "determined_at" | "classified_at" | another rule's key, and "hours" or "months"}. Hours are
calendar hours: no regulator's clock knows weekends. `REGIMES` are wordings to choose from, read by hand from the
texts named in them, told in the language of who reads where they are shown; the bank's counsel decides which apply.
"""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop
from django_stubs_ext import StrPromise

STARTS: Final = ("aware_at", "determined_at", "classified_at")

MOMENT_NAMES: Final[Mapping[str, StrPromise]] = {
    "aware_at": _("since we knew of it"),
    "determined_at": _("since it was found to be a notification incident"),
    "classified_at": _("since it was classified as major"),
}

REGIMES: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "us-bank": (
        {
            "key": "us-36h",
            "name": gettext_noop("Notify the primary federal regulator"),
            "to": gettext_noop("OCC, Federal Reserve or FDIC"),
            "source": "Computer-security incident notification: 12 CFR 53.3, 12 CFR 225.302, 12 CFR 304.23",
            "runs": [{"from": "determined_at", "hours": 36}],
        },
    ),
    "nydfs": (
        {
            "key": "nydfs-72h",
            "name": gettext_noop("Notify the superintendent"),
            "to": gettext_noop("New York State Department of Financial Services"),
            "source": "23 NYCRR 500.17(a)",
            "runs": [{"from": "determined_at", "hours": 72}],
        },
    ),
    "dora": (
        {
            "key": "dora-initial",
            "name": gettext_noop("Initial notification"),
            "to": gettext_noop("the competent authority"),
            "source": "Regulation (EU) 2022/2554 art. 19; Delegated Regulation (EU) 2025/301 art. 5(1)(a)",
            "runs": [
                {"from": "classified_at", "hours": 4},
                {"from": "aware_at", "hours": 24, "needs": "classified_at"},
            ],
        },
        {
            "key": "dora-intermediate",
            "name": gettext_noop("Intermediate report"),
            "to": gettext_noop("the competent authority"),
            "source": "Delegated Regulation (EU) 2025/301 art. 5(1)(b)",
            "runs": [{"from": "dora-initial", "hours": 72}],
        },
        {
            "key": "dora-final",
            "name": gettext_noop("Final report"),
            "to": gettext_noop("the competent authority"),
            "source": "Delegated Regulation (EU) 2025/301 art. 5(1)(c)",
            "runs": [{"from": "dora-intermediate", "months": 1}],
        },
    ),
}


@dataclass(frozen=True, slots=True)
class Due:
    """Where a clock stands. `start` and `at` are null while it waits for `waits_for`, a moment or another rule."""

    start: datetime | None
    at: datetime | None
    since: str
    waits_for: str = ""


def due(rule: Mapping[str, Any], moments: Mapping[str, datetime | None], done: Mapping[str, datetime | None]) -> Due:
    """When a rule's report is due. `moments` are the incident's, `done` when other rules' reports were made."""
    known = {**done, **moments}
    running = []
    waiting = ""
    for run in rule["runs"]:
        start = known.get(run["from"])
        missing = next((name for name in (run["from"], run.get("needs")) if name and known.get(name) is None), "")
        if start is None or missing:
            waiting = waiting or missing
        else:
            running.append((_later(start, run), start, run["from"]))
    if not running:
        return Due(None, None, "", waiting)
    at, start, since = min(running)
    return Due(start, at, since)


def validate(rules: object) -> None:
    """Raises `ValueError` with a sentence unless `rules` is what a profile's `clocks` may hold."""
    if not isinstance(rules, list):
        raise ValueError("clocks are a list")  # noqa: TRY004  the caller shows the sentence, whatever was wrong
    keys: set[str] = set()
    for rule in rules:
        if not isinstance(rule, dict) or not all(isinstance(rule.get(k), str) for k in ("key", "name", "source")):
            raise ValueError("every clock has a key, a name and a source")
        runs = rule.get("runs")
        if not isinstance(runs, list) or not runs:
            raise ValueError(f"{rule['key']}: say from when it runs")
        for run in runs:
            if run.get("from") not in {*STARTS, *keys}:
                raise ValueError(f"{rule['key']}: it runs from one of {', '.join(STARTS)} or from a clock above it")
            length = run.get("hours", run.get("months"))
            if not isinstance(length, int) or length <= 0:
                raise ValueError(f"{rule['key']}: how many hours or months?")
        if rule["key"] in keys:
            raise ValueError(f"{rule['key']} is there twice")
        keys.add(rule["key"])


def _later(start: datetime, run: Mapping[str, Any]) -> datetime:
    if "hours" in run:
        return start + timedelta(hours=run["hours"])
    moment = start.astimezone(UTC)
    month = moment.month - 1 + run["months"]
    year, month = moment.year + month // 12, month % 12 + 1
    return moment.replace(year=year, month=month, day=min(moment.day, calendar.monthrange(year, month)[1]))

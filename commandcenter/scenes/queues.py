"""Queues and SLA: is somebody waiting too long, and where."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from commandcenter import metrics
from commandcenter.figures import QueueLine
from commandcenter.models import Profile
from commandcenter.scenes import Scene, _practised, _wording

MOST_ROWS = 6  # more cannot be read from across a room
MOST_PRACTISED = 2  # of them of an exercise, while one runs
LONG_NAME = 28  # small letters; a longer name is written smaller, so that more of it is read


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """The board's sum, and its worst queues first."""
    board = metrics.queue_board(now)
    lines = sorted(board.queues, key=lambda line: _badness(line, now), reverse=True)
    practised = _rows_practised(now)
    most = MOST_ROWS - len(practised)
    hidden = lines[most:]
    return {
        "status": _wording.status(board.total),
        "total": _row(board.total, now),
        "kept": _wording.kept(board.total.today),
        "rows": [*(_row(line, now) for line in lines[:most]), *practised],
        "more": {
            "shown": _wording.number(most),
            "queues": _wording.number(len(hidden)),
            "waiting": _wording.number(sum(line.waiting for line in hidden)),
        }
        if hidden
        else None,
    }


def _rows_practised(now: datetime) -> list[dict[str, Any]]:
    """The worst queues of a running exercise, each under its mark and in no sum."""
    worst = sorted(_practised.queues(now), key=lambda line: _badness(line, now), reverse=True)[:MOST_PRACTISED]
    return [_row(line, now) | {"status": _wording.exercise()} for line in worst]


def _badness(line: QueueLine, now: datetime) -> tuple[int, int, int, timedelta]:
    """What makes one queue worse than another: late, then nearly late, then many, then for long."""
    age = now - line.oldest_since if line.oldest_since is not None else timedelta(0)
    return line.overdue, line.soon, line.waiting, age


def _row(line: QueueLine, now: datetime) -> dict[str, Any]:
    return {
        "name": line.name,
        "long": _wording.width(line.name) > LONG_NAME,
        "status": _wording.status(line),
        "waiting": _wording.number(line.waiting),
        "oldest": _wording.since(line.oldest_since, now),
        "overdue": _wording.number(line.overdue),
        "soon": _wording.number(line.soon),
        "attainment": _wording.percent(line.today.percent),
        "met": _wording.number(line.today.met),
        "n": _wording.number(line.today.n),
    }


SCENE = Scene(
    title=_("Queues and SLA"),
    purpose=_("The supervisor moves people to the queue that is late or about to be."),
    listens_to=("mention.", "conversation.", "case.", "reply."),
    context=context,
    strangers=False,
    figures=("queue_board", "attainment"),
)

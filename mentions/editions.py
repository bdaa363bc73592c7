"""What is set up, edition by edition: each change is kept whole, with who made it, and is an event of the same moment.

Whoever changes something holds `lock` until the end of the transaction, says with which edition in view, and is told
what others changed meanwhile. Editions cannot be altered by the application; each event carries its edition's digest.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, Q, When
from django.utils.translation import gettext as _

from mentions import events, hooks, rulebook
from mentions.events import Actor, Break
from mentions.models import Edition

State = Any  # what json can carry


class NotSaved(ValueError):
    """What was asked cannot be kept like that; the sentence is for the person who asked."""


class Stale(NotSaved):
    """Others changed it since it was looked at: `since` holds their editions, oldest first."""

    def __init__(self, since: list[Edition]) -> None:
        self.since = since
        super().__init__(_("This was changed meanwhile. Look at what is different, then decide again."))


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that differs between two states; `before` or `after` is None where there was none."""

    name: str
    before: Any
    after: Any


def number(subject: str, key: int = 0) -> int:
    """The number of the edition that holds; 0 if nothing was changed yet."""
    latest = Edition.objects.filter(subject=subject, key=key).order_by("-number").values_list("number", flat=True)
    return latest.first() or 0


def of(subject: str, key: int = 0, *, limit: int = 50) -> list[Edition]:
    """The editions, newest first."""
    return list(Edition.objects.filter(subject=subject, key=key).order_by("-number")[:limit])


def at(subject: str, key: int, moment: datetime) -> State | None:
    """What held at a moment, or None if only what holds now is known."""
    kept = Edition.objects.filter(subject=subject, key=key).alias(later=Q(at__gt=moment))
    # The newest of those that held by then; where there is none, the first that is known.
    found = kept.order_by("later", Case(When(later=True, then="number"), default=-F("number"))).first()
    return found.state if found else None


def lock(subject: str, key: int = 0, *, seen: int | None) -> None:
    """Be the only one who changes it until the transaction ends. Raises `Stale` if it is not as it was `seen`."""
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an edition is kept in the transaction of its change")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"edition {subject} {key}"])
    if seen is not None and seen < number(subject, key):
        raise Stale(list(Edition.objects.filter(subject=subject, key=key, number__gt=seen).order_by("number")))


def keep(
    subject: str,
    key: int = 0,
    *,
    before: State | None,
    after: State,
    what: str,
    by: int | None,
    now: datetime,
    **about: Any,
) -> Edition | None:
    """Keep a change that was just made, and record its event; None if nothing differs.

    `before` is None for something new. `what` says which kind of change it was ("made", "changed", "moved", ...);
    `about` goes into the event.
    """
    if before == after:
        return None
    last = number(subject, key)
    if last == 0 and before is not None:
        last = _add(subject, key, 1, before, what="found", by=None, now=now).number
    edition = _add(subject, key, last + 1, after, what=what, by=by, now=now)
    data = {"subject": subject, "id": key, "edition": edition.number, "digest": edition.digest, "what": what}
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        data["fields"] = [each.name for each in differences(before, after)]
    events.record(f"setup.{what}", at=now, by=Actor.person(by), data=data | about)
    transaction.on_commit(rulebook.forget)
    transaction.on_commit(hooks.forget)
    return edition


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Difference]:
    """The values that differ, in the order in which the states name them."""
    names = dict.fromkeys((*after, *before))
    return [
        Difference(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)
    ]


def digest(state: State) -> str:
    """One spelling of a state, hashed."""
    return hashlib.sha256(json.dumps(state, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def verify() -> list[Break]:
    """Check every edition against the event of its change, and that none was put in without one.

    What was found before the first change has no event of its own.
    """
    said: dict[tuple[str, int, int], tuple[int, int, str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(s.position, 0), e.id, e.data->>'subject', (e.data->>'id')::bigint,"
            " (e.data->>'edition')::int, e.data->>'digest' FROM mentions_event e"
            " LEFT JOIN mentions_seal s ON s.event_id = e.id AND s.recorded_at = e.recorded_at"
            " WHERE e.kind LIKE 'setup.%%' AND e.data ? 'edition' AND e.data ? 'digest' ORDER BY e.id",
            [],
        )
        for position, event, subject, key, number, hashed in cursor.fetchall():
            said[subject, key, number] = (position, event, hashed)
    breaks = []
    for kept in Edition.objects.order_by("pk").iterator():
        position, event, hashed = said.pop((kept.subject, kept.key, kept.number), (0, None, kept.digest))
        if event is None and (kept.number, kept.what) != (1, "found"):
            breaks.append(Break(0, None, f"{_named(kept)} was put in: no event tells of it"))
        elif {digest(kept.state), kept.digest} != {hashed}:
            breaks.append(Break(position, event, f"{_named(kept)} is not what was set up then"))
    for (subject, key, number), (position, event, _hashed) in said.items():
        breaks.append(Break(position, event, f"edition {number} of {subject} {key} was removed"))
    return breaks


def _named(edition: Edition) -> str:
    return f"edition {edition.number} of {edition.subject} {edition.key}"


def _add(subject: str, key: int, number: int, state: State, *, what: str, by: int | None, now: datetime) -> Edition:
    return Edition.objects.create(
        subject=subject, key=key, number=number, at=now, by=by, what=what, state=state, digest=digest(state)
    )

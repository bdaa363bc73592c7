"""One deed for many conversations at once, each by itself, with one undo (`agents.undoing`).

What a person may not do to one of them, or what has changed since they looked, is left alone and said with its reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from agents import access, cases, judgement, staleness, undoing, weighing
from agents.cases import Refused
from agents.models import BulkAction, Case, User
from agents.staleness import Stale
from agents.undoing import ASSIGNED, NEEDED, TRANSFERRED, UNDECIDED, WEIGHED
from mentions.models import Conversation, Queue


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What a bulk action did: the action to undo, None if it did nothing, and why others were `left` alone, by their
    conversation. What the person does not see is in neither.
    """

    action: BulkAction | None
    left: Mapping[int, Refused] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many it was done to."""
        return len(self.action.done) if self.action else 0

    @property
    def stale(self) -> dict[int, Stale]:
        """Those that had changed since the person looked."""
        return {pk: why for pk, why in self.left.items() if isinstance(why, Stale)}


def dismiss_many(
    conversation_ids: Sequence[int],
    *,
    why: str,
    by: User,
    seen: Mapping[int, int | None] | None = None,
    now: datetime | None = None,
) -> BulkResult:
    """Dismiss what is still free or one's own among these, each by itself; the rest is reported.

    `seen` is the version of each conversation that the person had before their eyes: what has changed since is left.
    """
    return _each(conversation_ids, lambda pk: cases.dismiss(pk, why=why, by=by, now=now), why, by, now, seen)


def need_many(conversation_ids: Sequence[int], *, by: User, now: datetime | None = None) -> BulkResult:
    """Mark what is undecided or was dismissed among these as needing an answer; the rest is reported."""
    return _each(conversation_ids, lambda pk: judgement.needs_answer(pk, by=by, now=now), NEEDED, by, now)


def undecide_many(
    conversation_ids: Sequence[int],
    *,
    by: User,
    seen: Mapping[int, int | None] | None = None,
    now: datetime | None = None,
) -> BulkResult:
    """Leave open whether these need an answer, until somebody can tell. `seen` as above."""
    return _each(conversation_ids, lambda pk: judgement.undecide(pk, by=by, now=now), UNDECIDED, by, now, seen)


def close_many(
    conversation_ids: Sequence[int],
    *,
    disposition: str,
    by: User,
    address: str = "",
    seen: Mapping[int, int | None] | None = None,
    now: datetime | None = None,
) -> BulkResult:
    """Close these with one of `cases.DISPOSITIONS`; what waits is claimed in the same breath. `seen` as above."""

    @transaction.atomic
    def close(pk: int) -> Conversation:
        _conversation, case = cases.workable(pk, by)
        if case is None:
            cases.claim(pk, by=by, now=now)
        return cases.close(pk, disposition=disposition, address=address, by=by, now=now)

    return _each(conversation_ids, close, disposition, by, now, seen)


def transfer_many(
    conversation_ids: Sequence[int],
    *,
    to: Queue,
    reason: str,
    by: User,
    seen: Mapping[int, int | None] | None = None,
    now: datetime | None = None,
) -> BulkResult:
    """Hand these to another queue, each with the reason as a note. `seen` as above."""

    @transaction.atomic
    def transfer(pk: int) -> Conversation:
        judgement.add_note(pk, text=reason, by=by, now=now)
        return cases.transfer(pk, to=to, by=by, now=now)

    return _each(conversation_ids, transfer, TRANSFERRED, by, now, seen)


def assign_many(
    conversation_ids: Sequence[int],
    *,
    to: User,
    by: User,
    seen: Mapping[int, int | None] | None = None,
    now: datetime | None = None,
) -> BulkResult:
    """A supervisor gives these to a colleague who works their queues. `seen` as above."""
    access.require(by, "assign cases")

    def assign(pk: int) -> Conversation:
        return cases.assign(pk, to=to, by=by, now=now).conversation

    return _each(conversation_ids, assign, ASSIGNED, by, now, seen)


def weigh_many(
    conversation_ids: Sequence[int],
    *,
    priority: int,
    tags: Iterable[str],
    by: User,
    seen: Mapping[int, int | None] | None = None,
    now: datetime | None = None,
) -> BulkResult:
    """Give these a priority and tags by a person's word; see `agents.weighing`. `seen` as above."""
    wanted = list(tags)

    def weigh(pk: int) -> Conversation:
        return weighing.weigh(pk, priority=priority, tags=wanted, by=by, now=now)

    return _each(conversation_ids, weigh, WEIGHED, by, now, seen)


def _each(
    ids: Sequence[int],
    verb: Callable[[int], Conversation],
    called: str,
    by: User,
    now: datetime | None,
    seen: Mapping[int, int | None] | None = None,
) -> BulkResult:
    looked_at = seen or {}
    done: list[dict[str, Any]] = []
    left: dict[int, Refused] = {}
    for pk in access.conversations_for(by).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True):
        try:
            with staleness.seen(pk, looked_at.get(pk), by=by) as before:
                case = Case.objects.filter(conversation=pk, ended_at=None).values_list("pk", flat=True).first()
                version = verb(pk).version
        except Refused as why:
            left[pk] = why
        else:
            done.append({"id": pk, "version": version, "case": case, **undoing.as_it_was(before)})
    if not done:
        return BulkResult(None, left)
    action = BulkAction.objects.create(person=by, disposition=called, done=done, at=now or timezone.now())
    return BulkResult(action, left)

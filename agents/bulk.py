"""Judging many conversations at once whether they need an answer, with one undo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from agents import access, cases, judgement, staleness, stretches
from agents.cases import Refused, Taken
from agents.models import BulkAction, Case, User
from agents.staleness import Stale
from mentions.events import Actor
from mentions.models import Conversation, State

NEEDED: Final = "needs_answer"
_BEFORE = ("actionable", "actionable_reason", "actionable_by", "state", "disposition", "pending_note")
_MOMENTS = ("closed_at", "wake_at")


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What a bulk action did: the action to undo, None if it did nothing; what others held; why others were left alone,
    among them what had changed since the person looked, by its conversation.

    What the person does not see is in none of these.
    """

    action: BulkAction | None
    taken: tuple[int, ...]
    refused: tuple[str, ...] = ()
    stale: Mapping[int, Stale] = field(default_factory=dict)

    @property
    def done(self) -> int:
        """How many were judged."""
        return len(self.action.done) if self.action else 0


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
    moment = now or timezone.now()
    return _each(conversation_ids, lambda pk: cases.dismiss(pk, why=why, by=by, now=moment), why, by, moment, seen)


def need_many(conversation_ids: Sequence[int], *, by: User, now: datetime | None = None) -> BulkResult:
    """Mark what is undecided or was dismissed among these as needing an answer; the rest is reported."""
    moment = now or timezone.now()
    return _each(conversation_ids, lambda pk: judgement.needs_answer(pk, by=by, now=moment), NEEDED, by, moment)


def undo_bulk(action_id: int, *, by: User, now: datetime | None = None) -> int:
    """Put back what nobody touched since; returns how many are as they were.

    What is undone is as if it had not been: it counts as no reopening, what was closed before was closed then, and what
    somebody had is theirs again, pending until when it was. Its events stay, and say `undone`, so that a past day is
    told as it was. All of it is undone or nothing, so that it can be asked for again.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        action = BulkAction.objects.select_for_update().filter(pk=action_id, person=by).first()
        if action is None or action.undone_at is not None:
            raise Refused(_("There is nothing left to undo."))
        action.undone_at = moment
        action.save(update_fields=["undone_at"])
        back = _forget_need if action.disposition == NEEDED else _take_back
        done = 0
        for entry in action.done:
            # Where the customer has gone on in another conversation, this one stays closed.
            with suppress(Refused), transaction.atomic():
                conversation = Conversation.objects.select_for_update().get(pk=entry["id"])
                if conversation.version != entry["version"]:
                    continue
                back(conversation, entry, by, moment)
                done += 1
    return done


def _each(
    ids: Sequence[int],
    verb: Callable[[int], Conversation],
    disposition: str,
    by: User,
    now: datetime,
    seen: Mapping[int, int | None] | None = None,
) -> BulkResult:
    looked_at = seen or {}
    done: list[dict[str, Any]] = []
    taken: list[int] = []
    refused: list[str] = []
    stale: dict[int, Stale] = {}
    for pk in access.conversations_for(by).filter(pk__in=ids).order_by("pk").values_list("pk", flat=True):
        try:
            with staleness.seen(pk, looked_at.get(pk), by=by) as before:
                case = Case.objects.filter(conversation=pk, ended_at=None).values_list("pk", flat=True).first()
                version = verb(pk).version
        except Taken:
            taken.append(pk)
        except Stale as missed:
            stale[pk] = missed
        except Refused as why:
            refused.append(str(why))
        else:
            done.append({"id": pk, "version": version, "case": case, **_as_it_was(before)})
    action = BulkAction.objects.create(person=by, disposition=disposition, done=done, at=now) if done else None
    return BulkResult(action, tuple(taken), tuple(refused), stale)


def _as_it_was(conversation: Conversation) -> dict[str, Any]:
    """What an undo puts back, of the row as it was locked: a colleague or a rule may have judged it just before."""
    moments = {name: getattr(conversation, name) for name in _MOMENTS}
    return {name: getattr(conversation, name) for name in _BEFORE} | {
        name: moment.isoformat() if moment else None for name, moment in moments.items()
    }


def _take_back(conversation: Conversation, entry: dict[str, Any], by: User, now: datetime) -> None:
    """Open what was dismissed."""
    was = conversation.actionable
    _judged_before(conversation, entry)
    cases.put_back(conversation, now)
    cases.tell("conversation.reopened", conversation, Actor.person(by.pk), now, was_actionable=was, undone=True)
    case = Case.objects.select_for_update(of=("self",)).select_related("owner").filter(pk=entry["case"]).first()
    if case is not None and access.colleagues(by, conversation.queue).filter(pk=case.owner_id).exists():
        _give_back(conversation, case, entry, by, now)


def _give_back(conversation: Conversation, case: Case, entry: dict[str, Any], by: User, now: datetime) -> None:
    """It is whose it was, as if their case had gone on: theirs to work on, or pending until then."""
    case.ended_at, case.outcome, case.lease_until = None, "", now + cases.LEASE
    case.save(update_fields=["ended_at", "outcome", "lease_until"])
    conversation.state, conversation.returned = State.CLAIMED, False
    person, wake_at = Actor.person(by.pk), parse_datetime(entry["wake_at"] or "")
    if entry["state"] == State.CLAIMED or wake_at is None or wake_at <= now:
        cases.tell("case.assigned", conversation, person, now, case=case, owner=case.owner_id, undone=True)
        return
    conversation.state, conversation.wake_at, conversation.pending_note = entry["state"], wake_at, entry["pending_note"]
    clock = stretches.pause(conversation, now)
    cases.tell("conversation.pending", conversation, person, now, case=case, on=entry["state"], undone=True, **clock)


def _forget_need(conversation: Conversation, entry: dict[str, Any], by: User, now: datetime) -> None:
    """Close again what was opened for an answer; what was open stays so, undecided or asking for none as before."""
    was = conversation.actionable
    _judged_before(conversation, entry)
    told: dict[str, Any] = {"was_actionable": was, "actionable": entry["actionable"]}
    person = Actor.person(by.pk)
    if entry["state"] == State.CLOSED:
        cases.shut(conversation, entry["disposition"], now)
        conversation.closed_at = parse_datetime(entry["closed_at"])
        conversation.reopened_count -= 1
        told |= {"disposition": entry["disposition"], "undone": True, "closed_at": entry["closed_at"]}
        cases.tell("conversation.closed", conversation, person, now, **told)
        return
    if entry["actionable"] is False:
        stretches.forgo(conversation)
    cases.tell("conversation.marked", conversation, person, now, **told)


def _judged_before(conversation: Conversation, entry: dict[str, Any]) -> None:
    for name in ("actionable", "actionable_reason", "actionable_by"):
        setattr(conversation, name, entry[name])

"""What a row shows so that its figure can be counted again from a file: answered or not, in time, by whom, how ended.

A response rate is the rows with `answered` of those that needed one, an attainment the rows `in_time` of those that
came due, an ingest lag `received` less `at`, in a workbook by their columns in UTC.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from agents.models import Case, Reply, User
from commandcenter.reports.behind import Found, Question
from mentions.models import Conversation, State, Stretch

COLUMNS = (
    *("needed_answer", "answered", "answered_at", "due", "in_time", "state", "person", "closed_at", "disposition"),
    *("priority", "replies", "reopened", "transfers"),
)
WAITS = ("first_response", "next_response")


@dataclass(frozen=True, slots=True)
class Proof:
    """What became of one row. `answered` and `in_time` are None where they mean nothing to it, or nothing yet."""

    needed_answer: bool | None = None
    answered: bool | None = None
    answered_at: datetime | None = None
    due: datetime | None = None
    in_time: bool | None = None
    state: str = ""
    person: str = ""
    closed_at: datetime | None = None
    disposition: str = ""
    priority: int | None = None
    replies: int | None = None
    reopened: int | None = None
    transfers: int | None = None

    def cells(self) -> Iterable[Any]:
        """The values of `COLUMNS`; yes, no or nothing where it is one or the other."""
        for name in COLUMNS:
            value = getattr(self, name)
            yield {True: "yes", False: "no"}[value] if isinstance(value, bool) else value


def proofs(found: Sequence[Found], question: Question) -> list[Proof]:
    """What became of each row, in the same order and number."""
    about = {one.conversation for one in found if one.conversation is not None}
    talks = {talk.pk: talk for talk in Conversation.objects.filter(pk__in=about).only(*_READ)}
    keys, what = [one.key for one in found], question.list.what
    waits = Stretch.objects.in_bulk(keys) if what in WAITS else {}
    people = _people(what, keys, about, waits)
    return [
        _proof(talks.get(one.conversation or 0), waits.get(one.key), people.get(_whose(what, one), ""), question)
        for one in found
    ]


_READ = (
    *("state", "actionable", "priority", "due_at", "resolution_due_at", "paused_at", "first_replied_at", "closed_at"),
    *("disposition", "reply_count", "reopened_count", "transfer_count"),
)


def _proof(talk: Conversation | None, wait: Stretch | None, person: str, question: Question) -> Proof:
    if talk is None:
        return Proof(person=person)
    answered_at, due, in_time = talk.first_replied_at, talk.due_at, None
    if question.by and answered_at and answered_at >= question.by:
        answered_at = None
    if wait is not None:
        needed = talk.actionable is not False
        answered_at, due = wait.stopped_at if wait.reply_id else None, wait.due_at
        in_time = wait.met if needed else None
        runs = wait.stopped_at is None and needed
        if runs and due and due < (talk.paused_at or question.now):
            in_time = False
    elif question.name.startswith("resolution"):
        due = talk.resolution_due_at
        if due and (talk.closed_at or due < (talk.paused_at or question.now)):
            in_time = talk.closed_at is not None and talk.closed_at <= due
    elif question.list.what == "open" and due and due < question.now:
        in_time = False
    return Proof(
        needed_answer=talk.actionable,
        answered=answered_at is not None,
        answered_at=answered_at,
        due=due,
        in_time=in_time,
        state=talk.state,
        person=person,
        closed_at=talk.closed_at,
        disposition=talk.disposition if talk.state == State.CLOSED else "",
        priority=talk.priority,
        replies=talk.reply_count,
        reopened=talk.reopened_count,
        transfers=talk.transfer_count,
    )


def _whose(what: str, one: Found) -> int:
    return one.key if what in ("cases", "replies", "available", "away", *WAITS) else one.conversation or 0


def _people(what: str, keys: Sequence[int], about: Iterable[int], waits: Mapping[int, Stretch]) -> dict[int, str]:
    """Whose deed each row is, who answered, or who holds the conversation now; by the row's key or conversation."""
    if what == "cases":
        owners = dict(Case.objects.filter(pk__in=keys).values_list("pk", "owner"))
    elif what in ("available", "away"):
        owners = {key: key for key in keys}
    elif what == "replies":
        owners = dict(Reply.objects.filter(pk__in=keys).values_list("pk", "author"))
    elif what in WAITS:
        ended = {wait.reply_id: key for key, wait in waits.items() if wait.reply_id}
        authors = Reply.objects.filter(pk__in=ended.keys()).values_list("pk", "author")
        owners = {ended[reply]: author for reply, author in authors}
    else:
        holding = Case.objects.filter(conversation__in=about, ended_at=None)
        owners = dict(holding.values_list("conversation", "owner"))
    names = {one.pk: str(one) for one in User.objects.filter(pk__in=set(owners.values()))}
    return {key: names[owner] for key, owner in owners.items()}


def verdict(proof: Proof, question: Question) -> tuple[str, bool]:
    """What the page says of a row, and whether it is what a manager looks for: late, or without an answer."""
    if proof.in_time is not None:
        return (_("in time"), False) if proof.in_time else (_("too late"), True)
    if question.list.what == "conversations" and proof.answered is not None and proof.needed_answer:
        return (_("answered"), False) if proof.answered else (_("no answer"), True)
    return "", False

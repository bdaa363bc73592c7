"""A person's word: on a machine's labels, on whether a conversation needs us, and in notes to colleagues."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, cases, stretches
from agents.cases import Refused
from agents.models import Note, Nudge, User
from mentions import events, naming, relabelling, scrub
from mentions.events import Actor
from mentions.models import Conversation, Correction, Mention, State
from mentions.triage.language import LANGUAGES, UNDETERMINED
from mentions.triage.topics import PHRASES

# A user name ends with no full stop: that is the sentence's.
_NAME = re.compile(r"(?<![\w@.])@([\w+-](?:[\w.+@-]{0,148}[\w+-])?)")
CORRECTABLE = frozenset({"language", "sentiment", "topics"})
NEEDED = "needs an answer"


def needs_answer(conversation_id: int, *, by: User, now: datetime | None = None) -> Conversation:
    """Somebody has to answer this, whatever a rule or a colleague made of it.

    What was undecided is decided and has a promise; what was dismissed, also on arrival, is back in its queue, and its
    customer has waited since they wrote. Raises `Taken`, or `Refused` for what is marked so already or closed for
    another reason.
    """
    with transaction.atomic():
        conversation, case = cases.workable(conversation_id, by)
        moment = now or timezone.now()
        if conversation.actionable:
            raise Refused(_("It is marked as needing an answer already."))
        was, closed = conversation.actionable, conversation.state == State.CLOSED
        if closed and was is None:
            raise Refused(_("This conversation is closed; reopen it first."))
        conversation.actionable, conversation.actionable_reason = True, NEEDED
        conversation.actionable_by = "person"
        if closed:
            conversation.reopened_count += 1
            cases.put_back(conversation, moment)
        stretches.need(conversation, moment)
        kind = "conversation.reopened" if closed else "conversation.marked"
        told: dict[str, Any] = {"actionable": True, "was_actionable": was}
        cases.tell(kind, conversation, Actor.person(by.pk), moment, case=case, **told)
    return conversation


def undecide(conversation_id: int, *, by: User, now: datetime | None = None) -> Conversation:
    """Nobody can tell yet whether somebody has to answer this: it is counted apart until that is decided.

    Raises `Taken`, or `Refused` for what is undecided or closed.
    """
    with transaction.atomic():
        conversation, case = cases.workable(conversation_id, by)
        moment = now or timezone.now()
        if conversation.state == State.CLOSED:
            raise Refused(_("This conversation is closed; reopen it first."))
        was = conversation.actionable
        if was is None:
            raise Refused(_("It is undecided already."))
        conversation.actionable, conversation.actionable_reason, conversation.actionable_by = None, "", "person"
        told: dict[str, Any] = {"actionable": None, "was_actionable": was}
        cases.tell("conversation.marked", conversation, Actor.person(by.pk), moment, case=case, **told)
    return conversation


def correct(mention: Mention, *, field: str, value: Any, by: User, now: datetime | None = None) -> Correction:
    """Replace a machine's label by a person's word; the machine's own stays in `labels` for its teachers.

    The conversation follows, without a new version: nobody's answer is staler for it. Raises `Refused` for a value that
    is no such label: what is typed here stands on walls and in reports.
    """
    if field not in CORRECTABLE:
        raise ValueError(f"{field} is not a label that a person corrects")
    if not _is_label(mention, field, value):
        raise Refused(_("Choose one of the labels that there are."))
    moment = now or timezone.now()
    with transaction.atomic(), connection.cursor() as cursor:
        # In the order in which intake locks.
        cursor.execute("SELECT FROM mentions_conversation WHERE id = %s FOR NO KEY UPDATE", [mention.conversation_id])
        locked = Mention.objects.select_for_update().get(pk=mention.pk)
        correction = Correction.objects.create(
            mention=locked, field=field, before=getattr(locked, field), value=value, at=moment
        )
        setattr(locked, field, value)
        locked.save(update_fields=[field])
        relabelling.follow(cursor, locked)
        events.record(
            "mention.corrected",
            at=moment,
            by=Actor.person(by.pk),
            origin=locked.origin,
            conversation_id=locked.conversation_id,
            mention_id=locked.pk,
            source_id=locked.source_id,
            data={"field": field, "value": value, "correction": correction.pk},
        )
    return correction


def _is_label(mention: Mention, field: str, value: Any) -> bool:
    if field == "topics":
        return set(value) <= {*PHRASES, *naming.TOPICS, *mention.topics}
    return value in ((-1, 0, 1, None) if field == "sentiment" else (*LANGUAGES, UNDETERMINED))


def add_note(conversation_id: int, *, text: str, by: User, now: datetime | None = None) -> Note:
    """Write for colleagues only; whom it names (@priya) finds it among their lists.

    Raises `Refused` for an empty note.
    """
    words = scrub.typed(text)
    if not words:
        raise Refused(_("Write the note first."))
    moment = now or timezone.now()
    with transaction.atomic():
        conversation = Conversation.objects.get(pk=conversation_id)
        note = Note.objects.create(conversation=conversation, author=by, text=words, at=moment)
        Nudge.objects.bulk_create([Nudge(note=note, person=who) for who in _named(words, conversation, by)])
        cases.tell("note.added", conversation, Actor.person(by.pk), moment, bump=False, note=note.pk)
    return note


def looked(conversation: Conversation, *, by: User, now: datetime | None = None) -> None:
    """The person has the conversation before their eyes: what named them there is seen."""
    seen = Nudge.objects.filter(person=by, seen_at=None, note__conversation=conversation)
    seen.update(seen_at=now or timezone.now())


def _named(words: str, conversation: Conversation, by: User) -> list[User]:
    """The colleagues whom a note names and who see this conversation."""
    named = Q()
    for name in set(_NAME.findall(words)):
        named |= Q(username__iexact=name)
    if not named:
        return []
    people = User.objects.filter(named, is_active=True).exclude(pk=by.pk)
    return [who for who in people if access.conversations_for(who).filter(pk=conversation.pk).exists()]

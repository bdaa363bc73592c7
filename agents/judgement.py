"""A person's word: on a machine's labels, on whether a conversation needs us, and in notes to colleagues."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import cases
from agents.cases import Refused
from agents.models import Note, User
from mentions import events, scrub
from mentions.models import Conversation, Correction, Mention

CORRECTABLE = frozenset({"language", "sentiment", "topics"})


def mark_actionable(
    conversation_id: int, *, actionable: bool | None, reason: str, by: User, now: datetime | None = None
) -> Conversation:
    """A person's word on whether it needs us, which wins over any rule."""
    moment = now or timezone.now()
    with transaction.atomic():
        conversation, case = cases.workable(conversation_id, by)
        was = conversation.actionable
        conversation.actionable, conversation.actionable_reason = actionable, reason
        conversation.actionable_by = "person"
        conversation.save()
        person = cases.by_person(by)
        cases.tell(
            "conversation.marked", conversation, person, moment, case=case, actionable=actionable, was_actionable=was
        )
    return conversation


def correct(mention: Mention, *, field: str, value: Any, by: User, now: datetime | None = None) -> Correction:
    """Replace a machine's label by a person's word; the machine's own stays in `labels` for its teachers."""
    if field not in CORRECTABLE:
        raise ValueError(f"{field} is not a label that a person corrects")
    moment = now or timezone.now()
    with transaction.atomic():
        locked = Mention.objects.select_for_update().get(pk=mention.pk)
        correction = Correction.objects.create(
            mention=locked, field=field, before=getattr(locked, field), value=value, at=moment
        )
        setattr(locked, field, value)
        locked.save(update_fields=[field])
        events.record(
            "mention.corrected",
            at=moment,
            by=cases.by_person(by),
            origin=locked.origin,
            conversation_id=locked.conversation_id,
            mention_id=locked.pk,
            source_id=locked.source_id,
            data={"field": field, "correction": correction.pk},
        )
    return correction


def add_note(conversation_id: int, *, text: str, by: User, now: datetime | None = None) -> Note:
    """Write for colleagues only. Raises `Refused` for an empty note."""
    words = scrub.scrub(text.strip()).text
    if not words:
        raise Refused(_("Write the note first."))
    moment = now or timezone.now()
    with transaction.atomic():
        conversation = Conversation.objects.get(pk=conversation_id)
        note = Note.objects.create(conversation=conversation, author=by, text=words, at=moment)
        cases.tell("note.added", conversation, cases.by_person(by), moment, bump=False, note=note.pk)
    return note

"""Putting pictures into what somebody writes, and taking them out again: of their own drafts alone."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from agents import access, originals, pictures, replies
from agents.models import Reply, ReplyPicture, User


def to_reply(
    conversation_id: int, body: bytes, *, visibility: str, client_key: UUID, by: User, now: datetime | None = None
) -> Reply:
    """Put what a file shows into the person's draft here, which begins with it if there is none. Raises `Refused`."""
    access.require(by, "work cases")
    made = pictures.drawn(body)  # before anything is locked
    with transaction.atomic():
        reply = replies.changing(
            conversation_id, visibility=visibility, client_key=client_key, by=by, now=now or timezone.now()
        )
        pictures.add(reply, made)
    return reply


def from_reply(picture: ReplyPicture, *, by: User, now: datetime | None = None) -> None:
    """Take a picture out of the person's draft of an answer. Raises `Refused` once that is on its way."""
    reply = picture.reply
    with transaction.atomic():
        draft = replies.changing(
            reply.place.pk,
            visibility=reply.visibility,
            client_key=reply.client_key,
            by=by,
            now=now or timezone.now(),
        )
        draft.pictures.filter(pk=picture.pk).delete()


def in_post(
    wanted: originals.Wanted,
    *,
    added: Sequence[tuple[bytes, str]] = (),
    out: Collection[int] | None = (),
    client_key: UUID,
    by: User,
) -> Reply:
    """Keep a post of our own as a draft, with what these files show and what is said of it, and without the pictures of
    the keys in `out`; None takes all others out.

    Raises `Refused`, and then keeps nothing.
    """
    made = [(pictures.drawn(body), alt) for body, alt in added]
    new = {one.digest for one, _alt in made}
    with transaction.atomic():
        begun = originals.under(client_key)
        standing = pictures.of(begun.reply if begun is not None else None)
        gone = {one.pk for one in standing if (one.digest not in new if out is None else one.pk in out)}
        afresh = bool(gone or new - {one.digest for one in standing})
        reply = originals.save(wanted, client_key=client_key, by=by, afresh=afresh).reply
        reply.pictures.filter(pk__in=gone).delete()
        for one, alt in made:
            pictures.add(reply, one, alt)
    return reply

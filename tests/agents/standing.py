"""A reply that stands on Town Square, for tests of what is done to it there."""

from __future__ import annotations

import uuid
from datetime import timedelta

from django.db import connection

from agents import cases, outbox, replies
from agents.models import Amendment, Reply, ReplyState, User
from mentions import intake
from mentions.models import Mention, Source
from mentions.sandbox import square
from mentions.sandbox.models import Post
from tests.factories import post

GOOD = "Sorry about the trouble. Please send us a private message so that we can look into it together."


def take_in(source: Source, written: Post) -> Mention:
    """What the webhook would bring."""
    said = post(
        written.text,
        kind="reply" if written.in_reply_to else "post",
        in_reply_to=f"ts:{written.in_reply_to.key}" if written.in_reply_to else None,
        external_id=f"ts:{written.key}",
        author={"id": f"ts:{written.author.key}", "handle": written.author.handle},
    )
    intake.receive(source, [said])
    return Mention.objects.get(external_id=f"ts:{written.key}")


def answered(town: Source, *, by: User) -> Reply:
    """A reply to a new post of a customer's that the network has confirmed."""
    conversation = take_in(town, square.write("dana", "@meridian my card was declined")).conversation
    assert conversation is not None
    cases.claim(conversation.pk, by=by)
    conversation.refresh_from_db()
    key, version = uuid.uuid4(), conversation.version
    replies.submit(conversation.pk, text=GOOD, visibility="public", seen_version=version, client_key=key, by=by)
    time_passes()
    outbox.send_due()
    reply = Reply.objects.get()
    assert reply.state == ReplyState.SENT
    return reply


def time_passes(by: timedelta = timedelta(minutes=2)) -> None:
    for row in Reply.objects.filter(state=ReplyState.HELD):
        Reply.objects.filter(pk=row.pk).update(held_until=row.held_until - by)
    for change in Amendment.objects.exclude(held_until=None):
        Amendment.objects.filter(pk=change.pk).update(held_until=change.held_until - by)
    for change in Amendment.objects.exclude(next_try_at=None):
        Amendment.objects.filter(pk=change.pk).update(next_try_at=change.next_try_at - by)


def standing() -> str:
    """What the network shows of our reply."""
    return Post.objects.get(client_key__isnull=False).text


def published() -> list[str]:
    """What of ours the network still shows."""
    return [post.text for post in Post.objects.filter(client_key__isnull=False, deleted_at=None)]


def kinds() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT kind FROM mentions_event WHERE kind ~ '^(edit|hiding|reply.edited|mention.(hid|sho))' ORDER BY id"
        )
        return [kind for (kind,) in cursor.fetchall()]

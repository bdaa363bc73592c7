"""What is changed at a network after the fact: a reply taken back or reworded, somebody's comment hidden."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, addresses, freeze, outbox, replies, scrutiny
from agents.cases import Refused, by_person
from agents.models import Reply, ReplyState, User
from mentions import events, networks, sources
from mentions.models import Conversation, Mention, Source
from mentions.networks import NetworkError
from mentions.sources import gate


def retract(reply: Reply, *, by: User, now: datetime | None = None) -> Reply:
    """Take a sent reply back from its network. Raises `Refused` with the network's reason."""
    reply = outbox.read(reply.pk)
    outbox.require(by, reply)
    network = networks.get(reply.source.network)
    if reply.state != ReplyState.SENT or not network.capabilities.retract:
        raise Refused(_("This reply cannot be retracted."))
    try:
        network.retract(sources.ready(reply.source, now=timezone.now()), reply.external_id)
    except NetworkError as error:
        raise Refused(_("The network did not retract it: %(why)s") % {"why": error.message}) from error
    moment = now or timezone.now()
    with transaction.atomic():
        reply, conversation = outbox.locked(reply.pk)
        if reply.state == ReplyState.SENT:
            reply.state, reply.retracted_at = ReplyState.RETRACTED, moment
            reply.save()
            replies.tell("reply.retracted", reply, by_person(by), moment, **_changed(conversation))
    return reply


def edit(reply: Reply, *, text: str, by: User, now: datetime | None = None) -> Reply:
    """Replace the words of a sent reply on its network. Raises `Refused`.

    The new words pass the same guard; what it wants a second person for is taken back and written anew instead.
    """
    reply = outbox.read(reply.pk)
    outbox.require(by, reply)
    network = networks.get(reply.source.network)
    if reply.state != ReplyState.SENT or not network.capabilities.edit:
        raise Refused(_("This reply cannot be changed."))
    if (why := addresses.unfit(reply.source, text, reply.visibility)) is not None:
        raise Refused(why)
    if freeze.holds():
        raise Refused(_("All sending is frozen."))
    verdict = scrutiny.examine(reply, text, by=by)
    if verdict.outcome == "block":
        raise Refused(" ".join(finding.message for finding in verdict.findings))
    if scrutiny.needs_second(reply, verdict, by):
        raise Refused(_("These words need a second person: retract the reply and write it anew."))
    moment = now or timezone.now()
    if (wait := gate.enter(reply.source, "replies", now=moment)) is not None:
        raise Refused(wait.why)
    # Kept before the call: the network's echo is compared with it, and nobody here wrote anything else.
    Reply.objects.filter(pk=reply.pk, state=ReplyState.SENT).update(text=text, edited_at=moment)
    try:
        network.edit(sources.ready(reply.source, now=moment), reply.external_id, text)
    except NetworkError as error:
        if error.follow != "unknown":
            Reply.objects.filter(pk=reply.pk, text=text).update(text=reply.text, edited_at=reply.edited_at)
        raise Refused(_("The network did not change it: %(why)s") % {"why": error.message}) from error
    with transaction.atomic():
        reply, conversation = outbox.locked(reply.pk)
        outbox.keep_answer(reply, moment, follow="edited")
        reply.save(update_fields=["answers"])
        replies.tell("reply.edited", reply, by_person(by), moment, **_changed(conversation))
    return reply


def hide(mention: Mention, *, hidden: bool, by: User, now: datetime | None = None) -> None:
    """Hide somebody's comment below our post on its network, or show it again. Raises `Refused`."""
    access.require(by, "work cases")
    mention = Mention.objects.select_related("source", "conversation").get(pk=mention.pk)
    network = networks.get(mention.source.network)
    if not network.capabilities.hide or mention.deleted_at is not None or mention.conversation is None:
        raise Refused(_("This post cannot be hidden."))
    moment = now or timezone.now()
    if (wait := gate.enter(mention.source, "replies", now=moment)) is not None:
        raise Refused(wait.why)
    try:
        network.hide(sources.ready(mention.source, now=moment), mention.external_id, hidden=hidden)
    except NetworkError as error:
        raise Refused(_("The network did not do it: %(why)s") % {"why": error.message}) from error
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=mention.conversation.pk)
        Mention.objects.filter(pk=mention.pk).update(hidden_at=moment if hidden else None)
        conversation.version += 1
        conversation.save(update_fields=["version"])
        events.record(
            "mention.hidden" if hidden else "mention.shown",
            at=moment,
            by=by_person(by),
            origin=conversation.origin,
            conversation_id=conversation.pk,
            mention_id=mention.pk,
            queue_id=conversation.queue_id,
            source_id=mention.source_id,
        )


def can(source: Source, capability: str) -> bool:
    """Whether the source's network offers this: "retract", "edit" or "hide"."""
    try:
        return bool(getattr(networks.get(source.network).capabilities, capability))
    except networks.UnknownNetwork:
        return False


def retractable(reply: Reply) -> bool:
    """Whether the reply's network lets us take it back."""
    return can(reply.source, "retract")


def _changed(conversation: Conversation | None) -> dict[str, Any]:
    """Raise the version of the conversation that an answer stands in, for its event; a post of our own has none."""
    if conversation is None:
        return {}
    conversation.version += 1
    conversation.save(update_fields=["version"])
    return {"version": conversation.version}

"""What a network lets us do after the fact, and taking a sent reply back. Other changes are `agents.amendments`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import outbox, replies
from agents.cases import Refused, by_person
from agents.models import Reply, ReplyState, User
from mentions import networks, sources
from mentions.models import Source
from mentions.networks import NetworkError


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
            data = {}
            if conversation is not None:
                conversation.version += 1
                conversation.save(update_fields=["version"])
                data = {"version": conversation.version}
            replies.tell("reply.retracted", reply, by_person(by), moment, **data)
    return reply


def can(source: Source, capability: str) -> bool:
    """Whether the source's network offers this: "retract", "edit" or "hide"."""
    try:
        return bool(getattr(networks.get(source.network).capabilities, capability))
    except networks.UnknownNetwork:
        return False


def retractable(reply: Reply) -> bool:
    """Whether the reply's network lets us take it back."""
    return can(reply.source, "retract")

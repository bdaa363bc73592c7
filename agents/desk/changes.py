"""What is being changed of what stands on a network already, and what this person may change: beside reply and post."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from agents import access, amendments
from agents.models import Amendment, Reply, ReplyState, User
from mentions import networks
from mentions.models import Conversation, Mention, Origin

Kind, State = Amendment.Kind, Amendment.State


def may_begin(reply: Reply, changes: Sequence[Amendment]) -> bool:
    """Whether other words can be asked for: it was sent, its network lets us, and no other change is under way."""
    under_way = any(change.state in amendments.UNDER_WAY for change in changes)
    return reply.state == ReplyState.SENT and not under_way and networks.offers(reply.source.network, "edit")


def may_retract(reply: Reply, changes: Iterable[Amendment], user: User) -> bool:
    """Whether this person can ask for it to be taken back: it was sent, its network lets us, nobody has asked yet."""
    asked = any(change.kind == Kind.RETRACT and change.state == State.SENDING for change in changes)
    there = reply.state == ReplyState.SENT and not asked and networks.offers(reply.source.network, "retract")
    return there and amendments.may_retract(reply, user)


def earlier(changes: Sequence[Amendment]) -> list[dict[str, Any]]:
    """The words that stood there before, oldest first, and until when."""
    done = [change for change in changes if change.state == State.DONE and change.kind == Kind.WORDS]
    return [{"text": change.before, "at": change.done_at, "by": str(change.person)} for change in done]


def of_reply(changes: Sequence[Amendment], user: User) -> dict[str, Any] | None:
    """The newest change of a reply, as long as there is something to know about it."""
    newest = changes[-1] if changes else None
    if newest is None or newest.state == State.DONE:
        return None
    if newest.state == State.WITHDRAWN and not newest.returned_reason:
        return None
    said: dict[str, str] = {
        State.AWAITING_APPROVAL: _("New words wait for a second person"),
        State.HELD: _("New words leave in a moment"),
        State.SENDING: _("The network is asked to change it"),
        State.FAILED: _("Not changed"),
        State.WITHDRAWN: _("The new words were returned"),
    }
    if newest.kind == Kind.RETRACT:
        said |= {State.SENDING: _("Being taken back: the network is asked"), State.FAILED: _("Not taken back")}
    return {
        "id": newest.pk,
        "text": newest.text,
        "by": str(newest.person),
        "state": newest.state,
        "state_words": said[newest.state],
        "held_until": newest.held_until if newest.state == State.HELD else None,
        "reason": newest.error or newest.returned_reason,
        "can_undo": amendments.can_undo(newest) and newest.person_id == user.pk,
    }


def of_mentions(conversation: Conversation, mentions: Sequence[Mention], user: User) -> dict[int, dict[str, Any]]:
    """Of each post that can be hidden: what this person may ask for, and what became of the last time."""
    hideable = [m for m in mentions if amendments.can_hide(m, conversation.source)]
    if not hideable:
        return {}
    asked = Amendment.objects.filter(mention__in=[m.pk for m in hideable]).select_related("person").order_by("pk")
    newest = {change.mention_id: change for change in asked}
    may = access.may(user, "work cases") and conversation.origin == Origin.LIVE
    latest = max(hideable, key=lambda m: m.occurred_at)
    return {m.pk: _hiding(m, newest.get(m.pk), may=may) | {"newest": m is latest} for m in hideable}


def _hiding(mention: Mention, last: Amendment | None, *, may: bool) -> dict[str, Any]:
    running = last is not None and last.state == State.SENDING
    said = ""
    if last is not None and running:
        said = _("The network is asked to hide it") if last.kind == "hide" else _("The network is asked to show it")
    elif last is not None and last.state == State.FAILED:
        said = _("Not hidden: %(why)s") if last.kind == "hide" else _("Still hidden: %(why)s")
        said %= {"why": last.error}
    hidden = mention.hidden_at is not None
    why = amendments.WHY_HIDDEN.get(last.why) if last is not None and hidden and last.kind == "hide" else None
    return {
        "state_words": said,
        "failed": last is not None and last.state == State.FAILED,
        "why_words": str(why) if why else "",
        "by": str(last.person) if last is not None else "",
        "can_hide": may and not hidden and not running,
        "can_show": may and hidden and not running,
        "reasons": list(amendments.WHY_HIDDEN.items()),
    }

"""How the console says things: states, due times, ages, and what an event was."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from agents.cases import DISMISSALS, DISPOSITIONS
from agents.models import User
from mentions import events, naming, telling
from mentions.events import Event
from mentions.models import Conversation, Media, OwnPost
from mentions.naming import language, network
from mentions.triage.language import UNDETERMINED

RISK_BEFORE = timedelta(minutes=15)

TARGETS: dict[str, str | Promise] = {
    "first_response": gettext_lazy("First response"),
    "next_response": gettext_lazy("Next response"),
    "resolution": gettext_lazy("Resolution"),
}
PRIORITIES: dict[int, str | Promise] = {
    1: gettext_lazy("Urgent"),
    2: gettext_lazy("High priority"),
    3: "",
    4: gettext_lazy("Low priority"),
}
TONES: dict[int | None, tuple[str, str | Promise]] = {
    -1: ("negative", gettext_lazy("Negative")),
    0: ("neutral", gettext_lazy("Neutral")),
    1: ("positive", gettext_lazy("Positive")),
    None: ("unknown", gettext_lazy("Not scored")),
}
ACTIONABLE: dict[bool | None, str | Promise] = {
    True: gettext_lazy("Yes, actionable"),
    False: gettext_lazy("No, not actionable"),
    None: gettext_lazy("Undecided"),
}
FOUND: dict[str, str | Promise] = {
    "card": gettext_lazy("A card number"),
    "iban": gettext_lazy("An account number (IBAN)"),
    "account": gettext_lazy("An account number"),
    "ssn": gettext_lazy("A social security number"),
}
ATTACHED: dict[str, str | Promise] = {
    "image": gettext_lazy("A picture"),
    "animation": gettext_lazy("A moving picture"),
    "video": gettext_lazy("A video"),
    "audio": gettext_lazy("A recording"),
    "document": gettext_lazy("A document"),
}
HAPPENED: dict[str, str | Promise] = {
    "mention.received": gettext_lazy("A post arrived"),
    "mention.adopted": gettext_lazy("A post that a search had heard was addressed to us"),
    "mention.confirmed": gettext_lazy("Its network brought a post that a program had brought before"),
    "mention.edited": gettext_lazy("The author edited a post"),
    "mention.deleted": gettext_lazy("The author deleted a post"),
    "mention.gave_way": gettext_lazy("A post that only a program had brought gave way to what its network says"),
    "mention.masked": gettext_lazy("A part of a number was masked that another post completed"),
    "mention.corrected": gettext_lazy("Corrected a label"),
    "case.claimed": gettext_lazy("Claimed it"),
    "case.released": gettext_lazy("Put it back into the queue"),
    "case.transferred": gettext_lazy("Handed it to another queue"),
    "case.assigned": gettext_lazy("It was given to a person"),
    "case.expired": gettext_lazy("Went back to the queue: its owner had gone"),
    "conversation.pending": gettext_lazy("Let it wait"),
    "conversation.woken": gettext_lazy("Woke up"),
    "conversation.closed": gettext_lazy("Closed it"),
    "conversation.reopened": gettext_lazy("Opened it again"),
    "conversation.marked": gettext_lazy("Decided whether it needs an answer"),
    "conversation.joined": gettext_lazy("Answers here what its author asked elsewhere too"),
    "conversation.moved": gettext_lazy("Its queue was retired, so it went to another"),
    "conversation.promised_anew": gettext_lazy("What is promised was changed, and its due time with it"),
    "conversation.weighed": gettext_lazy("Changed its priority or tags"),
    "conversation.overdue": gettext_lazy("The due time passed"),
    "note.added": gettext_lazy("Wrote a note"),
    "reply.blocked": gettext_lazy("The guard blocked a reply"),
    "reply.submitted": gettext_lazy("A reply asks for a second person"),
    "reply.held": gettext_lazy("Wrote a reply"),
    "reply.taken": gettext_lazy("Took over the words of a colleague"),
    "reply.withdrawn": gettext_lazy("Withdrew the words of a colleague"),
    "reply.undone": gettext_lazy("Took the reply back"),
    "reply.approved": gettext_lazy("Approved the reply"),
    "reply.returned": gettext_lazy("Returned the reply to its author"),
    "reply.refused": gettext_lazy("The reply did not leave"),
    "reply.sending": gettext_lazy("The reply is on its way"),
    "reply.delayed": gettext_lazy("The network asked to wait"),
    "reply.sent": gettext_lazy("The network confirmed the reply"),
    "reply.unknown": gettext_lazy("It is not known whether the reply went out"),
    "reply.failed": gettext_lazy("The reply was not sent"),
    "reply.undelivered": gettext_lazy("The network could not deliver the reply"),
    "reply.retracted": gettext_lazy("Retracted the reply"),
    "retraction.asked": gettext_lazy("Asked the network to take the reply back"),
    "retraction.failed": gettext_lazy("The reply was not taken back"),
    "edit.blocked": gettext_lazy("The guard blocked new words for a reply"),
    "edit.submitted": gettext_lazy("New words for a reply ask for a second person"),
    "edit.held": gettext_lazy("Wrote new words for a reply"),
    "edit.undone": gettext_lazy("Took the new words back"),
    "edit.approved": gettext_lazy("Approved the new words"),
    "edit.returned": gettext_lazy("Returned the new words to their author"),
    "edit.failed": gettext_lazy("The reply was not changed"),
    "reply.edited": gettext_lazy("The network changed the reply"),
    "hiding.asked": gettext_lazy("Asked the network to hide a comment or to show it again"),
    "hiding.failed": gettext_lazy("The network did not hide or show a comment"),
    "author.joined": gettext_lazy("Wrote down that the customer agreed to be one person on two networks"),
    "author.parted": gettext_lazy("Took back that they are one person on two networks"),
    "author.muted": gettext_lazy("Muted the author: what they write in public waits for nobody"),
    "author.unmuted": gettext_lazy("Unmuted the author"),
    "author.blocked": gettext_lazy("They blocked us: nothing reaches them there"),
    "author.unblocked": gettext_lazy("They no longer block us"),
    "mention.hidden": gettext_lazy("The network hid a comment"),
    "mention.shown": gettext_lazy("The network shows a comment again"),
}

UNDONE: dict[str, str | Promise] = {
    "case.transferred": gettext_lazy("Undid it: back in the queue that it was in"),
    "case.released": gettext_lazy("Undid it: nobody has it"),
    "case.assigned": gettext_lazy("Undid it: whose it was has it again"),
}


@dataclass(frozen=True, slots=True)
class Due:
    """A due time as a chip: `state` is ok, risk, late, paused, met or missed; `reason` why then, as it is kept."""

    name: str
    at: datetime
    risk_at: datetime
    state: str
    words: str
    reason: str

    @property
    def why(self) -> str:
        """Why it is due then, in words: asked of one conversation, and of none in a list."""
        return telling.why(self.reason)


def due(conversation: Conversation, now: datetime) -> Due | None:
    """The answer that is due next, or the paused clock; None if nobody waits for one."""
    name = str(TARGETS.get(conversation.due_target, ""))
    if conversation.paused_at is not None and conversation.due_target:
        return _paused(name, conversation.paused_at, conversation.due_why)
    if conversation.due_at is None:
        return None
    return _due(name, conversation.due_at, conversation.due_why, now)


def _paused(name: str, since: datetime, why: str) -> Due:
    return Due(name, since, since, "paused", _("Paused"), why)


def dues(conversation: Conversation, now: datetime) -> list[Due]:
    """Every promise that runs on a conversation."""
    found = [d for d in [due(conversation, now)] if d is not None]
    if conversation.resolution_due_at is not None and conversation.closed_at is None:
        name, why = str(TARGETS["resolution"]), conversation.resolution_why
        due_at, stopped = conversation.resolution_due_at, conversation.paused_at
        paused = stopped if stopped is not None and due_at >= stopped else None
        found.append(_paused(name, paused, why) if paused else _due(name, due_at, why, now))
    return found


def ends(at: datetime, now: datetime) -> Due:
    """How long a network still takes an answer."""
    why = _("After that the network takes no free message until they write again.")
    return _due(_("Answer by"), at, why, now)


def _due(name: str, at: datetime, why: str, now: datetime) -> Due:
    left = at - now
    risk_at = at - RISK_BEFORE
    if left <= timedelta():
        return Due(name, at, risk_at, "late", _("Late %(time)s") % {"time": span(-left)}, why)
    state = "risk" if now >= risk_at else "ok"
    return Due(name, at, risk_at, state, _("%(time)s left") % {"time": span(left)}, why)


def span(time: timedelta) -> str:
    """A length of time in one short unit, as chips say it."""
    minutes = int(time.total_seconds() // 60)
    if minutes < 60:
        return _("%(n)d min") % {"n": minutes}
    if minutes < 48 * 60:
        return _("%(n)d h") % {"n": minutes // 60}
    return ngettext("%(n)d day", "%(n)d days", minutes // 1440) % {"n": minutes // 1440}


def lag(occurred_at: datetime, received_at: datetime, brought: str = "") -> str | None:
    """How late a post reached us, where it matters: the customer's clock started before ours.

    `brought` says what made good for not having heard it, if that is known.
    """
    late = received_at - occurred_at
    if late < timedelta(minutes=1):
        return None
    if brought:
        return _("Reached us %(time)s after it was written, %(brought)s") % {"time": span(late), "brought": brought}
    return _("Reached us %(time)s after it was written") % {"time": span(late)}


def foreign(key: str) -> str:
    """The language of a post in words where it is not the reader's own, so that nobody answers in the wrong one."""
    own = (get_language() or "").partition("-")[0]
    return "" if key in ("", UNDETERMINED, own) else language(key)


def audience(visibility: str, key: str) -> str:
    """Who can see a post or reply there."""
    name = network(key)
    return (_("Public on %(network)s") if visibility == "public" else _("Private on %(network)s")) % {"network": name}


def found(kinds: list[str]) -> str:
    """What was masked, in words."""
    named = [str(FOUND.get(kind, _("A private number"))) for kind in dict.fromkeys(kinds)]
    return ", ".join(named) or _("Something private")


def stars(rating: int | None) -> dict[str, str] | None:
    """A review's stars, as they are seen and as they are read out; None for what has none."""
    if rating is None:
        return None
    said = ngettext("%(n)d star of five", "%(n)d stars of five", rating) % {"n": rating}
    return {"shown": "★" * rating + "☆" * (5 - rating), "said": said}


def reached(answers: Sequence[Mapping[str, Any]]) -> str:
    """How far a message of ours got by its network's word; empty where it says nothing of that."""
    told = [str(answer.get("follow")) for answer in answers]
    furthest = next((reach for reach in reversed(OwnPost.Reach.values) if reach in told), None)
    return str(OwnPost.Reach(furthest).label) if furthest and "undelivered" not in told else ""


def attached(medium: Media, *, private: bool) -> str:
    """What was attached and is not shown here, and where it can be seen."""
    what = ATTACHED.get(medium.type, _("A file"))
    named = f"{what}: {medium.alt}" if medium.alt else str(what)
    return named if private else _("%(what)s; see the original") % {"what": named}


def not_kept(medium: Media) -> str:
    """Why a picture is not shown, in words; empty for one that is."""
    if medium.state == Media.Fetch.PENDING:
        return _("it has not been fetched yet")
    return _("not kept: %(why)s") % {"why": _(medium.reason)} if medium.state == Media.Fetch.REFUSED else ""


def disposition(value: str) -> str:
    """Why a conversation was closed, in words; what a rule's author wrote stands as it is."""
    if value in DISPOSITIONS:
        return str(DISPOSITIONS[value])
    if value in DISMISSALS:
        return str(DISMISSALS[value][1])
    return naming.judged(value)


def happened(event: Event) -> str:
    """An event in words."""
    words = str(HAPPENED.get(event.kind, event.kind))
    if event.data.get("undone") and event.kind in ("conversation.closed", "conversation.reopened"):
        return _("Undid it: closed again") if event.kind == "conversation.closed" else _("Undid it: open again")
    if event.kind == "conversation.closed" and event.data.get("disposition"):
        return f"{words}: {disposition(str(event.data['disposition']))}"
    if event.kind.startswith("mention.") and "from_queue" in event.data:
        return _("%(what)s; its words sent it to another queue") % {"what": words}
    if event.kind in events.WORDS_WENT and event.data.get("was_actionable", False) is not False:
        return _("%(what)s; nobody waits for an answer any more") % {"what": words}
    if event.kind == "conversation.weighed":
        return _weighed(event)
    if event.data.get("undone") and event.kind in UNDONE:
        return str(UNDONE[event.kind])
    if event.data.get("seen_by"):
        return _("A person saw that the reply went out")
    if event.data.get("actionable") is True and event.kind == "conversation.marked":
        return _("Marked it as needing an answer")
    if event.kind == "conversation.marked" and event.data.get("actionable", False) is None:
        return _("Left undecided whether it needs an answer")
    if event.data.get("actionable") is True and event.kind == "conversation.reopened":
        return _("Opened it again: it needs an answer")
    return words


def _weighed(event: Event) -> str:
    before, after = event.data.get("was_priority"), event.data["priority"]
    said = _("Changed its tags") if event.data["tagged"] else ""
    if before is not None:
        levels = {"before": priority(before), "after": priority(after)}
        urgency = _("Changed its priority from “%(before)s” to “%(after)s”") % levels
        said = _("%(what)s and its tags") % {"what": urgency} if said else urgency
    return _("Undid it: %(what)s") % {"what": said} if event.data.get("undone") else said


def priority(level: int) -> str:
    """A priority by its name, the usual one too."""
    return str(PRIORITIES[level] or _("Usual priority"))


def who(event: Event, people: Mapping[int, Any]) -> str:
    """Who did it, by name."""
    if event.actor == "person" and event.actor_id is not None and event.actor_id in people:
        return str(people[event.actor_id])
    return {"network": _("the network"), "program": _("a program"), "person": _("a former colleague")}.get(
        event.actor, "Glasshouse"
    )


def initials(person: User) -> str:
    """Two letters for a tile."""
    return "".join(part[0] for part in str(person).split()[:2] if part).upper()

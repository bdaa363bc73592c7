"""Every list that a figure can open: which rows it holds, and which one condition they meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from commandcenter import earlier, populations
from commandcenter.glossary import Definition, define


@dataclass(frozen=True, slots=True)
class List:
    """One kind of list. `what` names its rows, see `reports.behind`; one that is `moving` depends on the moment.

    `seconds` tells how long its rows took, where that is not what all rows of the kind are measured by.
    """

    title: StrPromise
    what: str
    condition: str
    definition: Definition
    moving: bool = False
    seconds: str = ""


_VOLUME, _RATE, _TONE = define("volume"), define("response_rate"), define("net_sentiment")
_KEPT, _STOCK, _SOLVED = define("attainment"), define("backlog"), define("resolution")
_STAYS, _WRITERS = define("reopen_rate"), define("authors")
_VOICE, _WORK = define("share_of_voice"), define("persons_work")
_ANSWERED = (
    "c.actionable AND c.first_replied_at IS NOT NULL AND (%(by)s::timestamptz IS NULL OR c.first_replied_at < %(by)s)"
)
_UNANSWERED = "c.actionable AND (c.first_replied_at IS NULL OR c.first_replied_at >= %(by)s)"


def _waits(
    target: str, title: StrPromise, in_hours: StrPromise, running: StrPromise, dropped: StrPromise
) -> dict[str, List]:
    definition = define(target)
    return {
        target: List(title, target, "s.reply_id IS NOT NULL", definition),
        f"{target}_hours": List(
            in_hours,
            target,
            "s.reply_id IS NOT NULL",
            define(f"{target}_hours"),
            seconds="floor(s.business_seconds)::int",
        ),
        f"{target}_running": List(running, target, populations.RUNNING, definition),
        f"{target}_dropped": List(dropped, target, populations.DROPPED, definition),
        f"{target}_met": List(_("Answers in time"), target, populations.MET, _KEPT),
        f"{target}_missed": List(_("Answers that are too late"), target, f"({populations.MISSED})", _KEPT, moving=True),
        f"{target}_due": List(
            _("Answers that came due"), target, f"({populations.MET}) OR {populations.MISSED}", _KEPT, moving=True
        ),
        f"{target}_not_due": List(_("Answers not due yet"), target, populations.NOT_DUE_YET, _KEPT, moving=True),
    }


def _mentions(title: StrPromise, condition: str, definition: Definition = _TONE) -> List:
    return List(title, "mentions", condition, definition)


LISTS: Mapping[str, List] = {
    "mentions": _mentions(_("Mentions"), "true", _VOLUME),
    "private": _mentions(_("Private messages"), "m.visibility = 'private'", _VOLUME),
    "authors": List(_("People who wrote, with their newest post"), "authors", "true", _WRITERS),
    "public": _mentions(_("Public mentions without spam"), populations.HEARD, define("reach")),
    "spam": _mentions(_("Spam"), "m.spam", _VOLUME),
    "written": _mentions(_("Mentions without spam"), "NOT m.spam", define("busy_hours")),
    "heard": _mentions(
        _("Public mentions where rivals are heard"),
        f"{populations.HEARD} AND m.network IN ({populations.RIVALS_NETWORKS})",
        _VOICE,
    ),
    "rivals": List(_("Public mentions of rivals"), "rivals", f"{populations.HEARD} AND {populations.IS_RIVAL}", _VOICE),
    "industry": List(
        _("Public mentions of the industry"), "rivals", f"{populations.HEARD} AND NOT ({populations.IS_RIVAL})", _VOICE
    ),
    "positive": _mentions(_("Positive mentions"), "m.sentiment = 1 AND NOT m.spam"),
    "neutral": _mentions(_("Neutral mentions"), "m.sentiment = 0 AND NOT m.spam"),
    "negative": _mentions(_("Negative mentions"), "m.sentiment = -1 AND NOT m.spam"),
    "scored": _mentions(_("Mentions with a tone"), "m.sentiment IS NOT NULL AND NOT m.spam"),
    "unscored": _mentions(_("Mentions without a tone"), "m.sentiment IS NULL AND NOT m.spam"),
    "corrected": _mentions(_("Mentions whose tone a person gave"), populations.TONE_CORRECTED),
    "begun": List(_("Conversations that began"), "conversations", "true", define("actionable_share")),
    "actionable": List(_("Conversations that needed an answer"), "conversations", "c.actionable", _RATE),
    "answered": List(_("Answered conversations"), "conversations", _ANSWERED, _RATE),
    "unanswered": List(_("Conversations without an answer"), "conversations", _UNANSWERED, _RATE),
    "undecided": List(_("Undecided conversations"), "conversations", "c.actionable IS NULL", _RATE),
    "came_in": List(_("Conversations that came in"), "conversations", "c.actionable IS NOT FALSE", _STOCK),
    "resolution_met": List(_("Solved in time"), "conversations", populations.SOLVED_IN_TIME, _KEPT),
    "resolution_missed": List(_("Not solved in time"), "conversations", populations.SOLVED_LATE, _KEPT, moving=True),
    "resolution_due": List(
        _("Solutions that came due"),
        "conversations",
        f"({populations.SOLVED_IN_TIME}) OR {populations.SOLVED_LATE}",
        _KEPT,
        moving=True,
    ),
    "resolution_not_due": List(
        _("Solutions not due yet"),
        "conversations",
        populations.UNSOLVED_NOT_DUE,
        _KEPT,
        moving=True,
    ),
    "closed": List(_("Closed conversations"), "closed", "true", _SOLVED),
    "once": List(_("Solved with one reply"), "closed", "c.reply_count = 1", _SOLVED),
    "handed_on": List(
        _("Closed conversations that were handed on"), "closed", populations.HANDED_ON, define("transfers")
    ),
    "active": List(
        _("Closed conversations by active time"), "closed", "true", define("active_time"), seconds=populations.ACTIVE
    ),
    "handled": List(
        _("Closed conversations with time in focus"),
        "closed",
        f"{populations.HANDLED} > 0",
        define("handle_time"),
        seconds=populations.HANDLED,
    ),
    "closings": List(_("Closings"), "closings", "true", _STAYS),
    "reopened": List(_("Opened again within seven days"), "closings", populations.REOPENED_SOON, _STAYS),
    "open": List(_("Open conversations"), "open", "true", _STOCK, moving=True),
    "waiting": List(_("Waiting conversations"), "open", "c.state = 'waiting'", _STOCK, moving=True),
    "claimed": List(_("Claimed conversations"), "open", "c.state = 'claimed'", _STOCK, moving=True),
    "pending": List(_("Pending conversations"), "open", "c.state LIKE 'pending%%'", _STOCK, moving=True),
    "overdue": List(_("Overdue conversations"), "open", "c.due_at < %(now)s", _STOCK, moving=True),
    "claims": List(_("Claims"), "cases", "true", _WORK),
    "given_back": List(_("Given back without an answer"), "cases", populations.GIVEN_BACK, _WORK),
    "replied": List(_("Claims that led to a reply"), "cases", f"{populations.TO_REPLY} IS NOT NULL", _WORK),
    "in_focus": List(_("Claims with time in focus"), "cases", populations.IN_FOCUS, _WORK, seconds=populations.FOCUS),
    "replies": List(_("Replies"), "replies", "true", _WORK),
    "available": List(_("Time at the desk"), "available", "true", define("occupancy")),
    "away": List(_("Time away"), "away", "true", define("occupancy")),
    **_waits(
        "first_response",
        _("First answers"),
        _("First answers by business hours"),
        _("Customers who wait for a first answer"),
        _("First waits that ended without an answer"),
    ),
    **_waits(
        "next_response",
        _("Next answers"),
        _("Next answers by business hours"),
        _("Customers who wait for a next answer"),
        _("Next waits that ended without an answer"),
    ),
    "time_to_claim": List(_("Time to claim"), "time_to_claim", "k.claimed_at IS NOT NULL", define("time_to_claim")),
    "time_to_claim_running": List(
        _("Conversations that stand in a queue"), "time_to_claim", "k.claimed_at IS NULL", define("time_to_claim")
    ),
}


# What a list falls into, for who opens a share and asks which of its rows made it.
PARTS: Mapping[str, tuple[str, ...]] = {
    "actionable": ("answered", "unanswered"),
    "scored": ("positive", "neutral", "negative"),
    "begun": ("actionable", "undecided"),
    "closed": ("once", "handed_on"),
    "closings": ("reopened",),
    "claims": ("given_back", "replied"),
    **{f"{it}_due": (f"{it}_met", f"{it}_missed") for it in ("first_response", "next_response", "resolution")},
}


def find(name: str, as_of: datetime | None) -> List:
    """The list of this name, as of a past day by the definitions of the day. Raises KeyError."""
    return next((one.lists[name] for one in earlier.at(as_of) if name in one.lists), LISTS[name])

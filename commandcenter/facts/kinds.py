"""The kinds of facts, each as the statement that counts it from the rows of some stretches of time.

With the moment that puts a fact on its hour and day, and what its number is:

    first_response, next_response   the wait's first mention    seconds until the answer
    ..._hours                       the wait's first mention    of these, seconds within the hours of its promise
    time_to_claim                   entering the queue          seconds until the claim
    resolution                      the last close              seconds since the first mention
    active                          the last close              of these, seconds in which it was open
    handle                          the last close              seconds in focus, of all spells of work on it
    transfer                        the last close              how often it was handed on, of what was
    closing                         each close                  none; how many, each `once`, and `again` if reopened
    promise                         the first mention           none; met or missed its resolution target
    answer                          the first mention           minutes since 1970 of the first human reply
    hour                            the mention, without spam   hour of the bank's clock, 0 to 23
    lag                             the mention                 seconds until it was stored here
    author                          the mention                 who wrote it
    late_hour                       the wait's first mention    its hour, of first answers that came too late
    claim                           the claim                   seconds until the first reply of that spell of work
    focus                           the claim                   seconds in focus, of spells that ended
    reply                           the network's confirmation  none; how many, each `once`

Numbers are whole: a part of a second is no part of a wait. Of hours is kept how often there is each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from commandcenter.populations import (
    ACTIVE,
    CLOSED,
    CLOSING,
    FOCUS,
    GIVEN_BACK,
    HANDED_ON,
    HANDLED,
    IN_FOCUS,
    NEEDED,
    NOT_A_RIVAL,
    REOPENED_SOON,
    TO_REPLY,
    WRITTEN_IN,
    within,
)

What = Literal[
    "first_response",
    "next_response",
    "first_response_hours",
    "next_response_hours",
    "time_to_claim",
    "resolution",
    "active",
    "handle",
    "transfer",
    "closing",
    "promise",
    "answer",
    "hour",
    "lag",
    "author",
    "late_hour",
    "claim",
    "focus",
    "reply",
]
Hourly = Literal["hour", "late_hour"]
COUNTS = ("met", "missed", "dropped", "again", "once")

_NO = "false AS met, false AS missed, false AS dropped, false AS again, false AS once"


# Looked up a row, and only by who asks for it.
_NETWORK = "(SELECT a.network FROM mentions_author a WHERE a.id = c.author_id) AS network"


def _stretches(target: str, number: str, more: str = "") -> str:
    """Waits that have stopped; those that run are too few to be kept and change by themselves."""
    return (
        f"SELECT s.start, w.network, w.queue_id, w.language, c.topics, {number} AS number, "
        f"w.met IS TRUE AND {NEEDED} AS met, w.met IS FALSE AND {NEEDED} AS missed, w.reply_id IS NULL AS dropped, "
        "false AS again, false AS once "
        f"{within('mentions_stretch', 'w', 'started_at')} CROSS JOIN LATERAL (SELECT topics, actionable "
        "FROM mentions_conversation t WHERE t.id = w.conversation_id OFFSET 0) c "
        f"WHERE w.origin = 'live' AND w.target = '{target}' AND w.stopped_at IS NOT NULL{more}"
    )


def _conversations(moment: str, number: str, counts: str, where: str) -> str:
    return (
        f"SELECT s.start, {_NETWORK}, c.queue_id, "
        f"c.language, c.topics, {number} AS number, {counts} "
        f"{within('mentions_conversation', 'c', moment)} "
        f"WHERE c.origin = 'live' AND {where}"
    )


_SECONDS = "CASE WHEN w.reply_id IS NOT NULL THEN floor(w.seconds)::int END"
_HOURS = "CASE WHEN w.reply_id IS NOT NULL THEN floor(w.business_seconds)::int END"
_HOUR = "extract(hour FROM {moment} AT TIME ZONE %(zone)s)::int"
_OF_MENTIONS = (
    "SELECT s.start, m.network, (SELECT c.queue_id FROM mentions_conversation c WHERE c.id = m.conversation_id) "
    f"AS queue_id, m.language, m.topics, {{number}} AS number, {_NO} "
    f"{within('mentions_mention', 'm', 'occurred_at')} "
    f"WHERE m.origin = 'live' AND m.{NOT_A_RIVAL}"
)
BY_PEOPLE = ("claim", "focus", "reply")
_OF_CASES = (
    f"SELECT s.start, {_NETWORK}, k.queue_id, c.language, c.topics, k.owner_id AS person_id, {{number}} AS number, "
    "{counts} " + within("agents_case", "k", "claimed_at") + " "
    "JOIN mentions_conversation c ON c.id = k.conversation_id WHERE c.origin = 'live'{more}"
)
_ONE = "false AS met, false AS missed, false AS dropped, {again} AS again, true AS once"
STATEMENTS: Mapping[What, str] = {
    "claim": _OF_CASES.format(number=TO_REPLY, counts=_ONE.format(again=GIVEN_BACK), more=""),
    "focus": _OF_CASES.format(number=FOCUS, counts=_NO, more=f" AND {IN_FOCUS}"),
    "reply": (
        f"SELECT s.start, {_NETWORK}, {WRITTEN_IN} AS queue_id, c.language, c.topics, r.author_id AS person_id, "
        "NULL::int AS number, "
        f"{_ONE.format(again='false')} {within('agents_reply', 'r', 'sent_at')} "
        "JOIN mentions_conversation c ON c.id = r.conversation_id WHERE c.origin = 'live'"
    ),
    "first_response": _stretches("first_response", _SECONDS),
    "next_response": _stretches("next_response", _SECONDS),
    "first_response_hours": _stretches("first_response", _HOURS),
    "next_response_hours": _stretches("next_response", _HOURS),
    "late_hour": _stretches("first_response", _HOUR.format(moment="w.started_at"), f" AND w.met IS FALSE AND {NEEDED}"),
    "time_to_claim": (
        f"SELECT s.start, {_NETWORK}, k.queue_id, c.language, c.topics, "
        f"floor(extract(epoch FROM k.claimed_at - k.queued_at))::int AS number, {_NO} FROM spans s CROSS JOIN LATERAL "
        "(SELECT conversation_id, min(queue_id) AS queue_id, queued_at, min(claimed_at) AS claimed_at FROM agents_case "
        "WHERE queued_at >= s.start AND queued_at < s.stop GROUP BY conversation_id, queued_at) k "
        "JOIN mentions_conversation c ON c.id = k.conversation_id WHERE c.origin = 'live'"
    ),
    "resolution": _conversations(
        "closed_at",
        "floor(extract(epoch FROM c.closed_at - c.opened_at))::int",
        f"false AS met, false AS missed, false AS dropped, {HANDED_ON} AS again, c.reply_count = 1 AS once",
        "c.actionable IS NOT FALSE",
    ),
    "active": _conversations("closed_at", ACTIVE, _NO, "c.actionable IS NOT FALSE"),
    "handle": _conversations("closed_at", HANDLED, _NO, f"c.actionable IS NOT FALSE AND {HANDLED} > 0"),
    "transfer": _conversations("closed_at", "c.transfer_count", _NO, f"c.actionable IS NOT FALSE AND {HANDED_ON}"),
    "closing": (
        f"SELECT s.start, {_NETWORK}, e.queue_id, c.language, c.topics, NULL::int AS number, "
        f"{_ONE.format(again=REOPENED_SOON)} {within('mentions_event', 'e', 'at', more=CLOSED.format('t'))} "
        "JOIN mentions_conversation c ON c.id = e.conversation_id "
        f"WHERE c.origin = 'live' AND {CLOSING}"
    ),
    "promise": _conversations(
        "opened_at",
        "NULL::int",
        "c.closed_at <= c.resolution_due_at AS met, c.closed_at > c.resolution_due_at AS missed, "
        "false AS dropped, false AS again, false AS once",
        "c.actionable IS NOT FALSE AND c.state = 'closed' AND c.resolution_due_at IS NOT NULL",
    ),
    "answer": _conversations(
        "opened_at",
        "floor(extract(epoch FROM c.first_replied_at) / 60)::int",
        _NO,
        "c.actionable AND c.first_replied_at IS NOT NULL",
    ),
    "hour": _OF_MENTIONS.format(number=_HOUR.format(moment="m.occurred_at")) + " AND NOT m.spam",
    "author": _OF_MENTIONS.format(number="m.author_id::int") + " AND NOT m.spam",
    "lag": _OF_MENTIONS.format(number="floor(extract(epoch FROM m.received_at - m.occurred_at))::int"),
}
KINDS = tuple(STATEMENTS)
HOURLY: tuple[Hourly, ...] = ("hour", "late_hour")
# A fact's numbers in one piece, sorted.
NUMBERS = (
    "coalesce(string_agg(int4send({alias}.number), ''::bytea ORDER BY {alias}.number) "
    "FILTER (WHERE {alias}.number IS NOT NULL), ''::bytea)"
)

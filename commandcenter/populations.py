"""Which rows a figure is made of, as SQL that figures and lists share, so that a list is always as long as its figure.

Every population is live rows only, without rivals, by bank time `period.start` up to and without `period.end`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from agents import access
from agents.models import User
from commandcenter.models import Absence
from commandcenter.periods import Period


@dataclass(frozen=True, slots=True)
class Filters:
    """What to look at; None means all. `queues` are ids: a team is told by its home queues.

    There is one topic at most: a post can have several, and counts of topics do not add up.
    """

    queues: tuple[int, ...] | None = None
    networks: tuple[str, ...] | None = None
    languages: tuple[str, ...] | None = None
    topic: str | None = None


EVERYTHING = Filters()


def seen_by(person: User) -> Filters:
    """What a person's figures are made of: everything, or the queues of their teams."""
    if access.sees_all(person):
        return EVERYTHING
    return Filters(queues=tuple(sorted(access.queues_for(person).values_list("pk", flat=True))))


NOT_A_RIVAL = "source_id NOT IN (SELECT id FROM mentions_source WHERE rival <> '')"


@dataclass(frozen=True, slots=True)
class Population:
    """`sql` from FROM to the end of WHERE, so that more can follow after AND; `values` are its parameters."""

    sql: str
    values: dict[str, Any]


# What an open wait is, said once for figures and lists. A wait that has not ended goes on while its conversation (`c`)
# needs us, and its clock, that of its solution too, stands still while that is paused.
OpenWait = Literal["first_response", "next_response", "time_to_claim", "resolution"]
NEEDED = "c.actionable IS NOT FALSE"
_CLOCK = "coalesce(c.paused_at, %(now)s)"
_OVERDUE, _NOT_DUE = f"{NEEDED} AND s.due_at < {_CLOCK}", f"{NEEDED} AND s.due_at >= {_CLOCK}"
_PROMISED = f"{NEEDED} AND c.resolution_due_at IS NOT NULL"
UNSOLVED = f"{_PROMISED} AND c.state <> 'closed'"
_UNSOLVED_LATE, UNSOLVED_NOT_DUE = (f"{UNSOLVED} AND c.resolution_due_at {sign} {_CLOCK}" for sign in ("<", ">="))
# Of all waits for an answer; the look-up is for the few that have not stopped: a join would read the conversations of
# all.
_UNSTOPPED = (
    "s.stopped_at IS NULL AND EXISTS (SELECT FROM mentions_conversation c WHERE c.id = s.conversation_id AND {how})"
)
RUNNING = _UNSTOPPED.format(how=NEEDED)
# A wait that nobody has to end: closed without an answer, or found to need none.
DROPPED = f"s.reply_id IS NULL AND NOT ({RUNNING})"
# A promise is one to whoever needed us: kept, or broken, which is kept too late or still open past its time.
_TO_WHO_NEEDED_US = f"EXISTS (SELECT FROM mentions_conversation c WHERE c.id = s.conversation_id AND {NEEDED})"
MET = f"s.met AND {_TO_WHO_NEEDED_US}"
MISSED = f"(s.met IS FALSE AND {_TO_WHO_NEEDED_US}) OR ({_UNSTOPPED.format(how=_OVERDUE)})"
NOT_DUE_YET = _UNSTOPPED.format(how=_NOT_DUE)
SOLVED_IN_TIME = f"{_PROMISED} AND c.closed_at <= c.resolution_due_at"
SOLVED_LATE = f"({_PROMISED} AND c.closed_at > c.resolution_due_at) OR ({_UNSOLVED_LATE})"
# The tone that counts was given by a person.
TONE_CORRECTED = (
    "EXISTS (SELECT FROM mentions_correction k WHERE k.mention_id = m.id AND k.field = 'sentiment') AND NOT m.spam "
    "AND m.sentiment IS NOT NULL"
)
# What stands beside what is said of rivals: of these only searches hear, and never in private.
HEARD = "m.visibility = 'public' AND NOT m.spam"
# Named rivals' sources (`o`), without the topics of the industry that are listened to like them.
IS_RIVAL = "o.rival <> '' AND o.origin = 'live' AND NOT o.settings @> '{\"industry\": true}'"
# The networks on which rivals are listened to; a search hears on that of the account it is asked through.
RIVALS_NETWORKS = (
    "SELECT coalesce(v.network, o.network) FROM mentions_source o LEFT JOIN mentions_source v ON v.id = o.via_id "
    f"WHERE {IS_RIVAL}"
)
# Whole seconds that something open has waited.
AGE = "greatest(0, floor(extract(epoch FROM %(now)s - coalesce(c.waiting_since, c.queued_at))))::int"
# Of a spell of work (`k`): whole seconds from the claim to its first reply that was confirmed; a network
# whose clock is behind ours makes nobody quicker than at once.
TO_REPLY = (
    "floor(extract(epoch FROM (SELECT min(greatest(r.sent_at, k.claimed_at)) FROM agents_reply r "
    "WHERE r.case_id = k.id AND r.sent_at IS NOT NULL) - k.claimed_at))::int"
)
GIVEN_BACK = (
    "k.outcome IN ('released', 'expired') "
    "AND NOT EXISTS (SELECT FROM agents_reply r WHERE r.case_id = k.id AND r.sent_at IS NOT NULL)"
)
# A spell that goes on is still growing, without anybody being told.
IN_FOCUS = "k.focus_s > 0 AND k.ended_at IS NOT NULL"
FOCUS = "floor(k.focus_s)::int"


# Of a conversation (`c`) that is closed: whether it was handed on, and whole seconds in focus of all who worked on it.
HANDED_ON = "c.transfer_count > 0"
HANDLED = "(SELECT floor(sum(k.focus_s))::int FROM agents_case k WHERE k.conversation_id = c.id)"
_SOLVED_IN = "extract(epoch FROM c.closed_at - c.opened_at)"
# Events that close or open a conversation. What was undone is as if it had not been: a closing or an opening that says
# `undone` takes back the one before it, and neither counts.
_CLOSES = "{0}.kind = 'conversation.closed'"
_OPENS = (
    "({0}.kind = 'conversation.reopened' OR {0}.kind IN ('mention.received', 'mention.adopted') "
    "AND {0}.data ->> 'did' = 'reopened')"
)
_TAKEN_BACK = (
    "coalesce((SELECT u.data ? 'undone' FROM mentions_event u WHERE u.conversation_id = {0}.conversation_id "
    f"AND u.id > {{0}}.id AND ({_CLOSES.format('u')} OR {_OPENS.format('u')}) ORDER BY u.id LIMIT 1), false)"
)
_COUNTS = f"NOT {{0}}.data ? 'undone' AND NOT {_TAKEN_BACK}"
CLOSED = f"{_CLOSES} AND NOT {{0}}.data ? 'undone'"
CLOSING = f"NOT {_TAKEN_BACK.format('e')} AND {NEEDED}"
# Whether a customer or a person opened it again within seven days of a closing (`e`), and before the next one. What
# comes back by itself, since a reply could not leave, says nothing of the solution.
REOPENED_SOON = (
    "EXISTS (SELECT FROM mentions_event r WHERE r.conversation_id = e.conversation_id AND r.id > e.id "
    f"AND r.at < e.at + interval '7 days' AND {_OPENS.format('r')} "
    f"AND (r.kind <> 'conversation.reopened' OR r.actor <> 'system') AND {_COUNTS.format('r')} "
    "AND NOT EXISTS (SELECT FROM mentions_event n WHERE n.conversation_id = e.conversation_id AND n.id > e.id "
    f"AND n.id < r.id AND {_CLOSES.format('n')} AND {_COUNTS.format('n')}))"
)
# Of what it took from the first mention to the last close: whole seconds in which it was open. What came closed, as
# spam and praise do, was so since it came.
ACTIVE = (
    f"floor({_SOLVED_IN} - CASE WHEN c.reopened_count = 0 THEN 0 ELSE coalesce((SELECT sum(greatest(0, extract("
    "epoch FROM r.at - coalesce((SELECT e.at FROM mentions_event e WHERE e.conversation_id = r.conversation_id "
    f"AND e.id < r.id AND {CLOSED.format('e')} ORDER BY e.id DESC LIMIT 1), c.received_at)))) FROM mentions_event r "
    f"WHERE r.conversation_id = c.id AND {_OPENS.format('r')} AND {_COUNTS.format('r')}), 0) END)::int"
)


# A reply (`r`) was written in the queue in which its spell of work was, wherever its conversation (`c`) lies now.
WRITTEN_IN = "coalesce((SELECT k.queue_id FROM agents_case k WHERE k.id = r.case_id), c.queue_id)"


def within(table: str, alias: str, moment: str, *, more: str = "true") -> str:
    """The rows (`t`) of each of `spans(start, stop)` (`s`), looked up by time, that fit `more`.

    A plain join of inequalities is planned as a ninth of the table, which for many spans ends in reading all of it.
    """
    return (
        f"FROM spans s CROSS JOIN LATERAL (SELECT * FROM {table} t WHERE t.{moment} >= s.start AND t.{moment} < s.stop "
        f"AND {more} OFFSET 0) {alias}"
    )


def oldest(cursor: Any) -> datetime | None:
    """When the oldest row began."""
    cursor.execute(
        "SELECT least((SELECT min(occurred_at) FROM mentions_mention), "
        "(SELECT min(opened_at) FROM mentions_conversation))"
    )
    found: datetime | None = cursor.fetchone()[0]
    return found


def mentions(period: Period, filters: Filters, *, of: str = "m") -> Population:
    """Mentions (`m`, with their conversation `c` if any) by network time; `of` names them otherwise."""
    place = f"c_{of}" if of != "m" else "c"
    return _where(
        f"FROM mentions_mention {of} LEFT JOIN mentions_conversation {place} ON {place}.id = {of}.conversation_id "
        f"WHERE {of}.origin = 'live' AND {of}.{NOT_A_RIVAL} "
        f"AND {of}.occurred_at >= %(start)s AND {of}.occurred_at < %(end)s",
        period,
        filters,
        network=f"{of}.network",
        queue=f"{place}.queue_id",
        language=f"{of}.language",
        topics=f"{of}.topics",
    )


def rivals(period: Period, filters: Filters) -> Population:
    """Mentions (`m`) of named rivals and of the industry's topics (both by `o.rival`), by network time, in no queue."""
    return _where(
        "FROM mentions_mention m JOIN mentions_source o ON o.id = m.source_id AND o.rival <> '' "
        "WHERE m.origin = 'live' AND m.occurred_at >= %(start)s AND m.occurred_at < %(end)s",
        period,
        filters,
        network="m.network",
        queue="NULL::bigint",
        language="m.language",
        topics="m.topics",
    )


def conversations(period: Period, filters: Filters, *, authors: bool = True) -> Population:
    """Conversations (`c`, with their author `a` if asked) by the network time of their first mention."""
    return _conversations("AND c.opened_at >= %(start)s AND c.opened_at < %(end)s", period, filters, authors=authors)


def closed_conversations(period: Period, filters: Filters) -> Population:
    """Conversations (`c`, with their author `a`) that are closed and needed us, by their last close."""
    return _conversations(
        "AND c.closed_at >= %(start)s AND c.closed_at < %(end)s AND c.actionable IS NOT FALSE", period, filters
    )


def closings(period: Period, filters: Filters) -> Population:
    """Each closing (`e`, with its conversation `c`) of what needed us; of what was closed twice there are two."""
    return _where(
        "FROM mentions_event e JOIN mentions_conversation c ON c.id = e.conversation_id "
        "JOIN mentions_author a ON a.id = c.author_id "
        f"WHERE c.origin = 'live' AND e.at >= %(start)s AND e.at < %(end)s AND {CLOSED.format('e')} AND {CLOSING}",
        period,
        filters,
        network="a.network",
        queue="e.queue_id",
        language="c.language",
        topics="c.topics",
    )


def authors(period: Period, filters: Filters) -> Population:
    """The newest mention (`m`) without spam of each author who wrote in the period."""
    written, again = (mentions(period, filters, of=of).sql for of in ("m", "n"))
    later = (
        f"SELECT {again} AND n.author_id = m.author_id AND NOT n.spam AND (n.occurred_at, n.id) > (m.occurred_at, m.id)"
    )
    return Population(f"{written} AND NOT m.spam AND NOT EXISTS ({later})", mentions(period, filters).values)


def open_conversations(filters: Filters) -> Population:
    """Conversations (`c`) that are not closed and need an answer or a decision, whenever they began."""
    return _conversations("AND c.state <> 'closed' AND c.actionable IS NOT FALSE", None, filters)


def _conversations(when: str, period: Period | None, filters: Filters, *, authors: bool = True) -> Population:
    return _where(
        f"FROM mentions_conversation c{_authors(filters, asked=authors)} WHERE c.origin = 'live' {when}",
        period,
        filters,
        network="a.network",
        queue="c.queue_id",
        language="c.language",
        topics="c.topics",
    )


def stretches(target: Literal["first_response", "next_response"], period: Period, filters: Filters) -> Population:
    """Waits for an answer (`s`) by the network time of the mention that began them."""
    population = _where(
        "FROM mentions_stretch s WHERE s.origin = 'live' AND s.target = %(target)s "
        "AND s.started_at >= %(start)s AND s.started_at < %(end)s",
        period,
        filters,
        network="s.network",
        queue="s.queue_id",
        language="s.language",
        topics="(SELECT c.topics FROM mentions_conversation c WHERE c.id = s.conversation_id)",
    )
    return Population(population.sql, population.values | {"target": target})


def _authors(filters: Filters, *, asked: bool) -> str:
    """The authors of conversations, who know the network: a look-up for each that not every question needs."""
    return " JOIN mentions_author a ON a.id = c.author_id" if asked or filters.networks is not None else ""


def claims(period: Period, filters: Filters, *, running: bool = False, authors: bool = True) -> Population:
    """Spells in a queue (`k`, with their conversation `c` and, if asked, its author `a`) by the moment they were
    queued; only those that run, if asked.

    A spell ends with the first case that follows it; handing a claimed conversation on makes another case and no
    other spell. What stands in a queue now has no case yet and is in the population as well.
    """
    # Told row by row, so that the newest page is found without a look at the whole period.
    ended = (
        "SELECT conversation_id, queue_id, queued_at, claimed_at FROM agents_case f WHERE queued_at >= %(start)s "
        "AND queued_at < %(end)s AND NOT EXISTS (SELECT FROM agents_case e WHERE e.conversation_id = f.conversation_id "
        "AND e.queued_at = f.queued_at AND e.id < f.id) UNION ALL "
    )
    return _where(
        f"FROM ({'' if running else ended}SELECT id AS conversation_id, queue_id, queued_at, NULL::timestamptz AS "
        f"claimed_at FROM mentions_conversation c WHERE state = 'waiting' AND {NEEDED} "
        "AND queued_at >= %(start)s AND queued_at < %(end)s) k "
        f"JOIN mentions_conversation c ON c.id = k.conversation_id{_authors(filters, asked=authors)} "
        "WHERE c.origin = 'live'",
        period,
        filters,
        network="a.network",
        queue="k.queue_id",
        language="c.language",
        topics="c.topics",
    )


def open_waits(
    what: OpenWait, period: Period, filters: Filters, now: datetime | None, *, networks: bool = True
) -> Population:
    """Waits (`w`) for an answer, a claim or a solution that began in the period and have not ended.

    Each with `start`, its place (`queue_id`, `network` if asked, `language`, `topics`), and whether it is `running`,
    `dropped` since nobody has to end it any more, `overdue` or `not_due` at a moment; without one nothing is either.
    """
    nothing, network = "false AS overdue, false AS not_due", "a.network" if networks else "NULL AS network"
    if what == "time_to_claim":
        standing = claims(period, filters, running=True, authors=networks)
        rows = f"k.queued_at AS start, k.queue_id, {network}, c.language, c.topics, true AS running, {nothing}"
    elif what == "resolution":
        begun = conversations(period, filters, authors=networks)
        standing = Population(f"{begun.sql} AND {UNSOLVED}", begun.values)
        rows = f"c.opened_at AS start, c.queue_id, {network}, c.language, c.topics, true AS running, " + (
            f"{_UNSOLVED_LATE} AS overdue, {UNSOLVED_NOT_DUE} AS not_due" if now else nothing
        )
    else:
        begun = stretches(what, period, filters)
        standing = Population(
            f"FROM (SELECT s.* {begun.sql} AND s.stopped_at IS NULL) s CROSS JOIN LATERAL "
            "(SELECT * FROM mentions_conversation t WHERE t.id = s.conversation_id OFFSET 0) c",
            begun.values,
        )
        rows = f"s.started_at AS start, s.queue_id, s.network, s.language, c.topics, {NEEDED} AS running, " + (
            f"{_OVERDUE} AS overdue, {_NOT_DUE} AS not_due" if now else nothing
        )
    return Population(
        f"FROM (SELECT *, NOT running AS dropped FROM (SELECT {rows} {standing.sql}) r) w",
        standing.values | {"now": now},
    )


def cases(period: Period, filters: Filters) -> Population:
    """Spells of work (`k`, with their conversation `c`) by the claim."""
    return _where(
        "FROM agents_case k JOIN mentions_conversation c ON c.id = k.conversation_id "
        "JOIN mentions_author a ON a.id = c.author_id "
        "WHERE c.origin = 'live' AND k.claimed_at >= %(start)s AND k.claimed_at < %(end)s",
        period,
        filters,
        network="a.network",
        queue="k.queue_id",
        language="c.language",
        topics="c.topics",
    )


def spells(away: bool, period: Period, filters: Filters, now: datetime) -> Population:
    """Spells (`k`, of a person) at the desk and not away, or away: as much of each as lies in the period, in seconds.

    Whose queues are looked at, of the people whom their teams have now: who was in a team is not kept. A network, a
    language or a topic has nobody's time. The last two minutes are left out: a spell that goes on is told once a
    minute, and must read the same later.
    """
    here = (
        "SELECT person_id, range_agg(tstzrange(greatest(started_at, %(start)s), least({stop}, %(end)s))) AS r "
        "FROM {table} WHERE started_at < %(end)s AND {stop} > %(start)s{whose} GROUP BY 1"
    )
    whose = (
        ""
        if filters.queues is None
        else " AND person_id IN (SELECT p.user_id FROM agents_user_teams p JOIN agents_teamqueue q "
        "ON q.team_id = p.team_id WHERE q.queue_id = ANY(%(queues)s))"
    )
    until = "least(coalesce(ended_at, %(now)s), started_at + %(longest)s)"
    absent = here.format(table="commandcenter_absence", stop=until, whose=whose)
    present = here.format(table="commandcenter_presence", stop="seen_at", whose=whose)
    ranges = f"SELECT person_id, unnest(r) AS r FROM ({absent}) g"
    if not away:
        ranges = (
            "SELECT g.person_id, unnest(g.r - coalesce(b.r, '{}'::tstzmultirange)) AS r "
            f"FROM ({present}) g LEFT JOIN ({absent}) b ON b.person_id = g.person_id"
        )
    told = (
        f"FROM (SELECT person_id, lower(r) AS start, floor(extract(epoch FROM upper(r) - lower(r)))::int AS seconds "
        f"FROM ({ranges}) s) k WHERE k.seconds > 0"
    )
    if filters.networks is not None or filters.languages is not None or filters.topic:
        told += " AND false"
    end = min(period.end, now - timedelta(minutes=2))
    values = {"start": period.start, "end": max(period.start, end), "now": now, "longest": Absence.LONGEST}
    return Population(told, values | ({} if filters.queues is None else {"queues": list(filters.queues)}))


def replies(period: Period, filters: Filters) -> Population:
    """Replies by people (`r`, with their conversation `c`) by the network's confirmation, also if retracted since."""
    return _where(
        "FROM agents_reply r JOIN mentions_conversation c ON c.id = r.conversation_id "
        "JOIN mentions_author a ON a.id = c.author_id "
        "WHERE c.origin = 'live' AND r.sent_at >= %(start)s AND r.sent_at < %(end)s",
        period,
        filters,
        network="a.network",
        queue=WRITTEN_IN,
        language="c.language",
        topics="c.topics",
    )


def _where(
    sql: str, period: Period | None, filters: Filters, *, network: str, queue: str, language: str, topics: str
) -> Population:
    """Only the filters that are set stand in the statement, so that each gets a plan of its own."""
    values: dict[str, Any] = {"start": period.start, "end": period.end} if period else {}
    for name, value, condition in (
        ("queues", _listed(filters.queues), f"{queue} = ANY(%(queues)s)"),
        ("networks", _listed(filters.networks), f"{network} = ANY(%(networks)s)"),
        ("languages", _listed(filters.languages), f"{language} = ANY(%(languages)s)"),
        ("topic", filters.topic, f"{topics} @> ARRAY[%(topic)s]::varchar[]"),
    ):
        if value is not None:
            sql += f" AND {condition}"
            values[name] = value
    return Population(sql, values)


def _listed(some: tuple[Any, ...] | None) -> list[Any] | None:
    return None if some is None else list(some)

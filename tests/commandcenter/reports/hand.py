"""The figures of reports once more, counted by hand: what the product tells is held against this."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Hashable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from agents.models import Case, Reply, User
from commandcenter import periods
from commandcenter.models import Absence, Presence
from commandcenter.reports import asking
from mentions import rulebook, sla
from mentions.models import Conversation, Correction, Mention, Source, Stretch
from tests.factories import make_queue


class Hand:
    """Counts with lists and loops, knowing no statement of ours."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.queues = {q.pk: q for q in make_queue("care").__class__.objects.all()}
        self.mentions = list(Mention.objects.filter(origin="live").select_related("conversation", "source"))
        self.conversations = list(Conversation.objects.filter(origin="live").select_related("author"))
        self._subjects()
        self.by_id = {c.pk: c for c in self.conversations}
        self.stretches = list(Stretch.objects.filter(origin="live"))
        self.cases = list(Case.objects.all())
        self.replies = list(Reply.objects.exclude(sent_at=None))
        self.others = [s for s in Source.objects.filter(origin="live").select_related("via") if s.rival]
        self.listened = {(s.via or s).network for s in self.others if not s.settings.get("industry")}
        self.events = list(self._all_events())
        self.toned = set(Correction.objects.filter(field="sentiment").values_list("mention_id", flat=True))
        self._told: dict[int, list[dict[str, Any]]] = {}
        for event in self.events:
            self._told.setdefault(event["c"], []).append(event)
        self._listed: dict[str, list[Any]] = {}
        # What has been held against a count: many reports open the same lists.
        self.asked: dict[Hashable, asking.Ask] = {}
        self.opened: dict[str, Opened] = {}

    def _subjects(self) -> None:
        """A conversation is about what its posts are about, and is held in the language of the first."""
        posts: dict[int, list[Mention]] = {}
        for mention in sorted(self.mentions, key=lambda one: one.pk):
            if mention.conversation_id is not None:
                posts.setdefault(mention.conversation_id, []).append(mention)
        for talk in self.conversations:
            talk.topics = list(dict.fromkeys(topic for one in posts[talk.pk] for topic in one.topics))
            talk.language = posts[talk.pk][0].language

    def _all_events(self) -> Iterator[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT id, conversation_id, kind, at, data, queue_id, actor, actor_id FROM mentions_event "
                "WHERE conversation_id IS NOT NULL ORDER BY id"
            )
            for pk, conversation, kind, at, data, queue, actor, person in cursor.fetchall():
                told = json.loads(data) if isinstance(data, str) else data
                by = person if actor == "person" else actor
                yield {"id": pk, "c": conversation, "kind": kind, "at": at, "data": told, "queue": queue, "by": by}

    def turns(self, conversation: int) -> list[tuple[str, dict[str, Any]]]:
        """How a conversation was closed and opened again, without what was undone."""
        told: list[tuple[str, dict[str, Any]]] = []
        for event in self._told.get(conversation, ()):
            opens = event["kind"] == "conversation.reopened" or event["data"].get("did") == "reopened"
            if not (opens or event["kind"] == "conversation.closed"):
                continue
            if "undone" in event["data"]:
                del told[-1:]
            else:
                told.append(("opened" if opens else "closed", event))
        return told

    def closings(self) -> Iterator[tuple[Conversation, dict[str, Any], bool]]:
        """Each closing of what needed us, and whether it was opened again within a week."""
        for talk in self.conversations:
            turns = self.turns(talk.pk) if talk.actionable is not False else []
            for place, (what, event) in enumerate(turns):
                if what == "closed":
                    # What was closed anew after it came back is another closing's story.
                    later = itertools.takewhile(lambda turn: turn[0] == "opened", turns[place + 1 :])
                    opened = [one for _then, one in later]
                    # A reply that could not leave brings a conversation back by itself: nobody opened it.
                    after = [o["at"] for o in opened if (o["kind"], o["by"]) != ("conversation.reopened", "system")]
                    yield talk, event, any(at < event["at"] + timedelta(days=7) for at in after)

    def active(self, talk: Conversation) -> float:
        """Seconds from the first mention to the last close in which it was open."""
        closed, shut = talk.received_at, 0.0
        for what, event in self.turns(talk.pk):
            if what == "closed":
                closed = event["at"]
            else:
                shut += max(0.0, (event["at"] - closed).total_seconds())
        assert talk.closed_at is not None
        return (talk.closed_at - talk.opened_at).total_seconds() - shut

    def handled(self, talk: Conversation) -> float:
        return sum(case.focus_s for case in self.cases if case.conversation_id == talk.pk)

    def handed_on(self, talk: Conversation) -> int:
        """How often it went to another queue, or from who had it to somebody who did not take it themselves."""
        held: int | None = None
        times = 0
        for event in self._told.get(talk.pk, ()):
            if event["kind"] == "case.claimed":
                held = event["by"]
            elif event["kind"] == "case.assigned":
                to = event["data"]["owner"]
                times += held not in (None, to) and to != event["by"]
                held = to
            elif event["kind"] in ("case.transferred", "case.released", "case.expired", "conversation.closed"):
                times += event["kind"] == "case.transferred"
                held = None
        return times

    def rows(self, name: str, asked: Mapping[str, str]) -> list[Any]:
        """The rows of a list, each with its `seconds`, if it has any."""
        if name not in self._listed:
            self._listed[name] = self._all_rows(name)
        fitting = [row for row in self._listed[name] if self._fits(row, asked)]
        if name == "authors":
            return list({row["author"]: row for row in fitting}.values())
        return fitting

    def _all_rows(self, name: str) -> list[Any]:
        what = name
        for part in ("_hours", "_running", "_dropped", "_met", "_missed", "_not_due", "_due"):
            if name.startswith(("first_response", "next_response", "time_to_claim", "resolution")):
                what = what.removesuffix(part)
        rows = {
            "first_response": lambda: self._stretches("first_response", name),
            "next_response": lambda: self._stretches("next_response", name),
            "time_to_claim": lambda: self._spells(running=name.endswith("running")),
            "resolution": lambda: self._promises(name),
        }
        return rows[what]() if what in rows else self._plain(name)

    def _plain(self, name: str) -> list[Any]:
        mention: dict[str, Callable[[Mention], bool]] = {
            "mentions": lambda m: True,
            "private": lambda m: m.visibility == "private",
            "spam": lambda m: m.spam,
            "written": lambda m: not m.spam,
            "authors": lambda m: not m.spam,
            "public": lambda m: not m.spam and m.visibility == "public",
            "heard": lambda m: not m.spam and m.visibility == "public" and m.network in self.listened,
            "rivals": lambda m: not m.spam and m.visibility == "public" and not m.source.settings.get("industry"),
            "industry": lambda m: not m.spam and m.visibility == "public" and m.source.settings.get("industry") is True,
            "positive": lambda m: m.sentiment == 1 and not m.spam,
            "neutral": lambda m: m.sentiment == 0 and not m.spam,
            "negative": lambda m: m.sentiment == -1 and not m.spam,
            "scored": lambda m: m.sentiment is not None and not m.spam,
            "unscored": lambda m: m.sentiment is None and not m.spam,
            "corrected": lambda m: m.pk in self.toned and m.sentiment is not None and not m.spam,
        }
        if name in mention:
            ours = [m for m in self.mentions if bool(m.source.rival) == (name in ("rivals", "industry"))]
            return [
                self._row(m.occurred_at, m, m.conversation, rival=m.source.rival, author=m.author_id, reach=m.reach)
                for m in ours
                if mention[name](m)
            ]
        begun: dict[str, Callable[[Conversation], bool]] = {
            "begun": lambda c: True,
            "actionable": lambda c: c.actionable is True,
            "answered": lambda c: c.actionable is True and c.first_replied_at is not None,
            "unanswered": lambda c: c.actionable is True and c.first_replied_at is None,
            "undecided": lambda c: c.actionable is None,
            "came_in": lambda c: c.actionable is not False,
        }
        if name in begun:
            return [
                self._row(c.opened_at, c, c, replied=c.first_replied_at, answered=name == "answered")
                for c in self.conversations
                if begun[name](c)
            ]
        if name in ("closings", "reopened"):
            told = [one for one in self.closings() if name == "closings" or one[2]]
            return [self._row(event["at"], c, c, queue=event["queue"]) for c, event, _again in told]
        if name in ("closed", "active", "handled", "handed_on", "once"):
            lengths: dict[str, Callable[[Any], float]] = {"active": self.active, "handled": self.handled}
            took = lengths.get(name, lambda c: (c.closed_at - c.opened_at).total_seconds())
            return [
                self._row(c.closed_at, c, c, took(c), transfers=self.handed_on(c))
                for c in self.conversations
                if c.closed_at
                and c.actionable is not False
                and (name != "handed_on" or self.handed_on(c))
                and (name != "handled" or int(self.handled(c)))
                and (name != "once" or c.reply_count == 1)
            ]
        if name in ("open", "waiting", "claimed", "pending", "overdue"):
            return [
                self._row(None, c, c, (self.now - (c.waiting_since or c.queued_at)).total_seconds())
                for c in self.conversations
                if c.state != "closed"
                and c.actionable is not False
                and (
                    name == "open"
                    or c.state.startswith(name)
                    or (name == "overdue" and c.due_at and c.due_at < self.now)
                )
            ]
        if name == "replies":
            return [self._reply(r) for r in self.replies]
        if name in ("available", "away"):
            return [row for one in User.objects.all() for row in self._desk(one.pk, away=name == "away")]
        return self._cases(name)

    def _reply(self, reply: Reply) -> dict[str, Any]:
        place = self.by_id[reply.conversation_id]
        written_in = {case.pk: case.queue_id for case in self.cases}.get(reply.case_id or 0, place.queue_id)
        return self._row(reply.sent_at, reply, place, person=reply.author_id, queue=written_in)

    def _desk(self, person: int, *, away: bool) -> list[Any]:
        """Each minute of a person's time is looked at by itself; spells here are of whole minutes."""
        here = {at for one in Presence.objects.filter(person=person) for at in _minutes(one.started_at, one.seen_at)}
        gone = {
            at
            for one in Absence.objects.filter(person=person)
            for at in _minutes(one.started_at, min(one.ended_at or self.now, one.started_at + timedelta(hours=12)))
        }
        told = sorted(at for at in (gone if away else here - gone) if at < self.now - timedelta(minutes=2))
        works = set(User.objects.get(pk=person).teams.values_list("slug", flat=True))
        return [{**self._nowhere(at), "person": person, "seconds": 60, "works": works} for at in told]

    def _nowhere(self, at: datetime) -> dict[str, Any]:
        return {"at": at, "queue": None, "network": None, "language": None, "topics": [], "rival": ""}

    def _cases(self, name: str) -> list[Any]:
        found = []
        for case in self.cases:
            sent = [r.sent_at for r in self.replies if r.case_id == case.pk]
            to_reply = max(0.0, (min(sent) - case.claimed_at).total_seconds()) if sent else None
            seconds = case.focus_s if name == "in_focus" else to_reply
            if (
                name == "claims"
                or (name == "given_back" and case.outcome in ("released", "expired") and not sent)
                or (name == "replied" and sent)
                or (name == "in_focus" and case.focus_s > 0 and case.ended_at)
            ):
                place = self.by_id[case.conversation_id]
                found.append(
                    self._row(case.claimed_at, case, place, seconds, person=case.owner_id, queue=case.queue_id)
                )
        return found

    def _stretches(self, target: str, name: str) -> list[Any]:
        found = []
        for s in self.stretches:
            c = self.by_id[s.conversation_id]
            needed = c.actionable is not False
            runs = s.stopped_at is None and needed
            late = runs and s.due_at is not None and s.due_at < (c.paused_at or self.now)
            holds = {
                target: s.reply_id is not None,
                f"{target}_hours": s.reply_id is not None,
                f"{target}_running": runs,
                f"{target}_dropped": s.reply_id is None and not runs,
                f"{target}_met": needed and s.met is True,
                f"{target}_missed": (needed and s.met is False) or late,
                f"{target}_due": (needed and s.met is not None) or late,
                f"{target}_not_due": runs and s.due_at is not None and not late,
            }
            seconds = s.seconds
            if name.endswith("_hours") and s.stopped_at is not None:
                calendar = rulebook.policy_of(rulebook.policy_state(s.policy)).calendar
                seconds = max(sla.business_seconds(s.started_at, s.stopped_at, calendar) - s.paused_s, 0)
            if s.target == target and holds[name]:
                found.append(
                    self._row(s.started_at, s, c, seconds, queue=s.queue_id, network=s.network, language=c.language)
                )
        return found

    def _spells(self, *, running: bool) -> list[Any]:
        if running:
            return [
                self._row(c.queued_at, c, c)
                for c in self.conversations
                if c.state == "waiting" and c.actionable is not False
            ]
        spells: dict[Any, list[Case]] = {}
        for case in self.cases:
            spells.setdefault((case.conversation_id, case.queued_at), []).append(case)
        return [
            self._row(
                queued,
                one[0],
                self.by_id[pk],
                (min(c.claimed_at for c in one) - queued).total_seconds(),
                queue=one[0].queue_id,
            )
            for (pk, queued), one in spells.items()
        ]

    def _promises(self, name: str) -> list[Any]:
        found = []
        for c in self.conversations:
            if c.actionable is False or c.resolution_due_at is None:
                continue
            met = c.closed_at is not None and c.closed_at <= c.resolution_due_at
            missed = not met and (c.closed_at is not None or c.resolution_due_at < (c.paused_at or self.now))
            holds = {
                "resolution_met": met,
                "resolution_missed": missed,
                "resolution_due": met or missed,
                "resolution_not_due": not met and not missed,
            }
            if holds[name]:
                found.append(self._row(c.opened_at, c, c))
        return found

    def _row(self, at: Any, it: Any, place: Any, seconds: float | None = None, **about: Any) -> dict[str, Any]:
        of_mention = isinstance(it, Mention)
        return {
            "at": at,
            "seconds": None if seconds is None else int(seconds),
            "queue": place.queue_id if place else None,
            "network": it.network if of_mention else place.author.network,
            "language": it.language if of_mention else place.language,
            "topics": it.topics if of_mention else place.topics,
            "person": None,
            "rival": "",
        } | about

    def _fits(self, row: dict[str, Any], asked: Mapping[str, str]) -> bool:
        queue = self.queues.get(row["queue"])
        places = row.get("works", {queue.slug} if queue else set())
        at = row["at"].astimezone(periods.bank_zone()) if row["at"] else None
        if at is not None:
            end = datetime.fromisoformat(asked["until"]) if "until" in asked else None
            if not asked["from"] <= at.date().isoformat() <= asked["to"] or (end and at >= end):
                return False
        band = [0, 900, 3600, 14400, 86400, 10**10]
        tests = {
            "queue": lambda v: v in places,
            "team": lambda v: v in places,  # each queue's home team has its name
            "site": lambda v: "fraud" in places,  # ann alone is there
            "network": lambda v: row["network"] == v,
            "language": lambda v: row["language"] == ("" if v == "-" else v),
            "topic": lambda v: v in row["topics"],
            "person": lambda v: row["person"] == int(v),
            "rival": lambda v: row["rival"] == v,
            "weekday": lambda v: at is not None and at.weekday() == int(v),
            "hour": lambda v: at is not None and at.hour == int(v),
            "band": lambda v: band[int(v)] <= row["seconds"] < band[int(v) + 1],
            "by": lambda v: not row.get("answered") or row["replied"] < datetime.fromisoformat(v),
        }
        chosen = ((tests[name], values.split("|")) for name, values in asked.items() if name in tests)
        return all(any(map(test, values)) for test, values in chosen)


def _minutes(start: datetime, stop: datetime) -> Iterator[datetime]:
    while start < stop:
        yield start
        start += timedelta(minutes=1)


def percentile(values: list[int], share: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = ordered[int(place)]
    high = ordered[min(int(place) + 1, len(ordered) - 1)]
    return low + (place - int(place)) * (high - low)


# Shares by the list that they open: the lists of the part, and of the whole; of `closed` by the column.
SHARES = {
    "actionable": (["answered"], ["actionable"]),
    "claims": (["given_back"], ["claims"]),
    "negative": (["negative"], ["scored"]),
    "heard": (["heard"], ["heard", "rivals"]),
    "rivals": (["rivals"], ["heard", "rivals"]),
    **{f"{it}_due": ([f"{it}_met"], [f"{it}_due"]) for it in ("first_response", "next_response", "resolution")},
    "once_share": (["once"], ["closed"]),
    "closings": (["reopened"], ["closings"]),
    "begun": (["actionable"], ["begun"]),
    "Solved with one reply": (["once"], ["closed"]),
}


@dataclass(frozen=True)
class Opened:
    """The list that an address opens, and the same by hand."""

    name: str
    asked: dict[str, str]
    count: int
    seconds: list[float | None]
    rows: list[Any]


def percentage(hand: Hand, column: str, one: Opened) -> float | None:
    """A percentage by hand. Of a rival the part alone is narrowed to it."""
    part, whole = SHARES[column if column in SHARES else one.name]
    everybody = {name: value for name, value in one.asked.items() if name != "rival"}
    of = sum(len(hand.rows(name, everybody)) for name in whole)
    return 100 * sum(len(hand.rows(name, one.asked)) for name in part) / of if of else None

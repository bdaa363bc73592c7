"""Every figure of every report against a plain count in Python, and against the rows that it opens."""

from __future__ import annotations

import csv
import io
import itertools
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from agents import cases, judgement
from agents.models import Case, Reply, Role, User
from commandcenter import facts, periods, reports, rollups
from commandcenter.models import DayFacts
from commandcenter.reports import Figure, asking, behind
from mentions import intake
from mentions.models import Conversation, Correction, Mention, Stretch
from tests.commandcenter.history import answer, hear, settle
from tests.factories import make_person, make_queue, make_rule, make_site, make_source, post

pytestmark = pytest.mark.django_db

NEW_YORK = ZoneInfo("America/New_York")
COMPLAINT = "@bank my card was declined again, please help me"
ANGRY = "@bank this is terrible, my card was stolen, I am furious"
LOVE = "I love the new app of @bank, it is wonderful, great work"
SPANISH = "mi tarjeta fue rechazada en el cajero, necesito ayuda @bank"
SPAM = "FREE CRYPTO giveaway!!! click http://spam.example now, double your money, @bank"


def ny(month: int, day: int, hour: int = 12, minute: int = 0, year: int = 2024) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK)


NOW = ny(3, 17, 15, 30)


@dataclass(frozen=True)
class World:
    """Three weeks of 2024 with its leap day and the night when clocks went forward."""

    manager: User
    sam: User


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield _three_weeks()
        transaction.set_rollback(True)


def conversation(mention: Mention) -> Conversation:
    return Conversation.objects.get(pk=mention.conversation_id)


def _three_weeks() -> World:
    care, fraud = make_queue("care"), make_queue("fraud")
    make_rule(fraud, conditions={"words_any": ["stolen"]})
    square, ear = make_source("square"), make_source("ear", network="x")
    rival = make_source("rival", network="x", rival="First Rival", sending=False)
    drill = make_source("drill", network="x", origin="drill")
    canary = make_source("canary", origin="canary")
    site = make_site("charlotte")
    sam = make_person("sam", role=Role.SUPERVISOR, teams=("care", "fraud"))
    ann = make_person("ann", role=Role.SUPERVISOR, teams=("fraud",), site=site)
    for back in range(20, -1, -1):
        day = periods.bank_day(NOW) - timedelta(days=back)
        for number in range(back % 3 + 1):
            at = periods.midnight(day) + timedelta(hours=1 + 3 * number, minutes=5 * back)
            mention = hear(square, COMPLAINT, at=at, author=f"c{back}-{number}")
            if number != 1:
                late = timedelta(minutes=4 + 40 * (back % 2) + number, seconds=0.7)
                answer(conversation(mention), by=sam, at=at + late)
        if back % 2:
            stolen = hear(ear, ANGRY, at=periods.midnight(day) + timedelta(hours=11), author=f"f{back}", network="x")
            answer(conversation(stolen), by=ann, at=stolen.occurred_at + timedelta(hours=back % 5 + 0.2))
        if back % 3 == 0:
            hear(rival, "the first rival is great", at=periods.midnight(day) + timedelta(hours=9), network="x")
            hear(rival, SPAM, at=periods.midnight(day) + timedelta(hours=9), network="x", author="bot")
            hear(square, SPANISH, at=periods.midnight(day) + timedelta(hours=15), visibility="private", kind="message")
            hear(square, LOVE, at=periods.midnight(day) + timedelta(hours=13), author=f"l{back}")
            hear(square, SPAM, at=periods.midnight(day) + timedelta(hours=14), author=f"bot{back}")
    for at in (ny(2, 29, 0, 0), ny(2, 29, 23, 59), ny(3, 10, 1, 59), ny(3, 10, 3, 0), ny(3, 9, 23, 59)):
        hear(square, COMPLAINT, at=at, author=f"edge {at:%d %H %M}")
    twice = post(COMPLAINT, created_at=ny(3, 5).isoformat(), author="twice")
    intake.receive(square, [twice], now=ny(3, 5))
    assert intake.receive(square, [twice], now=ny(3, 6)).items[0].status == "duplicate"
    hear(drill, COMPLAINT, at=ny(3, 4), network="x")
    hear(canary, COMPLAINT, at=ny(3, 4))
    gone = hear(square, COMPLAINT, at=ny(3, 4, 8), author="gone")
    intake.receive(
        square, [{"network": gone.network, "external_id": gone.external_id, "op": "delete"}], now=ny(3, 4, 9)
    )
    edited = hear(square, COMPLAINT, at=ny(3, 4, 10), author="edited")
    change = {"network": edited.network, "external_id": edited.external_id, "op": "edit", "text": LOVE}
    intake.receive(square, [change | {"edited_at": ny(3, 4, 11).isoformat()}], now=ny(3, 4, 11))
    _work(square, sam, ann, care, fraud)
    settle(now=NOW)
    late = hear(square, COMPLAINT, at=ny(2, 28, 7), received=ny(3, 16), author="late")
    judgement.correct(late, field="sentiment", value=1, by=sam, now=ny(3, 16))
    judgement.correct(edited, field="topics", value=["fees", "card-declined"], by=sam, now=ny(3, 16))
    settle(now=NOW)
    return World(make_person("mary", role=Role.MANAGER, teams=()), sam)


def _work(square: Any, sam: User, ann: User, care: Any, fraud: Any) -> None:
    """What people did beyond answering: closings, a reopening, transfers, releases, dismissals."""
    talk = conversation(hear(square, COMPLAINT, at=ny(3, 1, 9), author="talk"))
    answer(talk, by=sam, at=ny(3, 1, 9, 20))
    hear(square, "still not working @bank, please help", at=ny(3, 1, 10), author="talk")
    answer(talk, by=sam, at=ny(3, 1, 12))
    cases.close(talk.pk, disposition="solved", by=sam, now=ny(3, 1, 13))
    hear(square, "it is broken again @bank, please help me", at=ny(3, 3, 10), author="talk")
    answer(talk, by=sam, at=ny(3, 3, 10, 10))
    cases.close(talk.pk, disposition="solved", by=sam, now=ny(3, 3, 11))
    handed = conversation(hear(square, COMPLAINT, at=ny(3, 7, 9), author="handed"))
    cases.claim(handed.pk, by=sam, now=ny(3, 7, 9, 5))
    cases.transfer(handed.pk, to=fraud, by=sam, now=ny(3, 7, 9, 10))
    cases.claim(handed.pk, by=ann, now=ny(3, 7, 9, 30))
    answer(handed, by=ann, at=ny(3, 7, 9, 45))
    cases.close(handed.pk, disposition="answered", by=ann, now=ny(3, 8))
    back = conversation(hear(square, COMPLAINT, at=ny(3, 7, 10), author="back"))
    cases.claim(back.pk, by=sam, now=ny(3, 7, 10, 5))
    cases.release(back.pk, by=sam, now=ny(3, 7, 10, 25))
    praise = conversation(hear(square, COMPLAINT, at=ny(3, 8, 10), author="praise"))
    cases.dismiss(praise.pk, why="no_reply_needed", by=sam, now=ny(3, 8, 10, 3))
    silent = conversation(hear(square, COMPLAINT, at=ny(3, 8, 11), author="silent"))
    cases.claim(silent.pk, by=sam, now=ny(3, 8, 11, 5))
    cases.close(silent.pk, disposition="no_response", by=sam, now=ny(3, 9, 11))
    reopened = conversation(hear(square, COMPLAINT, at=ny(3, 11, 8), author="reopened"))
    answer(reopened, by=sam, at=ny(3, 11, 8, 5))
    cases.close(reopened.pk, disposition="solved", by=sam, now=ny(3, 11, 9))
    settle(now=NOW)
    cases.reopen(reopened.pk, by=sam, now=ny(3, 13, 9))
    open_question = conversation(hear(square, COMPLAINT, at=ny(3, 12, 8), author="maybe"))
    judgement.mark_actionable(open_question.pk, actionable=None, reason="unclear", by=sam, now=ny(3, 12, 9))
    pending = conversation(hear(square, COMPLAINT, at=ny(3, 16, 8), author="pending"))
    answer(pending, by=sam, at=ny(3, 16, 8, 30))
    cases.pend(pending.pk, on="pending_customer", until=timezone.now() + timedelta(days=1), by=sam, now=ny(3, 16, 9))
    renewed = cases.claim(back.pk, by=sam, now=ny(3, 14, 15))
    cases.renew(renewed.pk, by=sam, focused=True, now=ny(3, 14, 15, 1))
    cases.renew(renewed.pk, by=sam, focused=True, now=ny(3, 14, 15, 2))
    cases.release(back.pk, by=sam, now=ny(3, 14, 15, 3))


# --- The same figures, counted by hand ---------------------------------------------------------------------------


class Hand:
    """Counts with lists and loops, knowing no statement of ours."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.queues = {q.pk: q for q in make_queue("care").__class__.objects.all()}
        self.mentions = list(Mention.objects.filter(origin="live").select_related("conversation", "source"))
        self.conversations = list(Conversation.objects.filter(origin="live").select_related("author"))
        self.by_id = {c.pk: c for c in self.conversations}
        self.stretches = list(Stretch.objects.filter(origin="live"))
        self.cases = list(Case.objects.all())
        self.replies = list(Reply.objects.exclude(sent_at=None))
        self.toned = set(Correction.objects.filter(field="sentiment").values_list("mention_id", flat=True))

    def rows(self, name: str, asked: Mapping[str, str]) -> list[Any]:
        """The rows of a list, each with its `seconds`, if it has any."""
        what = name
        for part in ("_running", "_dropped", "_met", "_missed", "_not_due", "_due"):
            if name.startswith(("first_response", "next_response", "time_to_claim", "resolution")):
                what = what.removesuffix(part)
        rows = {
            "first_response": lambda: self._stretches("first_response", name),
            "next_response": lambda: self._stretches("next_response", name),
            "time_to_claim": lambda: self._spells(running=name.endswith("running")),
            "resolution": lambda: self._promises(name),
        }
        found = rows[what]() if what in rows else self._plain(name)
        return [row for row in found if self._fits(row, asked)]

    def _plain(self, name: str) -> list[Any]:
        mention: dict[str, Callable[[Mention], bool]] = {
            "mentions": lambda m: True,
            "private": lambda m: m.visibility == "private",
            "spam": lambda m: m.spam,
            "heard": lambda m: not m.spam,
            "rivals": lambda m: not m.spam,
            "positive": lambda m: m.sentiment == 1 and not m.spam,
            "neutral": lambda m: m.sentiment == 0 and not m.spam,
            "negative": lambda m: m.sentiment == -1 and not m.spam,
            "scored": lambda m: m.sentiment is not None and not m.spam,
            "unscored": lambda m: m.sentiment is None and not m.spam,
            "corrected": lambda m: m.pk in self.toned and m.sentiment is not None and not m.spam,
        }
        if name in mention:
            ours = [m for m in self.mentions if bool(m.source.rival) == (name == "rivals")]
            return [self._row(m.occurred_at, m, m.conversation, rival=m.source.rival) for m in ours if mention[name](m)]
        begun: dict[str, Callable[[Conversation], bool]] = {
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
        if name in ("closed", "reopened", "once"):
            return [
                self._row(c.closed_at, c, c, (c.closed_at - c.opened_at).total_seconds())
                for c in self.conversations
                if c.closed_at
                and c.actionable is not False
                and (name != "reopened" or c.reopened_count)
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
            return [self._row(r.sent_at, r, self.by_id[r.conversation_id], person=r.author_id) for r in self.replies]
        return self._cases(name)

    def _cases(self, name: str) -> list[Any]:
        found = []
        for case in self.cases:
            sent = [r.sent_at for r in self.replies if r.case_id == case.pk]
            to_reply = (min(sent) - case.claimed_at).total_seconds() if sent else None
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
            runs = s.stopped_at is None and c.actionable is not False
            late = runs and s.due_at is not None and s.due_at < (c.paused_at or self.now)
            holds = {
                target: s.reply_id is not None,
                f"{target}_running": runs,
                f"{target}_dropped": s.reply_id is None and not runs,
                f"{target}_met": s.met is True,
                f"{target}_missed": s.met is False or late,
                f"{target}_due": s.met is not None or late,
                f"{target}_not_due": runs and s.due_at is not None and not late,
            }
            if s.target == target and holds[name]:
                found.append(
                    self._row(s.started_at, s, c, s.seconds, queue=s.queue_id, network=s.network, language=s.language)
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
            missed = not met and (c.closed_at is not None or c.resolution_due_at < self.now)
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
        at = row["at"].astimezone(periods.bank_zone()) if row["at"] else None
        if at is not None:
            end = datetime.fromisoformat(asked["until"]) if "until" in asked else None
            if not asked["from"] <= at.date().isoformat() <= asked["to"] or (end and at >= end):
                return False
        band = [0, 900, 3600, 14400, 86400, 10**10]
        tests = {
            "queue": lambda v: queue is not None and queue.slug == v,
            "team": lambda v: queue is not None and queue.slug == v,  # each queue's home team has its name
            "site": lambda v: queue is not None and queue.slug == "fraud",  # ann alone is there
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
        return all(tests[name](value) for name, value in asked.items() if name in tests)


def percentile(values: list[int], share: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = ordered[int(place)]
    high = ordered[min(int(place) + 1, len(ordered) - 1)]
    return low + (place - int(place)) * (high - low)


# Shares by the column that tells them: the list of the part, and of the whole.
SHARES = {
    "rate": ("answered", "actionable"),
    "given_back_share": ("given_back", "claims"),
    "once_share": ("once", "closed"),
    "reopened_share": ("reopened", "closed"),
}
ASKS = [
    "from=2024-02-26&to=2024-03-17",
    "from=2024-02-29&to=2024-03-10&compare=none",
    "from=2024-03-10&to=2024-03-10",
    "from=2024-03-04&to=2024-03-17&queue=care",
    "from=2024-03-04&to=2024-03-17&team=fraud&compare=year",
    "from=2024-02-26&to=2024-03-16&network=x",
    "from=2024-02-26&to=2024-03-17&topic=card-declined",
    "from=2024-02-26&to=2024-03-17&language=es",
    "from=2024-02-26&to=2024-03-17&site=charlotte&compare=none",
]


def asked(world: World, key: str, query: str) -> asking.Ask:
    found = reports.get(key)
    given = QueryDict(mutable=True)
    for name, value in QueryDict(query).items():
        if name not in found.without:
            given[name] = str(value)
    return asking.read(key, given, by=world.manager, now=NOW, without=found.without)


def figures(content: reports.Content) -> Iterator[tuple[str, str, str, Figure]]:
    for section in content.sections:
        for line in section.lines:
            for column, figure in zip(section.columns, line.figures, strict=True):
                yield section.key, line.key, column.key, figure
    for number, one in enumerate(content.headlines):
        yield "headline", str(number), str(one.title), one.figure


@pytest.mark.parametrize("query", ASKS)
@pytest.mark.parametrize("key", sorted(reports.every()))
def test_every_figure_is_what_a_plain_count_says_and_opens_as_many_rows(world: World, key: str, query: str) -> None:
    checked = check_figures(asked(world, key, query), reports.get(key), Hand(NOW), world.manager)
    assert checked or key in ("csat", "agents")


def check_figures(ask: asking.Ask, report: reports.Report, hand: Hand, by: User, *, most: int = 10_000) -> int:
    """Each figure of a report, or as many evenly spread, against the rows it opens and a count by hand."""
    key, checked = ask.report, 0
    told = list(figures(report.content(ask)))
    for section, line, column, figure in told[:: -(-len(told) // most) or 1]:
        where = (ask, section, line, column, figure)
        if figure.rows is None:
            continue
        address = QueryDict(ask.address(list=figure.rows.list, **figure.rows.narrowed))
        again = asking.read(key, address, by=by, now=ask.now, also=behind.ALSO, without=report.without)
        question = behind.question(again, address.dict(), report.lists)
        count = behind.count(question)
        found, _after = behind.read(question, limit=10_000)
        days = behind.counted(question)
        if days is not None:
            assert sum(days.values()) == count, where
            assert behind.read(question, limit=3, days=days) == behind.read(question, limit=3), where
        rows = hand.rows(figure.rows.list, address.dict())
        assert count == len(found) == len(rows), where
        seconds = [row["seconds"] for row in rows if row["seconds"] is not None]
        if figure.unit == "count":
            assert figure.value == count, where
        elif figure.unit == "seconds":
            told = sorted(int(one.seconds) for one in found if one.seconds is not None)
            if figure.rows.list != "in_focus":
                assert told == sorted(seconds), where
            share = 0.9 if "90" in column or "p90" in column else 1.0 if "ldest" in column else 0.5
            assert figure.value == percentile(seconds, share), where
        elif column in SHARES:
            part, whole = (len(hand.rows(name, address.dict())) for name in SHARES[column])
            assert figure.value == (100 * part / whole if whole else None), where
        elif figure.unit == "points":
            tones = [len(hand.rows(name, address.dict())) for name in ("positive", "negative", "scored")]
            assert figure.value == (100 * (tones[0] - tones[1]) / tones[2] if tones[2] else None), where
        checked += 1
    return checked


@pytest.mark.parametrize("key", ["sla", "hours"])
def test_shares_of_promises_and_hours_add_up(world: World, key: str) -> None:
    content = reports.get(key).content(asked(world, key, ASKS[0]))
    for section in content.sections:
        for line in section.lines:
            values = dict(zip([c.key for c in section.columns], [f.value for f in line.figures], strict=True))
            if key == "sla":
                assert values["met"] + values["missed"] == values["due"]
                assert values["share"] == (100 * values["met"] / values["due"] if values["due"] else None)
            else:
                assert sum(v for k, v in values.items() if k != "all") == values["all"]


def test_what_is_stored_for_closed_days_is_what_the_rows_say(world: World) -> None:
    def stored() -> set[tuple[Any, ...]]:
        fields = [f.attname for f in DayFacts._meta.fields if not f.primary_key]
        return {
            tuple(bytes(v) if isinstance(v, memoryview) else v for v in row)
            for row in DayFacts.objects.values_list(*fields)
        }

    before = stored()
    assert {row[0] for row in before} == set(facts.KINDS)
    with transaction.atomic():
        rollups.rebuild(ny(2, 25), NOW, now=NOW)
        assert stored() == before
        transaction.set_rollback(True)
    start, stop = periods.midnight(ny(2, 26).date()), periods.midnight(ny(3, 18).date())
    for what in facts.KINDS:
        for by in ("none", "day", "queue", "network", "language", "topic"):
            kept = facts.read(what, start, stop, by=by, closed=rollups.closed_until())
            fresh = facts.read(what, start, stop, by=by, closed=None)
            assert kept.keys() == fresh.keys()
            for key in kept:
                assert sorted(kept[key].numbers) == sorted(fresh[key].numbers)
                assert all(getattr(kept[key], name) == getattr(fresh[key], name) for name in facts.COUNTS)


@pytest.mark.parametrize("key", sorted(set(reports.every()) - {"csat", "backlog"}))
def test_over_http_pages_and_files_hold_as_many_rows(world: World, key: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mary = Client()
    mary.force_login(world.manager)
    query = "from=2024-03-01&to=2024-03-11&compare=none"
    document = mary.get(f"/reports/{key}.json?{query}").json()
    assert document["sections"]
    ask = asking.read(key, QueryDict(query), by=world.manager, now=timezone.now())
    some = [f for *_where, f in figures(reports.get(key).content(ask)) if f.rows and f.unit == "count" and f.value]
    for figure in itertools.islice(some, 0, None, max(1, len(some) // 6)):
        assert figure.rows
        address = ask.address(list=figure.rows.list, **figure.rows.narrowed)
        response = mary.get(f"/reports/{key}/rows.csv?{address}")
        lines = list(csv.reader(io.StringIO(b"".join(response).decode("utf-8-sig"))))
        assert len(lines) - 1 == figure.value, address
        book = mary.get(f"/reports/{key}/rows.xlsx?{address}")
        with zipfile.ZipFile(io.BytesIO(b"".join(book))) as opened:
            sheet = opened.read("xl/worksheets/sheet1.xml").decode()
        assert sheet.count("<row ") - 1 == figure.value
        assert "<f>" not in sheet
        listed = mary.get(f"/reports/{key}/rows.json?{address}").json()
        assert len(listed["rows"]) == figure.value

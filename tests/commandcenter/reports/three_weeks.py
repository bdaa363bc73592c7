"""Three weeks of a bank, made by the product's own verbs, with whatever has ever been counted wrongly."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from agents import bulk, cases, judgement, returns, undoing
from agents.models import Role, User
from commandcenter import periods
from commandcenter.models import Absence, Presence
from mentions import intake
from tests.commandcenter.history import COMPLAINT, LOVE, SPAM, answer, conversation, hear, settle
from tests.commandcenter.reports.hand import Hand
from tests.factories import make_person, make_queue, make_rule, make_site, make_source, post

NEW_YORK = ZoneInfo("America/New_York")
ANGRY = "@bank this is terrible, my card was stolen, I am furious"
SPANISH = "mi tarjeta fue rechazada en el cajero, necesito ayuda @bank"


def ny(month: int, day: int, hour: int = 12, minute: int = 0, year: int = 2024) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=NEW_YORK)


NOW = ny(3, 17, 15, 30)


@dataclass(frozen=True)
class World:
    """Three weeks of 2024 with its leap day and the night when clocks went forward, and the same counted by hand.

    `fresh` holds what its rows say of a question, which no test changes.
    """

    manager: User
    sam: User
    hand: Hand
    fresh: dict[Hashable, Any] = field(default_factory=dict)


def three_weeks() -> World:
    """All of it, in the order in which it happened."""
    care, fraud = make_queue("care"), make_queue("fraud")
    make_rule(fraud, conditions={"words_any": ["stolen"]})
    square, ear = make_source("square"), make_source("ear", network="x")
    rival = make_source("rival", network="x", rival="First Rival", sending=False)
    fees = make_source("fees", network="x", rival="Overdraft fees", sending=False, settings={"industry": True})
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
            hear(fees, "overdraft fees are a scandal", at=periods.midnight(day) + timedelta(hours=9), network="x")
            hear(ear, ANGRY, at=periods.midnight(day) + timedelta(hours=10), network="x", visibility="private")
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
    return World(make_person("mary", role=Role.MANAGER, teams=()), sam, Hand(NOW))


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
    for name, minutes in (("troll", 300), ("bore", 2)):
        answered = conversation(hear(square, COMPLAINT, at=ny(3, 8, 10), author=name))
        answer(answered, by=sam, at=ny(3, 8, 10) + timedelta(minutes=minutes))
        cases.dismiss(answered.pk, why="no_reply_needed", by=sam, now=ny(3, 8, 16))
    silent = conversation(hear(square, COMPLAINT, at=ny(3, 8, 11), author="silent"))
    cases.claim(silent.pk, by=sam, now=ny(3, 8, 11, 5))
    cases.close(silent.pk, disposition="no_response", by=sam, now=ny(3, 9, 11))
    reopened = conversation(hear(square, COMPLAINT, at=ny(3, 11, 8), author="reopened"))
    answer(reopened, by=sam, at=ny(3, 11, 8, 5))
    cases.close(reopened.pk, disposition="solved", by=sam, now=ny(3, 11, 9))
    settle(now=NOW)
    cases.reopen(reopened.pk, by=sam, now=ny(3, 13, 9))
    open_question = conversation(hear(square, COMPLAINT, at=ny(3, 12, 8), author="maybe"))
    judgement.undecide(open_question.pk, by=sam, now=ny(3, 12, 9))
    pending = conversation(hear(square, COMPLAINT, at=ny(3, 16, 8), author="pending"))
    answer(pending, by=sam, at=ny(3, 16, 8, 30))
    cases.pend(pending.pk, on="pending_customer", until=timezone.now() + timedelta(days=1), by=sam, now=ny(3, 16, 9))
    _closings(square, sam, ann, fraud)
    _desks(sam, ann)
    renewed = cases.claim(back.pk, by=sam, now=ny(3, 14, 15))
    cases.renew(renewed.pk, by=sam, focused=True, now=ny(3, 14, 15, 1))
    cases.renew(renewed.pk, by=sam, focused=True, now=ny(3, 14, 15, 2))
    cases.release(back.pk, by=sam, now=ny(3, 14, 15, 3))


def _closings(square: Any, sam: User, ann: User, fraud: Any) -> None:
    """Work of two on one conversation, a reopening after nine days, and a dismissal that was undone."""
    worked = conversation(hear(square, COMPLAINT, at=ny(3, 5, 9), author="worked")).pk
    for who, minute in ((sam, 5), (ann, 30)):
        case = cases.claim(worked, by=who, now=ny(3, 5, 9, minute))
        for more in (1, 2):
            cases.renew(case.pk, by=who, focused=True, now=ny(3, 5, 9, minute + more))
        if who is sam:
            cases.transfer(worked, to=fraud, by=sam, now=ny(3, 5, 9, 9))
    cases.assign(worked, to=sam, by=ann, now=ny(3, 5, 9, 35))
    cases.assign(worked, to=ann, by=ann, now=ny(3, 5, 9, 38))
    cases.assign(worked, to=sam, by=ann, now=ny(3, 5, 9, 35))
    cases.assign(worked, to=ann, by=ann, now=ny(3, 5, 9, 38))
    cases.close(worked, disposition="solved", by=ann, now=ny(3, 5, 9, 40))
    given = conversation(hear(square, ANGRY, at=ny(3, 5, 10), author="given")).pk
    cases.assign(given, to=ann, by=sam, now=ny(3, 5, 10, 5))
    cases.assign(given, to=sam, by=ann, now=ny(3, 5, 10, 10))
    cases.close(given, disposition="solved", by=sam, now=ny(3, 5, 10, 20))
    given = conversation(hear(square, COMPLAINT, at=ny(3, 5, 10), author="given")).pk
    cases.assign(given, to=ann, by=sam, now=ny(3, 5, 10, 5))
    cases.assign(given, to=sam, by=ann, now=ny(3, 5, 10, 10))
    cases.close(given, disposition="solved", by=sam, now=ny(3, 5, 10, 20))
    late = conversation(hear(square, COMPLAINT, at=ny(2, 27, 9), author="nine days")).pk
    taken_back = conversation(hear(square, COMPLAINT, at=ny(3, 6, 9), author="taken back")).pk
    undone = bulk.dismiss_many([taken_back], why="spam", by=sam, now=ny(3, 6, 10)).action
    assert undone
    undoing.undo(undone.pk, by=sam, now=ny(3, 6, 11))
    for pk, at in ((late, ny(2, 27, 11)), (taken_back, ny(3, 6, 12)), (late, ny(3, 8, 12))):
        if pk == late and at > ny(3, 1):
            cases.reopen(late, by=sam, now=ny(3, 8, 9))
        cases.claim(pk, by=sam, now=at)
        cases.close(pk, disposition="solved", by=sam, now=at)
    refused = conversation(hear(square, COMPLAINT, at=ny(3, 6, 14), author="refused")).pk
    for hour in (15, 17):
        cases.claim(refused, by=sam, now=ny(3, 6, hour))
        cases.close(refused, disposition="answered", by=sam, now=ny(3, 6, hour))
        assert hour == 17 or returns.unanswered(refused, now=ny(3, 6, 16))
    hear(square, "it was refused again @bank, please help me", at=ny(3, 7, 8), author="refused")
    moved = conversation(hear(square, COMPLAINT, at=ny(3, 6, 15), author="moved on"))
    answer(moved, by=sam, at=ny(3, 6, 15, 5))
    cases.transfer(moved.pk, to=fraud, by=sam, now=ny(3, 6, 15, 10))


def _desks(sam: User, ann: User) -> None:
    """Two open windows, a break in the middle, an absence that nobody ended, a night in between."""
    for person, spells in (
        (sam, [(ny(3, 5, 9), ny(3, 5, 12)), (ny(3, 5, 10), ny(3, 5, 13)), (ny(3, 9, 22), ny(3, 10, 5))]),
        (ann, [(ny(3, 5, 8), ny(3, 5, 10)), (ny(3, 17, 14), NOW)]),
    ):
        for start, stop in spells:
            Presence.objects.create(person=person, started_at=start, seen_at=stop)
    for person, start, end in ((sam, ny(3, 5, 11), ny(3, 5, 11, 30)), (ann, ny(3, 5, 9, 50), None)):
        Absence.objects.create(person=person, reason="break", started_at=start, ended_at=end)

"""Figures as they were known: what happened later changes none of them."""

from __future__ import annotations

import html
import json
import re
import threading
import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connections, transaction
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agents import cases, judgement, outcomes, returns
from agents.models import Reply, ReplyState, Role, TeamQueue, User
from commandcenter import asof, earlier, glossary, metrics, periods, reports, rollups, stocks
from commandcenter.earlier import Earlier
from commandcenter.populations import Filters
from commandcenter.reports import asking
from config.databases import PLANNED_ANEW
from mentions import events, intake, rulebook
from mentions.models import Conversation, Edition, Mention, SlaPolicy, Source, Stretch
from tests.commandcenter.history import COMPLAINT, LOVE, answer, hear, settle
from tests.commandcenter.reports.test_histories import Working, bank, histories
from tests.factories import make_person, make_queue, make_source, post

pytestmark = pytest.mark.django_db
__all__ = ["bank"]  # a fixture of random histories

HOUR = timedelta(hours=1)


@pytest.fixture
def mary(db: None) -> User:
    return make_person("mary", role=Role.MANAGER, teams=())


def talk(mention: Mention) -> Conversation:
    return Conversation.objects.get(pk=mention.conversation_id)


def _before(square: Source, sam: User, then: datetime) -> dict[str, Mention]:
    """Six people write in the days before; some are answered, one is closed, one held, one marked."""
    told = {
        name: hear(square, COMPLAINT, at=then - back * HOUR, author=name)
        for name, back in (("open", 5), ("held", 6), ("answered", 30), ("closed", 50), ("marked", 8), ("moved", 70))
    }
    answer(talk(told["answered"]), by=sam, at=then - 29 * HOUR)
    answer(talk(told["closed"]), by=sam, at=then - 49 * HOUR)
    cases.assign(told["closed"].conversation_id, to=make_person("other"), by=sam, now=then - 48.5 * HOUR)
    cases.close(told["closed"].conversation_id, disposition="solved", by=sam, now=then - 48 * HOUR)
    cases.claim(told["held"].conversation_id, by=sam, now=then - HOUR)
    judgement.undecide(told["marked"].conversation_id, by=sam, now=then - HOUR)
    return told


def _after(square: Source, sam: User, then: datetime, told: dict[str, Mention]) -> None:
    """Whatever could change a figure of those days."""
    late = then + HOUR
    answer(talk(told["open"]), by=sam, at=late)
    cases.release(told["held"].conversation_id, by=sam, now=late)
    cases.dismiss(told["held"].conversation_id, why="no_reply_needed", by=sam, now=late + HOUR)
    cases.close(told["answered"].conversation_id, disposition="solved", by=sam, now=late)
    cases.reopen(told["closed"].conversation_id, by=sam, now=late)
    cases.dismiss(told["marked"].conversation_id, why="not_us", by=sam, now=late)
    cases.transfer(told["moved"].conversation_id, to=make_queue("fraud"), by=sam, now=late)
    judgement.correct(told["moved"], field="sentiment", value=1, by=sam, now=late)
    judgement.correct(told["moved"], field="topics", value=["fees"], by=sam, now=late)
    post = {"network": told["open"].network, "external_id": told["open"].external_id}
    intake.receive(square, [post | {"op": "edit", "text": LOVE, "edited_at": late.isoformat()}], now=late)
    gone = {"network": told["held"].network, "external_id": told["held"].external_id, "op": "delete"}
    intake.receive(square, [gone], now=late)
    hear(square, COMPLAINT, at=then - 20 * HOUR, received=late, author="late")
    hear(square, COMPLAINT, at=late, author="answered")


def _figures(by: User, key: str, query: str, now: datetime) -> list[tuple[Any, ...]]:
    found = reports.get(key)
    ask = asking.read(key, QueryDict(query), by=by, now=now, without=found.without)
    with asof.known(ask.as_of):
        content = found.content(ask)
    return [
        (section.key, line.key, column.key, figure.value)
        for section in content.sections
        for line in section.lines
        for column, figure in zip(section.columns, line.figures, strict=True)
    ] + [(str(one.title), one.figure.value, one.n, one.change) for one in content.headlines]


def test_every_figure_of_every_report_is_what_it_was_then(sam: User, mary: User, then: datetime) -> None:
    square = make_source("square")
    told = _before(square, sam, then)
    settle(now=then)
    day = periods.bank_day(then)
    query = f"from={day - timedelta(days=6)}&to={day}"
    known = {key: _figures(mary, key, query, then) for key in reports.every()}
    _after(square, sam, then, told)
    settle()
    now = timezone.now()
    asked = f"{query}&as_of={asking.spelled(then)}"
    changed = 0
    for key, figures in known.items():
        assert _figures(mary, key, asked, now) == figures, key
        changed += _figures(mary, key, f"{query}", now) != figures
    assert changed > 5, "and what happened later is told today"
    assert asof.at() is None
    assert rollups.stored_until() is not None
    assert asof.untold(then) == (0, 0)


def test_the_page_says_as_of_when_and_its_rows_are_as_many(sam: User, mary: User, then: datetime) -> None:
    square = make_source("square")
    told = _before(square, sam, then)
    _after(square, sam, then, told)
    settle()
    client, day = Client(), periods.bank_day(then)
    client.force_login(mary)
    query = f"from={day - timedelta(days=6)}&to={day}&as_of={asking.spelled(then)}"
    page = client.get(f"/reports/volume/?{query}").content.decode()
    assert "As it was known on" in page
    assert "version 1 of the definitions" in page
    rows = client.get(f"/reports/volume/rows/?{query}&list=mentions").content.decode()
    assert ">6<" in rows
    lines = client.get(f"/reports/volume/rows.csv?{query}&list=mentions").getvalue().decode().strip().splitlines()
    assert len(lines) == 2 + 6, "what the file says of itself, the names of the columns, and the rows"
    assert "As it was known" not in client.get(f"/reports/volume/?from={day}&to={day}").content.decode()


def test_a_stock_is_what_was_open_at_midnight_and_opens_its_rows(
    sam: User, mary: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    square, now = make_source("square"), timezone.now()
    day = periods.bank_day(now) - timedelta(days=2)
    then = periods.midnight(day)
    told = _before(square, sam, then)
    stood, of_fraud = metrics.backlog(then), Filters(queues=(make_queue("fraud").pk,))
    _after(square, sam, then, told)
    settle()
    assert stocks.backlog_at(then) is None
    while stocks.take():
        pass
    assert stocks.backlog_at(then) == stood
    assert stocks.backlog_at(then, of_fraud) == {None: replace(stood[None], **NOTHING)}
    client = Client()
    client.force_login(mary)
    query = f"from={day}&to={periods.bank_day(now)}"
    ages, queues, _flow = client.get(f"/reports/backlog.json?{query}").json()["sections"]
    assert ages["rows"][-1]["then"] == queues["rows"][0]["then"] == stood[None].n == 5
    page = client.get(f"/reports/backlog/?{query}").content.decode()
    opens = [html.unescape(url) for url in re.findall(r'href="([^"]+/rows/[^"]+as_of=[^"]+)"', page)]
    assert len(opens) == len(ages["rows"]) + len(queues["rows"])
    opened = [len(json.loads(client.get(url.replace("/?", ".json?")).getvalue())["rows"]) for url in opens]
    assert opened == [row["then"] for row in (*ages["rows"], *queues["rows"])]
    assert "another definition" not in page
    words = glossary.define("backlog")
    monkeypatch.setattr(earlier, "EARLIER", (Earlier(now - HOUR, words, {"response_rate": metrics.response_rate}),))
    assert stocks.alike(then, now=True), "the rate alone was defined anew"
    monkeypatch.setattr(earlier, "EARLIER", (Earlier(now - HOUR, words, {"backlog": metrics.backlog}),))
    assert (stocks.alike(then, now=True), stocks.alike(then)) == (False, True)
    page = client.get(f"/reports/backlog/?{query}").content.decode()
    assert "was counted by another definition: not compared" in page


@pytest.mark.usefixtures("sam")
def test_exactly_these_figures_hold_what_came_between_the_asking_and_the_counting(
    mary: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    square, read = make_source("square"), asking.read

    def busy(*asked: Any, **more: Any) -> asking.Ask:
        ask = read(*asked, **more)
        hear(square, COMPLAINT, at=timezone.now(), author="between")
        settle()
        return ask

    client = Client()
    client.force_login(mary)
    with monkeypatch.context() as slow:
        slow.setattr(asking, "read", busy)
        told = client.get("/reports/volume.json").json()
    address = told["same_again"].replace("/?", ".json?")
    again = client.get(address[address.index("/reports") :]).json()
    figures = [[one["value"] for one in document["headlines"]] for document in (told, again)]
    assert figures[0] == figures[1]
    assert figures[0][0] == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_stored_while_a_past_moment_is_read_is_in_none_of_its_figures() -> None:
    make_queue()
    square, then = make_source("square"), timezone.now()

    def store() -> None:
        intake.receive(square, [post()], now=then)  # stamped before the moment that is read
        connections.close_all()

    with asof.known(timezone.now()):
        before = Mention.objects.count()
        other = threading.Thread(target=store)
        other.start()
        other.join()
        assert Mention.objects.count() == before
    assert Mention.objects.count() == before + 1


NOTHING: dict[str, Any] = {
    **dict.fromkeys(("n", "waiting", "claimed", "pending", "overdue"), 0),
    **dict.fromkeys(("oldest", "median", "p90")),
    "bands": (0, 0, 0, 0, 0),
}


def test_what_a_conversation_was_about_is_what_its_posts_were_about_then(sam: User, mary: User) -> None:
    """A card on Monday, corrected to fees and joined by a mortgage on Tuesday: on Monday it was about the card."""
    square, now = make_source("square"), timezone.now()
    then = periods.midnight(periods.bank_day(now) - timedelta(days=1))
    card = hear(square, COMPLAINT, at=then - 10 * HOUR, author="ana")
    settle(now=then)
    assert stocks.take(now=then + HOUR)
    judgement.correct(card, field="topics", value=["fees"], by=sam, now=then + HOUR)
    judgement.correct(card, field="language", value="pt", by=sam, now=then + HOUR)
    hear(square, "@bank and what about my mortgage, please help", at=then + 2 * HOUR, author="ana")
    assert talk(card).topics == ["fees", "lending"]
    settle()
    day = periods.bank_day(then) - timedelta(days=1)
    period = periods.Period.of(day, day, now=now)
    assert metrics.response_rate_by("topic", period).keys() == {"fees", "lending"}
    assert metrics.response_rate_by("language", period).keys() == {"pt"}
    (topic,) = Mention.objects.values_list("labels__topics", flat=True).get(pk=card.pk)
    with asof.known(then):
        assert metrics.response_rate_by("topic", period).keys() == {topic["value"]} == {"card-declined"}
        assert metrics.response_rate_by("language", period).keys() == {"en"}
        assert metrics.waits("first_response", period, by="language").keys() == {None, "en"}
        for topic, n in (("card-declined", 1), ("fees", 0), ("lending", 0)):
            filters = Filters(topic=topic)
            assert metrics.waits("first_response", period, filters)[None].running == n
            stood = stocks.backlog_at(then, filters)
            assert stood, topic
            assert stood[None].n == metrics.backlog(then, filters).get(None, stood[None]).n == n, topic


def test_a_day_means_its_end_and_what_is_not_over_means_now(mary: User, then: datetime) -> None:
    day, now = periods.bank_day(then), timezone.now()
    read = asking.read("volume", QueryDict(f"as_of={day}"), by=mary, now=now)
    assert read.as_of == periods.midnight(day + timedelta(days=1))
    assert asking.read("volume", QueryDict(f"as_of={periods.bank_day(now)}"), by=mary, now=now).as_of is None
    with pytest.raises(asking.Unclear):
        asking.read("volume", QueryDict("as_of=yesterday"), by=mary, now=now)


def test_what_was_heard_late_was_not_known_before(sam: User, mary: User, then: datetime) -> None:
    """Sent at ten, the network's answer lost, a person saw at noon that it went out: at eleven nobody knew."""
    asked = hear(make_source("square"), COMPLAINT, at=then - 3 * HOUR, author="ana")
    case = cases.claim(asked.conversation_id or 0, by=sam, now=then - 2.5 * HOUR)
    reply = Reply.objects.create(
        conversation=talk(asked),
        target=asked,
        case=case,
        source_id=asked.source_id,
        author=sam,
        visibility="public",
        text="Sorry about that.",
        state=ReplyState.UNKNOWN,
        client_key=uuid.uuid4(),
        seen_version=talk(asked).version,
        created_at=then - 2 * HOUR,
        sending_at=then - 2 * HOUR,
    )
    settle(now=then)
    day = periods.bank_day(then)
    query = f"from={day}&to={day}"
    known = {key: _figures(mary, key, query, then - HOUR) for key in reports.every()}
    assert ("rate", "all", "answered", 0) in known["response"]
    outcomes.resolve(reply, went_out=True, by=sam, now=then)
    assert Reply.objects.get().sent_at == then - 2 * HOUR
    settle()
    for key, figures in known.items():
        told = _figures(mary, key, f"{query}&as_of={asking.spelled(then - HOUR)}", timezone.now())
        assert told == figures, key
    later = _figures(mary, "response", f"{query}&as_of={asking.spelled(then + HOUR)}", timezone.now())
    assert ("rate", "all", "answered", 1) in later


class Later(Working):
    """What people do from now on: their deeds are of now, whatever they speak of."""

    def claim(self, index: int, minutes: int) -> None:
        self._with(index, lambda c: cases.claim(c.pk, by=self.by))

    def answer(self, index: int, minutes: int) -> None:
        self._with(index, lambda c: answer(c, by=self.by, at=timezone.now()))


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(histories, histories, st.sampled_from(sorted(reports.every())), st.sampled_from([0, 6, 39]))
def test_whatever_happens_later_a_day_is_told_as_it_was(
    bank: tuple[User, User, User], before: list[Any], later: list[Any], key: str, days: int
) -> None:
    sam, priya, mary = bank
    with transaction.atomic():
        world = Working(sam, priya)
        for (name, *arguments), _until in before:
            world.do(name, *arguments)
        then = timezone.now()
        settle(now=then)
        today = periods.bank_day(then)
        query = f"from={today - timedelta(days=days)}&to={today}"
        known = _figures(mary, key, query, then)
        world = Later(sam, priya)
        for (name, *arguments), until in later:
            world.do(name, *arguments)
            world.go_on(until)
        settle()
        asked = f"{query}&as_of={then.isoformat().replace('+00:00', 'Z')}"
        if asof.untold(then) == (0, 0):
            assert _figures(mary, key, asked, timezone.now()) == known
        transaction.set_rollback(True)


def test_a_clock_that_stood_still_then_stands_still_and_one_that_stopped_later_runs(
    sam: User, mary: User, then: datetime
) -> None:
    """Three wait: one paused before and woken later, one paused later, one paused before and answered later."""
    SlaPolicy.objects.update(first_response_s=3 * 3600)
    rulebook.forget()
    square = make_source("square")
    names = ("woken", "paused", "answered", "moved")
    told = {name: hear(square, COMPLAINT, at=then - 4 * HOUR, author=name).conversation_id for name in names}
    for name, conversation in told.items():
        cases.claim(conversation, by=sam, now=then - 4 * HOUR)
        if name != "paused":
            cases.pend(conversation, on="pending_customer", until=then + HOUR, by=sam, now=then - 2 * HOUR)
    settle(now=then)
    day = periods.bank_day(then)
    query = f"from={day}&to={day}"
    known = {key: _figures(mary, key, query, then) for key in ("sla", "backlog", "hours", "teams")}
    assert {("days", day.isoformat(), "missed", 1), ("days", day.isoformat(), "not_due", 3)} <= set(known["sla"])
    assert returns.wake(told["woken"], now=then + HOUR)
    cases.pend(told["woken"], on="pending_bank", until=then + 30 * HOUR, by=sam, now=then + 2 * HOUR)
    cases.pend(told["paused"], on="pending_customer", until=then + 30 * HOUR, by=sam, now=then + HOUR)
    answer(Conversation.objects.get(pk=told["answered"]), by=sam, at=then + HOUR)
    cases.transfer(told["moved"], to=make_queue("fraud"), by=sam, now=then + HOUR)
    settle()
    for key, figures in known.items():
        assert _figures(mary, key, f"{query}&as_of={asking.spelled(then)}", timezone.now()) == figures, key
    assert asof.untold(then) == (0, 0)


def test_what_was_asked_so_often_that_it_is_planned_once_is_of_its_moment_too(sam: User, then: datetime) -> None:
    hear(make_source("square"), COMPLAINT, at=then + HOUR)
    often = range(PLANNED_ANEW + 2)
    with connections["default"].cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE anything ()")  # from then on new ones no longer make it plan anew by itself
    for _ in range(3):
        assert {Mention.objects.count() for _ in often} == {1}
        with asof.known(then):
            assert {Mention.objects.count() for _ in often} == {0}


def test_promises_and_teams_are_those_of_the_day(sam: User, mary: User, then: datetime) -> None:
    """A promise that was changed later and holds for what waits, and a queue that went to another team."""
    square = make_source("square")
    waits = hear(square, COMPLAINT, at=then - HOUR, author="waits")
    settle(now=then)
    care, fraud = make_queue("care"), make_queue("fraud")
    day = periods.bank_day(then)
    query = f"from={day}&to={day}"
    known = {key: _figures(mary, key, query, then) for key in ("sla", "backlog", "teams", "response")}
    team = _figures(mary, "sla", f"{query}&team=care", then)
    stretch = Stretch.objects.get(mention_id=waits.pk)
    conversation = talk(waits)
    late = then + HOUR
    due, solved = stretch.due_at, conversation.resolution_due_at
    assert due is not None
    assert due < then
    with transaction.atomic():
        events.record(
            "conversation.promised_anew",
            at=late,
            by=events.SYSTEM,
            conversation_id=conversation.pk,
            queue_id=conversation.queue_id,
            data={
                "due_before": due.isoformat(),
                "resolution_before": solved.isoformat() if solved else None,
            },
        )
    Stretch.objects.filter(pk=stretch.pk).update(due_at=late + 9 * HOUR, terms_at=late)
    Conversation.objects.filter(pk=conversation.pk).update(due_at=late + 9 * HOUR, resolution_due_at=late + 30 * HOUR)
    homes = dict(TeamQueue.objects.filter(home=True).values_list("queue_id", "team_id"))
    for number, (moment, home) in enumerate(((then - HOUR, homes[care.pk]), (late, homes[fraud.pk])), 1):
        Edition.objects.create(
            subject="queue",
            key=care.pk,
            number=number,
            at=moment,
            what="changed",
            state={"home": home},
            digest=str(number),
        )
    TeamQueue.objects.filter(queue=care, home=True).update(home=False)
    TeamQueue.objects.create(queue=care, team_id=homes[fraud.pk], home=True)
    settle()
    asked, now = f"{query}&as_of={asking.spelled(then)}", timezone.now()
    for key, figures in known.items():
        assert _figures(mary, key, asked, now) == figures, key
    assert _figures(mary, "sla", f"{asked}&team=care", now) == team
    assert _figures(mary, "sla", f"{query}&team=care", now) != team
    assert asof.set_up_since(then) == 1


def test_a_file_says_where_exactly_its_figures_can_be_read_again(sam: User, mary: User) -> None:
    square = make_source("square")
    hear(square, COMPLAINT, at=timezone.now() - HOUR, author="one")
    settle()
    client = Client()
    client.force_login(mary)

    def read(address: str = "") -> dict[str, Any]:
        """The document without its links, which are of now or of then."""
        found: dict[str, Any] = client.get(f"/reports/volume.json{address}").json()
        for section in found["sections"]:
            for row in section["rows"]:
                assert row.pop("links")
        return found

    document = read()
    hear(square, COMPLAINT, at=timezone.now() - 2 * HOUR, received=timezone.now(), author="two")
    settle()
    _site, _slashes, again = document["same_again"].partition("/reports/volume/")
    told = read(again)
    assert told["sections"] == document["sections"]
    assert told["sections"] != read()["sections"]
    assert told["same_again"] == document["same_again"]

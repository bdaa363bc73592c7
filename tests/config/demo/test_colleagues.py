"""Colleagues work by the real verbs, and leave real people and their conversations alone."""

import json
import random
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from agents import cases, outbox, returns
from agents.models import Case, Reply, ReplyState, User
from commandcenter import presence
from config.demo import colleagues, history, walls
from config.demo.colleagues import Colleagues
from config.demo.customers import everybody
from config.demo.load import load
from mentions import intake, networks
from mentions.models import Conversation, Source, State, Stretch
from mentions.sandbox import square
from mentions.sandbox.models import Post
from mentions.sandbox.shapes import describe

pytestmark = pytest.mark.django_db(transaction=True)
LATER = timedelta(days=3)


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live_server) -> Colleagues:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(settings, "ANCHOR_FILE", tmp_path / "anchor.json")
    monkeypatch.setattr(settings, "LOCAL_URL", live_server.url)
    monkeypatch.setattr(history, "write", lambda now, days: None)
    monkeypatch.setattr(walls, "write", lambda now: None)
    monkeypatch.setattr(colleagues, "STAYS_OPEN", 0)
    load()
    return Colleagues(random.Random(11))


def hear(handle: str, text: str, *, answering: str | None = None) -> Conversation:
    """Somebody writes on Town Square, perhaps in answer to a post there, and the webhook brings it."""
    written = square.write(handle, text, in_reply_to=answering)
    source = Source.objects.get(slug="town-square")
    event = {"id": f"e{written.pk}", "type": "post.created", "post": describe(written, "")}
    intake.receive(source, networks.get("townsquare").parse(json.dumps({"events": [event]}).encode()))
    return Conversation.objects.order_by("-id")[0]


def work(house: Colleagues, passes: int = 6) -> None:
    """Let days pass in which replies leave as soon as they may."""
    house.tick()
    for _ in range(passes):
        house.tick(timezone.now() + LATER)
        Reply.objects.filter(state=ReplyState.HELD, conversation__isnull=False).update(held_until=timezone.now())
        outbox.send_due()


def test_a_customer_is_answered_on_town_square_and_the_case_closed(house: Colleagues) -> None:
    customers = [who.handle for who in everybody() if who.language == "en"][:8]
    found = [hear(handle, "@larkmere my card was declined at the grocery, please help") for handle in customers]
    work(house)
    states = set(Conversation.objects.filter(pk__in=[one.pk for one in found]).values_list("state", flat=True))
    assert states == {State.CLOSED}
    assert Reply.objects.filter(state=ReplyState.SENT).count() >= 5
    assert Post.objects.filter(author__handle="larkmere").count() == Reply.objects.filter(state="sent").count()
    assert not Case.objects.filter(ended_at=None).exists()
    assert house.plans == {}


def test_a_customer_who_comes_back_is_answered_again_and_one_who_does_not_is_closed(
    house: Colleagues, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(colleagues, "STAYS_OPEN", 1)
    handles = [who.handle for who in everybody() if who.language == "en"][:4]
    found = [hear(handle, "@larkmere my card was declined at the grocery, please help") for handle in handles]
    work(house, 4)
    left = Conversation.objects.filter(state=State.PENDING_CUSTOMER)
    back, *gone = left
    assert gone
    ours = Reply.objects.get(conversation=back).external_id.removeprefix("ts:")
    hear(back.author.handle, "@larkmere it was declined again just now, what is wrong?", answering=ours)
    for one in (back, *gone):
        returns.wake(one.pk, now=timezone.now() + LATER)
    work(house, 4)
    assert not Conversation.objects.filter(pk__in=[one.pk for one in found]).exclude(state=State.CLOSED).exists()
    back.refresh_from_db()
    assert (back.reply_count, back.disposition, back.cases.count()) == (2, "solved", 1)
    assert {(one.reply_count, one.disposition) for one in Conversation.objects.filter(pk__in=[g.pk for g in gone])} == {
        (1, "no_response")
    }
    assert Stretch.objects.get(target="next_response").reply_id == Reply.objects.latest("pk").pk


def test_who_works_sits_at_a_desk(house: Colleagues) -> None:
    hear(everybody()[0].handle, "@larkmere my card was declined at the grocery, please help")
    house.tick()
    house.tick(timezone.now() + LATER)
    (owner,) = Case.objects.filter(ended_at=None).values_list("owner", flat=True)
    assert presence.is_here(presence.last_seen([owner])[owner], timezone.now() + LATER)


def test_a_visitors_post_is_left_to_the_visitor(house: Colleagues) -> None:
    found = hear("just_visiting", "@larkmere my card was declined, please help")
    work(house)
    found.refresh_from_db()
    assert found.state == State.WAITING


def test_nothing_is_done_in_the_name_of_somebody_who_signed_in(house: Colleagues) -> None:
    User.objects.update(last_login=timezone.now())
    found = hear(everybody()[0].handle, "@larkmere my card was declined, please help")
    work(house)
    found.refresh_from_db()
    assert found.state == State.WAITING
    amara = User.objects.get(username="amara")
    cases.claim(found.pk, by=amara)
    Colleagues(random.Random(1)).tick()
    assert Case.objects.get(ended_at=None).owner == amara


def test_after_a_restart_they_go_on_with_what_they_held(house: Colleagues) -> None:
    found = hear(everybody()[0].handle, "@larkmere my card was declined, please help")
    visitors = hear("just_visiting", "@larkmere my card was declined, please help")
    for one in (found, visitors):
        cases.claim(one.pk, by=User.objects.get(username="amara"))
    house = Colleagues(random.Random(1))
    house.tick()
    found.refresh_from_db()
    visitors.refresh_from_db()
    assert (found.state, visitors.state) == (State.CLAIMED, State.WAITING)
    work(house)
    found.refresh_from_db()
    assert found.state == State.CLOSED
    assert Reply.objects.get(conversation=found).author.username == "amara"


def test_a_loan_answer_is_read_by_a_second_person(house: Colleagues) -> None:
    customers = [who.handle for who in everybody() if who.language == "en"][:6]
    for handle in customers:
        hear(handle, "@larkmere can I pay extra on my mortgage principal in the app? Please tell me")
    work(house, 3)
    waiting = Reply.objects.filter(state=ReplyState.AWAITING_APPROVAL)
    assert waiting.exists()
    work(house)
    sent = Reply.objects.filter(state=ReplyState.SENT)
    assert sent.exists()
    for reply in sent:
        approval = reply.approvals.get(approved=True)
        assert approval.person != reply.author

"""What the ledger writes in bulk is what the verbs leave behind one by one."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from agents import approving, cases, outbox, replies, returns, scrutiny
from agents.models import Case, Reply, Role, User
from config.demo import ledger
from config.demo.ledger import Answer, Ledger
from mentions import events, intake, rulebook, sandbox
from mentions.models import Conversation, Stretch
from mentions.sandbox import square
from tests.factories import make_person, make_profile, make_queue, make_source, post

pytestmark = pytest.mark.django_db(transaction=True)
MINUTE = timedelta(minutes=1)
TEXT = "Sorry about the trouble. Please send us a private message so that we can look into it."
IDS = ("conversation_id", "mention_id", "queue_id", "case_id", "reply_id", "source_id", "actor_id")


@pytest.fixture
def source(live_server):
    sandbox.configure(f"{live_server.url}/hooks/square/", "webhook-secret", "larkmere", "bank-token")
    make_queue()
    make_profile()
    type(make_profile()).objects.update(undo_s=0)
    return make_source(base_url=f"{live_server.url}/sandbox", handle="larkmere")


def conversation(source, handle: str) -> Conversation:
    written = square.write(handle, "@larkmere my card was declined")
    author = {"id": f"ts:{written.author.key}", "handle": handle}
    intake.receive(source, [post(written.text, external_id=f"ts:{written.key}", author=author)])
    return Conversation.objects.get(author__handle=handle)


TIMES_AND_KEYS = ("seconds", "heard_at", "rule", "rule_version", "did")


def shape(about: Conversation) -> dict[str, object]:
    """Everything that was left behind, without identifiers and times; what a pause adds, in minutes.

    One of the two is paused for as long as the machine takes.
    """
    about.refresh_from_db()
    found: list[object] = []
    for event in reversed(events.of_conversation(about.pk)):
        data = {name: value for name, value in event.data.items() if name not in TIMES_AND_KEYS}
        data |= {"heard": "heard_at" in event.data}
        found.append((event.kind, event.actor, [name for name in IDS if getattr(event, name) is not None], data))
    case = Case.objects.get(conversation=about)
    stretches = Stretch.objects.filter(conversation=about).order_by("id")
    sent = Reply.objects.filter(conversation=about).order_by("id")
    return {
        "events": found,
        "conversation": {
            name: getattr(about, name)
            for name in (
                "state", "version", "reply_count", "actionable", "actionable_reason", "actionable_by", "due_at",
                "due_target", "due_why", "waiting_since", "disposition", "returned", "inbound_count",
            )
        },
        "moments": [getattr(about, name) is not None for name in ("closed_at", "wake_at", "paused_at")],
        "solved": about.resolution_due_at and round((about.resolution_due_at - about.opened_at) / MINUTE),
        "case": (case.outcome, case.team, case.owner, case.queue, case.ended_at is not None),
        "stretches": [
            (one.met, one.team_id, one.reply_id in [reply.pk for reply in sent], one.target, round(one.paused_s / 60))
            for one in stretches
        ],
        "replies": [
            (
                *(reply.state, reply.revision, reply.tries, reply.seen_version, reply.findings, reply.guard_version),
                *(reply.text, reply.digest == scrutiny.digest_of(reply), reply.error, reply.returned_reason),
            )
            for reply in sent
        ],
    }  # fmt: skip


def answered(like: Conversation, sent: Reply, *, second: int | None = None, until: datetime | None = None) -> None:
    """The ledger's own answer to a conversation that waits: by the same person and with the same words as one sent."""
    now = timezone.now()
    about = next(found for found in ledger.waiting() if found.id == like.pk)
    book = Ledger(timedelta(seconds=1))
    book.reserve(1)
    book.answer(
        about,
        Answer(
            person=sent.author_id,
            team=Case.objects.get(conversation=sent.conversation).team_id,
            claimed_at=now,
            written_at=now,
            left_after=timedelta(0),
            disposition="answered",
            text=TEXT,
            key=uuid.uuid4(),
            external_id="ts:somewhere",
            url="",
            guard_version=sent.guard_version,
            handle=like.source.handle,
            second=second,
            approved_at=now + timedelta(seconds=5) if second else None,
            until=until,
        ),
        rulebook.current().policies[like.queue_id],
    )
    with transaction.atomic():
        book.write()


def answer_by_hand(about: Conversation, agent: User) -> Reply:
    about.refresh_from_db()
    sent = replies.submit(
        about.pk, text=TEXT, visibility="public", seen_version=about.version, client_key=uuid.uuid4(), by=agent
    )
    assert outbox.send_due() == 1
    return sent


def test_an_answer(source) -> None:
    agent = make_person("priya")
    one, two = conversation(source, "dana"), conversation(source, "lee")
    cases.claim(one.pk, by=agent)
    sent = answer_by_hand(one, agent)
    cases.close(one.pk, disposition="answered", by=agent)

    answered(two, sent)
    assert shape(two) == shape(one)


def test_an_answer_that_a_second_person_approved(source) -> None:
    agent, second = make_person("priya"), make_person("sefa", role=Role.SUPERVISOR)
    type(make_profile()).objects.update(four_eyes=True)
    one, two = conversation(source, "dana"), conversation(source, "lee")
    cases.claim(one.pk, by=agent)
    one.refresh_from_db()
    sent = replies.submit(
        one.pk, text=TEXT, visibility="public", seen_version=one.version, client_key=uuid.uuid4(), by=agent
    )
    approving.approve(sent, digest=sent.digest, by=second)
    assert outbox.send_due() == 1
    cases.close(one.pk, disposition="answered", by=agent)

    answered(two, sent, second=second.pk)
    assert shape(two) == shape(one)
    assert Reply.objects.get(conversation=two).approvals.get().person == second


def test_an_answer_after_which_its_customer_came_back(source) -> None:
    agent, later = make_person("priya"), timezone.now() + timedelta(hours=20)
    one, two = conversation(source, "dana"), conversation(source, "lee")
    cases.claim(one.pk, by=agent)
    sent = answer_by_hand(one, agent)
    cases.pend(one.pk, on="pending_customer", until=later, by=agent)
    answered(two, sent, until=later)
    assert shape(two) == shape(one)

    for handle in ("dana", "lee"):
        conversation(source, handle)
    assert returns.wake(one.pk, now=timezone.now())
    sent = answer_by_hand(one, agent)
    cases.close(one.pk, disposition="answered", by=agent)
    answered(two, sent)
    assert shape(two) == shape(one)


def test_a_dismissal(source) -> None:
    agent = make_person("priya")
    one, two = conversation(source, "dana"), conversation(source, "lee")
    cases.dismiss(one.pk, why="not_us", by=agent)

    about = next(found for found in ledger.waiting() if found.id == two.pk)
    book = Ledger(timedelta(seconds=1))
    book.reserve(1)
    book.dismiss(
        about,
        person=agent.pk,
        team=Case.objects.get(conversation=one).team_id,
        at=timezone.now(),
        why="not_us",
        hours=rulebook.current().policies[two.queue_id].calendar,
    )
    with transaction.atomic():
        book.write()
    assert shape(two) == shape(one)

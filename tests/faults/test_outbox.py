"""The sender killed at every step, against the real Town Square: never twice, and never forgotten."""

import json
import signal
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from agents import amendments, cases, replies
from agents.models import Amendment, Reply, ReplyState, User
from mentions import intake, rulebook, sandbox, sources
from mentions.models import Conversation, Source, Stretch
from mentions.sandbox import faults, square
from mentions.sandbox.models import Post
from tests.factories import make_person, make_queue, make_source, post
from tests.faults.bank import HANDLE, SECRET, TOKEN
from tests.faults.sender import CALL_S, STEPS, TAKING_BACK, Senders
from tests.faults.stream import letters
from tests.faults.wiretap import Wiretap, wiretap
from tests.web import Web

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]

TEXT = "Sorry about the trouble. Please send us a private message so that we can look into it together."
IN_A_PERSONS_HANDS = (ReplyState.FAILED, ReplyState.DRAFT, ReplyState.AWAITING_APPROVAL)


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[Web]:
    running = Web().start()
    yield running
    running.stop()


@pytest.fixture(scope="module")
def senders(web: Web) -> Iterator[Senders]:
    running = Senders(web.environ)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def line(web: Web) -> Iterator[Wiretap]:
    """The line between the bank and Town Square."""
    with wiretap(web.url) as tap:
        yield tap


@pytest.fixture
def priya(line: Wiretap) -> User:
    rulebook.forget()
    make_queue()
    keys = sources.seal({"webhook": SECRET, "token": TOKEN})
    make_source(base_url=f"{line.url}/sandbox", handle=HANDLE, secrets=keys)
    sandbox.configure("http://127.0.0.1:9/hooks/townsquare/square", SECRET, HANDLE, TOKEN)
    return make_person("priya")


def held_reply(priya: User, number: int) -> Reply:
    """A reply on its way to a customer who wrote on Town Square."""
    written = square.write(f"dana_{letters(number)}", f"@{HANDLE} my card was declined")
    author = {"id": f"ts:{written.author.key}", "handle": written.author.handle}
    intake.receive(Source.objects.get(), [post(written.text, external_id=f"ts:{written.key}", author=author)])
    conversation = Conversation.objects.latest("pk")
    cases.claim(conversation.pk, by=priya)
    conversation.refresh_from_db()
    return replies.submit(
        conversation.pk,
        text=TEXT,
        visibility="public",
        seen_version=conversation.version,
        client_key=uuid.uuid4(),
        by=priya,
    )


def published(reply: Reply) -> int:
    """How often the customer sees it."""
    return Post.objects.filter(client_key=str(reply.client_key), deleted_at=None).count()


def answers(reply: Reply) -> int:
    """How many answers stand below the customer's post, whatever key they came with."""
    return Post.objects.filter(in_reply_to__key=reply.target.external_id.removeprefix("ts:")).count()


def time_goes_by() -> None:
    """More than a minute: whoever died is known to be dead, and whatever waits is due."""
    Reply.objects.filter(state=ReplyState.SENDING).update(sending_at=F("sending_at") - timedelta(seconds=61))
    Reply.objects.filter(next_try_at__isnull=False).update(next_try_at=timezone.now())
    Reply.objects.filter(state=ReplyState.HELD).update(held_until=timezone.now())


def kill_at(step: str, senders: Senders, line: Wiretap, priya: User, number: int) -> str:
    """One reply whose sender dies at the step, and what became of it in other senders' hands."""
    reply = held_reply(priya, number)
    if step == STEPS[2]:
        faults.set_faults(delay_ms=int(CALL_S * 1000))
    if step == STEPS[6]:  # somebody must first have died without an answer
        assert senders.send(STEPS[3]) == -signal.SIGKILL
        time_goes_by()
    if step == STEPS[7]:
        faults.set_faults(failing=1)
    status = senders.send(step)
    faults.set_faults()
    assert status == -signal.SIGKILL or step == STEPS[2], f"the sender survived {step}"
    for _ in range(6):
        line.settle()
        time_goes_by()
        assert senders.send() == 0
        reply.refresh_from_db()
        assert published(reply) <= 1
        assert answers(reply) <= 1
        if reply.state == ReplyState.SENT or reply.state in IN_A_PERSONS_HANDS:
            break
    assert reply.state == ReplyState.SENT or reply.state in IN_A_PERSONS_HANDS, f"{step}: it is {reply.state}"
    # Town Square would have known the second by its key; most networks would not.
    assert 200 not in line.brought(reply.client_key), f"{step}: it was brought again to where it stood"
    if reply.state == ReplyState.SENT:
        assert published(reply) == 1
        assert Stretch.objects.filter(reply_id=reply.pk, stopped_at__isnull=False).count() == 1
        conversation = Conversation.objects.get(pk=reply.conversation_id)
        assert conversation.reply_count == 1
    return str(reply.state)


@pytest.mark.parametrize("step", STEPS)
def test_a_sender_that_dies_sends_nothing_twice_and_forgets_nothing(step, senders, line, priya):
    ended = [kill_at(step, senders, line, priya, number) for number in range(2)]
    assert set(ended) == {"sent"}


@pytest.mark.parametrize("step", TAKING_BACK)
def test_a_sender_that_dies_taking_a_reply_back_leaves_it_to_the_next(step, senders, priya):
    reply = held_reply(priya, 0)
    assert senders.send() == 0
    amendments.retract(reply, by=priya)
    if step == TAKING_BACK[1]:
        faults.set_faults(delay_ms=int(CALL_S * 1000))
    status = senders.send(step)
    faults.set_faults()
    assert status == -signal.SIGKILL or step == TAKING_BACK[1], f"the sender survived {step}"
    if status:
        assert Amendment.objects.get().state == "sending"
        Amendment.objects.update(next_try_at=timezone.now())
        assert senders.send() == 0
    reply.refresh_from_db()
    assert (reply.state, published(reply), Amendment.objects.get().state) == (ReplyState.RETRACTED, 0, "done")


@pytest.mark.parametrize("attempt", ["first", "second"])
def test_two_senders_at_once_call_the_network_once(attempt, senders, web, line, priya):
    """The listener that lost its lead in the middle of a call, and the one that took over."""
    faults.set_faults(delay_ms=150)
    reply = held_reply(priya, 0)
    if attempt == "second":
        now = timezone.now()
        Reply.objects.filter(pk=reply.pk).update(sending_at=now - timedelta(minutes=2), held_until=now, tries=1)
    other = Senders(web.environ)
    try:
        with ThreadPoolExecutor(2) as both:
            assert list(both.map(Senders.send, (senders, other))) == [0, 0]
    finally:
        other.stop()
    reply.refresh_from_db()
    assert (reply.state, published(reply), answers(reply)) == (ReplyState.SENT, 1, 1)
    assert line.brought(reply.client_key) == [201]


@pytest.mark.full
@pytest.mark.parametrize("step", STEPS)
def test_fifty_senders_die_at_each_step(step, senders, line, priya):
    ended = Counter(kill_at(step, senders, line, priya, number) for number in range(50))
    print(json.dumps({"bench": "outbox", "step": step, "kills": 50, "ended": ended, "twice": 0}), file=sys.stderr)
    assert set(ended) <= {"sent", *map(str, IN_A_PERSONS_HANDS)}

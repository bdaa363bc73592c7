"""A program of the bank's own, from the set-up page to a reply that it takes: signed, retried, kept, sent once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from agents import cases, outbox, replies
from agents.models import Reply, ReplyState, Role
from mentions import hooks, rulebook
from mentions.models import Conversation, Mention, Source
from tests.factories import make_person, make_queue
from tests.mentions.networks.peer_generic import Kiosk, serve
from tests.mentions.networks.peers import SECRET

pytestmark = [pytest.mark.django_db(transaction=True)]

GOOD = "Sorry about the trouble. Please send us a private message so that we can look into it together."


@pytest.fixture
def kiosk() -> Iterator[Kiosk]:
    for module in (hooks, rulebook):
        module.forget()
    make_queue()
    with serve() as peer:
        yield peer


@pytest.fixture
def source(kiosk: Kiosk) -> Source:
    """The program, connected and let send by an administrator in the set-up pages."""
    admin = Client()
    admin.force_login(
        make_person("anneke", role=Role.ADMINISTRATOR), backend="django.contrib.auth.backends.ModelBackend"
    )
    given = {
        "name": "Kiosk",
        "account_id": "kiosk",
        "base_url": kiosk.account.base_url,
        "webhook": SECRET,
        "local": "on",
    }
    shown = admin.post(reverse("agents:connect_to", args=["generic"]), given)
    assert SECRET in shown.content.decode(), "it is shown once"
    found = Source.objects.get()
    page = admin.get(reverse("agents:source", args=[found.pk])).content.decode()
    assert f"/hooks/generic/{found.slug}" in page
    assert SECRET not in page
    admin.post(reverse("agents:switch_sending", args=[found.pk]), {"sending": "on"})
    return found


@pytest.fixture
def reply(kiosk: Kiosk, source: Source) -> Reply:
    """A reply to what a visitor wrote there, on its way."""
    kiosk.write("my card was declined")
    headers, body = kiosk.delivery()
    path = f"/hooks/generic/{source.slug}"
    answer = Client().post(path, data=body, content_type="application/json", headers=headers)
    assert answer.json() == {"accepted": 1, "duplicate": 0, "rejected": 0}
    priya, found = make_person("priya"), Conversation.objects.get()
    cases.claim(found.pk, by=priya)
    found.refresh_from_db()
    return replies.submit(
        found.pk, text=GOOD, by=priya, visibility="public", seen_version=found.version, client_key=uuid.uuid4()
    )


def run() -> Reply:
    """What the listener does until nothing is due at once."""
    for _ in range(8):
        Reply.objects.filter(next_try_at__isnull=False).update(next_try_at=timezone.now())
        outbox.settle()
        outbox.send_due()
    return Reply.objects.get()


def test_faults_are_waited_out_and_it_is_taken_once(kiosk: Kiosk, reply: Reply) -> None:
    kiosk.refuses = ["500 Internal Server Error", "503 Service Unavailable"]
    fresh = run()
    assert fresh.state == ReplyState.SENT
    assert [taken["text"] for taken in kiosk.taken.values()] == [GOOD]
    assert list(kiosk.taken) == [str(reply.client_key)]
    assert fresh.external_id.startswith("kiosk:a")
    assert [answer["follow"] for answer in fresh.answers][-1] == "sent"
    assert len(fresh.answers) >= 2, "every answer is kept with the reply"


def test_an_answer_that_was_lost_is_asked_for_under_the_same_key(kiosk: Kiosk, reply: Reply) -> None:
    kiosk.drops = True
    assert run().state == ReplyState.SENT
    assert len(kiosk.taken) == 1


def test_what_it_will_not_take_is_kept_and_can_be_sent_again(kiosk: Kiosk, reply: Reply) -> None:
    kiosk.refuses = ["422 Unprocessable Content"]
    dead = run()
    assert (dead.state, dead.answers[-1]["follow"], kiosk.taken) == (ReplyState.FAILED, "give_up", {})
    assert dead.error
    replies.retry(dead, by=make_person("priya"))
    assert run().state == ReplyState.SENT
    assert list(kiosk.taken) == [str(reply.client_key)]


def test_our_own_words_come_back_and_alarm_nobody(kiosk: Kiosk, source: Source, reply: Reply) -> None:
    run()
    headers, body = kiosk.delivery()
    path = f"/hooks/generic/{source.slug}"
    answer = Client().post(path, data=body, content_type="application/json", headers=headers)
    assert answer.json()["accepted"] == 1
    assert Mention.objects.count() == 1

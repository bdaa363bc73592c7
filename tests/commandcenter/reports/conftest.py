"""Two weeks at a small bank, for reports to tell of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from agents import cases, judgement
from agents.models import Role, User
from commandcenter import periods
from mentions import intake
from mentions.models import Conversation, Mention, Queue
from tests.commandcenter.history import COMPLAINT, answer, hear, settle
from tests.factories import make_person, make_queue, make_rule, make_source

pytest.register_assert_rewrite("tests.commandcenter.reports.checking", "tests.commandcenter.reports.opening")


@dataclass(frozen=True)
class Bank:
    """Who is there. `now` is the moment at which everything below has happened."""

    now: datetime
    manager: User
    supervisor: User
    care: Queue
    fraud: Queue


@pytest.fixture(scope="module")
def bank(django_db_setup: None, django_db_blocker: Any) -> Iterator[Bank]:
    """The bank, made once for a file; each test works in a savepoint within the transaction that holds it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield _two_weeks()
        transaction.set_rollback(True)


@pytest.fixture
def mary(bank: Bank) -> Client:
    """The manager, signed in."""
    signed_in = Client()
    signed_in.force_login(bank.manager)
    return signed_in


def _two_weeks() -> Bank:
    """Complaints on fourteen days with answers of known length, private messages, rivals, a deletion."""
    now = timezone.now()
    today = periods.bank_day(now)
    care, fraud = make_queue("care"), make_queue("fraud")
    make_rule(fraud, conditions={"words_any": ["stolen"]})
    square, ear = make_source("square"), make_source("ear", network="x")
    rival = make_source("rival", network="x", rival="First Rival", sending=False)
    supervisor = make_person("sam", role=Role.SUPERVISOR, teams=("care", "fraud"))
    for back in range(13, 0, -1):
        noon = periods.midnight(today - timedelta(days=back)) + timedelta(hours=12)
        for number in range(back % 4 + 2):
            at = noon + timedelta(minutes=7 * number)
            mention = hear(square, COMPLAINT, at=at, author=f"c{back}-{number}")
            if number != 1:
                conversation = Conversation.objects.get(pk=mention.conversation_id)
                answer(conversation, by=supervisor, at=at + timedelta(minutes=5 + 3 * number))
        hear(ear, "my wallet was stolen, can @bank block my card?", at=noon, author=f"f{back}", network="x")
        hear(rival, "the rival bank is great", at=noon, author=f"r{back}", network="x")
        if back % 3 == 0:
            hear(square, COMPLAINT, at=noon, author=f"p{back}", visibility="private", kind="message")
            hear(square, "mi tarjeta fue rechazada en el cajero, necesito ayuda", at=noon, author=f"e{back}")
    morning = periods.midnight(today) + timedelta(seconds=1)
    first = hear(square, COMPLAINT, at=morning, author="today")
    gone = hear(square, COMPLAINT, at=morning, author="gone")
    intake.receive(square, [{"network": gone.network, "external_id": gone.external_id, "op": "delete"}], now=now)
    judgement.correct(first, field="topics", value=["fees"], by=supervisor, now=now)
    cases.transfer(Mention.objects.get(author__external_id="f2").conversation_id, to=care, by=supervisor, now=now)
    settle(now=now)
    return Bank(now, make_person("mary", role=Role.MANAGER, teams=()), supervisor, care, fraud)

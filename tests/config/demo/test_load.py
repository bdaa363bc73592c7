"""The demonstration loads once, tells a coherent month, and can be signed in to."""

import json
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.utils import timezone

from agents import cases, tokens
from agents.models import ApiToken, Case, Macro, Reply, Team, User
from config.demo import bank, present, shifts, walls
from config.demo.load import load
from mentions import events
from mentions.models import (
    Conversation,
    Mention,
    MentionContent,
    Queue,
    Reject,
    RoutingRule,
    Source,
    State,
    Stretch,
)
from mentions.sandbox.models import Post

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(settings, "ANCHOR_FILE", tmp_path / "anchor.json")
    return tmp_path


@pytest.fixture
def loaded(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bank on its first morning, before anything was written for its calendar."""
    monkeypatch.setattr(walls, "_plan", lambda *about: None)
    load(days=0)
    return data_dir


@pytest.fixture
def two_days(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The bank with two days behind it, on a morning at which everybody is at work: some came back in the night."""
    everybody = vars(shifts) | {"at_work": lambda person, at: True}
    monkeypatch.setattr(present, "shifts", SimpleNamespace(**everybody))
    load(now=_morning(), days=2)
    return data_dir


def _morning() -> datetime:
    """The last ten o'clock."""
    today = timezone.now().replace(hour=10, minute=0, second=0, microsecond=0)
    return today if today <= timezone.now() else today - timedelta(days=1)


def test_the_bank_stands(loaded: Path) -> None:
    assert User.objects.count() == 20
    assert Team.objects.count() == len(bank.TEAMS)
    assert Queue.objects.get(is_default=True).slug == "care"
    assert RoutingRule.objects.count() >= 20
    assert Macro.objects.count() >= 15
    assert all(queue.teams.exists() for queue in Queue.objects.all())
    assert Source.objects.get(slug="town-square").sending
    assert Source.objects.filter(search=None).exclude(rival="").count() == 3


def test_who_can_sign_in_is_told_to_the_owner_alone(loaded: Path) -> None:
    shown = json.loads((loaded / "demo.json").read_text())
    assert (loaded / "demo.json").stat().st_mode & 0o077 == 0
    assert {user["role"] for user in shown["demo_users"]} == {
        "agent", "supervisor", "manager", "compliance", "administrator",
    }  # fmt: skip
    for one in shown["demo_users"]:
        assert User.objects.get(username=one["username"], role=one["role"]).password == User.objects.first().password
    assert check_password(one["password"], User.objects.get(username=one["username"]).password)
    program = tokens.program(shown["api_token"])
    assert program is not None
    assert program.scopes == tokens.SCOPES


def test_the_first_minute_leads_one_who_can_take_every_step_to_their_own_customer(loaded: Path, client: Client) -> None:
    page = client.get("/start/").text
    assert page.count("Come in as Marguerite Thibodaux</button>") == 1
    assert "?handle=newcomer_asks&amp;text=%40larkmere+my+card" in page
    client.force_login(User.objects.get(username="marguerite"))
    assert "/console/search/?q=from%3Amarguerite_asks" in client.get("/start/").text


def test_a_second_start_changes_nothing(loaded: Path) -> None:
    RoutingRule.objects.filter(name="Lending").update(name="Loans and mortgages")
    before = (User.objects.count(), ApiToken.objects.count(), (loaded / "demo.json").read_text())
    load(days=0)
    assert (User.objects.count(), ApiToken.objects.count(), (loaded / "demo.json").read_text()) == before
    assert RoutingRule.objects.filter(name="Loans and mortgages").exists()


def test_two_days_hold_together(two_days: Path) -> None:
    assert Mention.objects.count() > 1000
    assert not Reject.objects.exists()
    _waits_where_a_stretch_runs()
    _some_were_answered_twice()
    _some_have_work_in_hand()
    _causes_come_before_effects(timezone.now())
    _open_posts_stand_on_town_square()
    _card_numbers_are_masked()
    checked, breaks = events.verify()
    assert checked > 5000
    assert breaks == []
    before = Mention.objects.count(), Reply.objects.count()
    load(days=2)
    assert (Mention.objects.count(), Reply.objects.count()) == before


def _waits_where_a_stretch_runs() -> None:
    running = Stretch.objects.filter(stopped_at=None).values("conversation")
    assert not Conversation.objects.filter(state=State.CLOSED, pk__in=running).exists()
    assert not Conversation.objects.filter(state=State.WAITING).exclude(pk__in=running).exists()
    assert Stretch.objects.filter(reply_id__isnull=False).count() == Reply.objects.filter(state="sent").count()
    met = Stretch.objects.filter(met=True).count() / Stretch.objects.filter(met__isnull=False).count()
    assert 0.75 < met < 0.97


def _some_were_answered_twice() -> None:
    again = Stretch.objects.filter(target="next_response", reply_id__isnull=False, met=True)
    assert again.count() >= 5
    twice = Reply.objects.values("case").annotate(n=Count("pk")).filter(n=2, conversation__state=State.CLOSED)
    assert twice.count() >= 5


def _some_have_work_in_hand() -> None:
    held = Counter(Case.objects.filter(ended_at=None).values_list("owner__username", flat=True))
    assert len(held) > 2
    busy = Case.objects.filter(ended_at=None, conversation__state=State.CLAIMED).values_list("owner", flat=True)
    assert max(Counter(busy).values()) <= present.IN_HAND + 1
    assert not present.VISITED & held.keys()
    answered = Case.objects.filter(ended_at=None, conversation__state=State.CLAIMED, replies__state="sent")
    assert not answered.filter(conversation__last_inbound_at__lt=_morning() - cases.LEASE).exists()
    states = Counter(Conversation.objects.values_list("state", flat=True))
    assert states.keys() == {State.WAITING, State.CLAIMED, State.PENDING_CUSTOMER, State.CLOSED}
    assert states[State.CLAIMED] + states[State.PENDING_CUSTOMER] == held.total()
    assert states[State.WAITING] > states[State.PENDING_CUSTOMER] >= 1


def _causes_come_before_effects(now: datetime) -> None:
    for broken in (
        "mentions_mention WHERE received_at < occurred_at OR received_at > %s",
        "agents_case k WHERE k.queued_at > k.claimed_at OR k.ended_at < k.claimed_at OR k.ended_at > %s",
        "agents_case k JOIN mentions_conversation c ON c.id = k.conversation_id AND k.claimed_at < c.opened_at",
        "agents_reply WHERE sent_at < created_at OR sent_at > %s",
        "mentions_event WHERE at > %s",
    ):
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {broken}", [now] if "%s" in broken else [])
            assert cursor.fetchone() == (0,), broken
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(received_at - occurred_at) FROM mentions_mention")
        assert cursor.fetchone()[0] < timedelta(seconds=10)


def _open_posts_stand_on_town_square() -> None:
    open_posts = Mention.objects.filter(network="townsquare", conversation__state=State.WAITING)
    keys = [key.removeprefix("ts:") for key in open_posts.values_list("external_id", flat=True)]
    assert keys
    assert Post.objects.filter(key__in=keys, deleted_at=None).count() == len(keys)
    assert Post.objects.filter(private=True, recipient__isnull=False).exists()


def _card_numbers_are_masked() -> None:
    assert MentionContent.objects.exclude(redacted=[]).exists()
    assert not MentionContent.objects.filter(text__regex="4242424242424242|4111 1111 1111").exists()


def test_only_a_demonstration_is_loaded(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DEMO", False)
    with pytest.raises(CommandError, match="not a demonstration"):
        call_command("load_demo")
    assert not User.objects.exists()

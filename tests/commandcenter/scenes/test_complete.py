"""A wall tells up to when its figures hold everything: what is not counted, not sealed, or not heard of at all."""

import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from commandcenter import canary, incidents, rollups, scenes
from commandcenter.models import CanaryRun, Profile
from commandcenter.scenes import _complete
from mentions import events
from tests.commandcenter.device import supervisors
from tests.commandcenter.history import ago, hear, settle

pytestmark = pytest.mark.django_db

SOON, LATER = timedelta(seconds=20), timedelta(minutes=11)


@pytest.fixture(autouse=True)
def looks_again(monkeypatch):
    monkeypatch.setattr(_complete, "LOOK_S", 0.0)
    monkeypatch.setattr(_complete, "_kept", _complete._Kept())


def look(after: timedelta = timedelta(), *, position: int | None = None) -> _complete.Complete | None:
    """What is told so long from now."""
    sealed = events.last_position()
    return _complete.look(timezone.now() + after, position=sealed if position is None else position, sealed=sealed)


def test_figures_that_keep_up_are_worth_no_word(bank):
    assert look(LATER) is None
    hear(bank, at=ago(seconds=1))
    settle()
    assert look(LATER) is None


def test_what_is_sealed_and_not_counted_is_told_and_at_last_too_old_to_be_shown(bank):
    began = timezone.now() - timedelta(seconds=1)
    settle()
    before = events.last_position()
    hear(bank, at=ago(hours=3))
    events.Sealer().tick()
    assert look(position=before) is None, "a burst is counted within seconds"
    told, old = look(SOON, position=before), look(LATER, position=before)
    assert began < told.until < timezone.now()
    assert not told.void
    assert old.void
    assert look(LATER) is None, "whose figures need no counting have it already"


@pytest.mark.parametrize("before", [0, 1])
def test_what_nobody_seals_is_told(bank, before):
    for number in range(before):
        hear(bank, at=ago(seconds=1), author=f"a{number}")
        settle()
    hear(bank, at=ago(seconds=1), author="late")
    assert look() is None
    assert look(SOON) is not None
    events.Sealer().tick()
    assert look(SOON) is None


def test_where_no_canary_arrives_the_last_one_is_the_last_proof():
    CanaryRun.objects.create(key="canary-new", sent_at=ago(seconds=100), rendered_at=ago(seconds=99))
    assert look() is None
    sent = CanaryRun.objects.update(sent_at=ago(minutes=20)) and CanaryRun.objects.get().sent_at
    CanaryRun.objects.create(key="canary-lost", sent_at=ago(seconds=100))
    told = look()
    assert told.until == sent
    assert not told.void, "the figures may well be right"


def test_a_listener_that_stands_still_is_told_though_nothing_is_missing(bank):
    rollups.Roller().tick()
    assert look() is None
    began = timezone.now()
    told = look(SOON)
    assert began - timedelta(seconds=5) < told.until < began
    assert not told.void, "nothing is missing that is known of"
    rollups.Roller().tick()
    assert look(timedelta(seconds=10)) is None


def test_a_house_whose_canaries_never_arrive_is_not_taken_for_a_calm_one():
    first = CanaryRun.objects.create(key="canary-first", sent_at=ago(minutes=5), error="cannot be reached")
    CanaryRun.objects.create(key="canary-next", sent_at=ago(seconds=60))
    assert look().until == first.sent_at


def test_the_last_one_that_arrived_is_remembered_however_long_ago_it_was():
    arrived = CanaryRun.objects.create(key="canary-proof", sent_at=ago(days=9), rendered_at=ago(days=9))
    CanaryRun.objects.create(key="canary-before", sent_at=ago(days=10), rendered_at=ago(days=10))
    CanaryRun.objects.create(key="canary-lost", sent_at=ago(days=8))
    CanaryRun.objects.create(key="canary-new", sent_at=ago(seconds=60))
    canary._forget()
    assert set(CanaryRun.objects.values_list("key", flat=True)) == {"canary-proof", "canary-new"}
    assert look().until == arrived.sent_at


def test_a_scene_of_counts_says_it_then_shows_none_and_the_others_go_on(bank, monkeypatch):
    hear(bank, at=ago(minutes=1))
    incidents.open_(key=uuid.uuid4(), name="Cards declined", by=supervisors()[0])
    events.Sealer().tick()
    monkeypatch.setattr(_complete, "KEEPS_UP", timedelta())
    html = {key: scenes.render(key, Profile.INTERNAL, "en").html for key in ("pulse", "queues")}
    assert "data-complete" in html["pulse"]
    assert "data-complete" not in html["queues"]
    assert 'data-figure="mentions"' in html["pulse"]
    monkeypatch.setattr(_complete, "VOID", timedelta())
    slate = scenes.render("pulse", Profile.INTERNAL, "en").html
    assert "Still counting what came since" in slate
    assert "data-figure" not in slate
    assert "data-figure" in scenes.render("queues", Profile.INTERNAL, "en").html
    assert "data-complete" not in scenes.render("pulse", Profile.STREET, "en").html
    crisis = scenes.render("incident", Profile.INTERNAL, "en").html
    assert "Cards declined" in crisis, "what to say now is worth more than its curve"
    assert "data-complete" in crisis

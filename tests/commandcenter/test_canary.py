"""The canary flies by the real road: over HTTP to a real web process, through seal and rollup, to a rendered scene."""

from datetime import timedelta

import pytest
from django.utils import timezone

from commandcenter import canary, rollups, scenes, stage
from commandcenter.canary import Canary
from commandcenter.models import CanaryRun, Profile
from commandcenter.stage import View
from mentions import sources
from mentions.events import Sealer
from mentions.live import valkey
from mentions.models import Conversation, Delivery, Mention, MentionContent, Origin, Source, Stretch
from mentions.networks import townsquare
from tests.commandcenter.history import ago
from tests.factories import make_queue
from tests.web import Web

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def road(web: Web, settings):
    """A web process that takes deliveries, and a queue where they end."""
    settings.LOCAL_URL = web.url
    make_queue()
    sign_with("a secret that the web process may remember from the test before")
    return web


def sign_with(secret: str) -> None:
    canary.ensure_source()
    Source.objects.filter(slug=canary.SOURCE).update(secrets=sources.seal({"webhook": secret}))


def seal_and_count() -> None:
    sealer = Sealer()
    while sealer.tick():
        pass
    while rollups.roll():
        pass


def test_the_source_is_made_once_and_is_a_canary():
    first, again = canary.ensure_source(), canary.ensure_source()
    assert first == again
    assert first.origin == Origin.CANARY
    assert not first.sending
    assert "webhook" not in first.secrets


def test_before_the_first_there_is_neither_age_nor_time_of_flight():
    assert canary.age() is None
    assert canary.flight() is None
    assert canary.state() in ("starting", "late")


def test_a_canary_arrives_when_a_scene_with_it_has_been_rendered(road):
    loop = Canary()
    loop.tick()
    run = CanaryRun.objects.get()
    assert run.error == ""
    assert Mention.objects.get(external_id=f"ts:{run.key}").origin == Origin.CANARY
    loop.tick()
    run.refresh_from_db()
    assert run.rendered_at is None, "it is not even sealed"
    seal_and_count()
    loop.tick()
    run.refresh_from_db()
    assert run.sent_at < run.stored_at < run.rendered_at
    assert 0 < canary.flight() < 20
    assert 0 < canary.age() < 20
    assert canary.state() == "ok"
    loop.tick()
    loop.tick()
    assert CanaryRun.objects.count() == 1, "the next one flies a minute later"


def test_while_walls_are_watched_it_waits_for_their_rendering(road):
    valkey().set(stage.WATCHED, 1, ex=30)
    loop = Canary()
    loop.tick()
    seal_and_count()
    loop.tick()
    assert CanaryRun.objects.get().rendered_at is None
    frame = stage.obtain(View("queues", Profile.INTERNAL, "en"))
    assert frame is not None
    loop.tick()
    assert CanaryRun.objects.get().rendered_at is not None


def test_a_scene_rendered_before_the_seal_does_not_count(road):
    Canary().tick()
    assert stage.obtain(View("pulse", Profile.INTERNAL, "en")) is not None
    assert CanaryRun.objects.get().rendered_at is None


def test_canaries_are_never_counted_or_shown(road):
    Canary().tick()
    seal_and_count()
    html = scenes.render("pulse", Profile.INTERNAL, "en").html
    assert "canary" not in html.lower()
    assert 'data-figure="mentions">0<' in html


def test_a_web_that_does_not_answer_is_a_fault_that_is_kept(settings):
    settings.LOCAL_URL = "http://127.0.0.1:9"
    make_queue()
    Canary().tick()
    assert "cannot be reached" in CanaryRun.objects.get().error
    assert canary.age() is None


def test_a_delivery_that_is_refused_is_a_fault_that_is_kept(road, monkeypatch):
    Canary().tick()
    rightly = townsquare.signed
    monkeypatch.setattr(townsquare, "signed", lambda _secret, *rest: rightly("another secret", *rest))
    Canary().tick()
    assert [run.error for run in CanaryRun.objects.order_by("pk")] == ["", "the webhook answered 401"]


def test_what_is_not_rendered_in_time_is_lost_and_the_next_one_flies(road, monkeypatch):
    monkeypatch.setattr(canary, "LOST_S", 0.0)
    loop = Canary()
    loop.tick()
    loop.tick()
    assert CanaryRun.objects.get().error == "it was not rendered in time"
    monkeypatch.setattr(loop, "_next", 0.0)
    loop.tick()
    assert CanaryRun.objects.count() == 2


def test_it_leaves_nothing_behind_but_its_time(road):
    Canary().tick()
    seal_and_count()
    CanaryRun.objects.update(sent_at=ago(minutes=5))
    CanaryRun.objects.create(key="canary-old", sent_at=timezone.now() - timedelta(days=8))
    Canary().tick()
    assert CanaryRun.objects.count() == 2
    newest = CanaryRun.objects.latest("sent_at")
    assert list(Mention.objects.values_list("external_id", flat=True)) == [f"ts:{newest.key}"]
    for model in (MentionContent, Conversation, Delivery, Stretch):
        assert model.objects.count() == 1

"""The live stream writes as anybody can: to Town Square's API and, for what else is heard, to ours."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from config.demo import history, stream, walls
from config.demo.load import load
from config.demo.stream import Stream, posts_due
from mentions.models import Mention
from mentions.sandbox import square
from mentions.sandbox.models import Event, Post

NOON = datetime(2026, 11, 18, 17, tzinfo=UTC)


def test_what_is_due_lies_between_the_two_times() -> None:
    due = posts_due(NOON, NOON - timedelta(hours=1), random.Random(1))
    assert len(due) > 20
    assert all(NOON - timedelta(hours=1) <= spoken.at <= NOON for spoken in due)
    assert [spoken.at for spoken in due] == sorted(spoken.at for spoken in due)


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, live_server) -> Stream:
    """A loaded bank without a history and with empty rooms, and the world outside it."""
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    monkeypatch.setattr(settings, "ANCHOR_FILE", tmp_path / "anchor.json")
    monkeypatch.setattr(settings, "LOCAL_URL", live_server.url)
    monkeypatch.setattr(history, "write", lambda now, days: None)
    monkeypatch.setattr(walls, "write", lambda now: None)
    load()
    return Stream(httpx.Client(base_url=live_server.url, trust_env=False), random.Random(5))


@pytest.mark.django_db(transaction=True)
def test_customers_write_on_town_square_and_others_are_heard(outside: Stream) -> None:
    outside.tick(NOON)
    while outside.tick(NOON + timedelta(minutes=9)):
        pass
    assert Post.objects.count() > 3
    assert Event.objects.count() == Post.objects.count()
    assert not Mention.objects.filter(network="townsquare").exists()
    outside.since = NOON
    for minute in range(10, 100, 10):
        while outside.tick(NOON + timedelta(minutes=minute)):
            pass
    assert Mention.objects.filter(source__rival__gt="").exists()


@pytest.mark.django_db(transaction=True)
def test_a_long_silence_is_not_made_up_for(outside: Stream) -> None:
    outside.tick(NOON)
    before = len(outside.errands) + Post.objects.count()
    outside.tick(NOON + timedelta(days=3))
    assert len(outside.errands) + Post.objects.count() - before < 60


@pytest.mark.django_db(transaction=True)
def test_a_customer_who_was_answered_may_come_back(outside: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "COMES_BACK", 1.0)
    monkeypatch.setattr(stream, "EDITS", 0.0)
    monkeypatch.setattr(stream, "DELETES", 0.0)
    now = NOON
    while not any(watched.theme == "fees" and not watched.private for watched in outside.watched):
        now += timedelta(minutes=9)
        outside.tick(now)
    watched = next(watched for watched in outside.watched if watched.theme == "fees" and not watched.private)
    answer, _ = square.answer("We're sorry. Please write to us privately.", client_key="k1", in_reply_to=watched.key)
    outside.watched = [watched]
    outside._look(now + timedelta(minutes=10))
    assert outside.watched == []
    following = [errand for errand in outside.errands if errand.body and errand.body.get("in_reply_to") == answer.key]
    assert following
    assert following[0].body is not None
    assert following[0].body["handle"] == watched.who.handle


@pytest.mark.django_db(transaction=True)
def test_what_could_not_be_delivered_is_tried_again(outside: Stream) -> None:
    there, outside.client = outside.client, httpx.Client(base_url="http://127.0.0.1:9", trust_env=False)
    now = NOON
    while not outside.errands:
        now += timedelta(minutes=5)
        outside.tick(now)
    assert Post.objects.count() == 0
    outside.client = there
    outside.tick(now + timedelta(seconds=30))
    assert Post.objects.count() + Mention.objects.count() > 0


def test_without_its_keys_only_town_square_is_written_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATA_DIR", tmp_path)
    assert Stream(httpx.Client()).keys == {}
    (tmp_path / "demo-stream.json").write_text(json.dumps({"news": "gh_x"}))
    assert Stream(httpx.Client()).keys == {"news": "gh_x"}

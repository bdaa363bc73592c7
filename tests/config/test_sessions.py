"""A person is signed out after a quiet while, and after a shift."""

import time
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from config import sessions

pytestmark = pytest.mark.django_db
SHIFT = 12 * 3600
QUIET = 2 * 3600


@pytest.fixture
def clock(monkeypatch):
    """The time as the middleware sees it, moved by hand."""
    now = [time.time()]
    monkeypatch.setattr(sessions.time, "time", lambda: now[0])
    return now


@pytest.fixture
def signed_in(client):
    user = get_user_model().objects.create_user(username="ana", password="a long enough password")
    client.force_login(user)
    client.get("/admin/login/")
    return client


def left() -> timedelta:
    return Session.objects.get().expire_date - timezone.now()


def test_a_quiet_session_ends_after_two_hours(signed_in, clock):
    assert timedelta(seconds=QUIET - 60) < left() <= timedelta(seconds=QUIET)


def test_work_keeps_it_open_but_no_longer_than_a_shift(signed_in, clock):
    clock[0] += SHIFT - 1800
    signed_in.get("/admin/login/")
    assert timedelta(seconds=1700) < left() <= timedelta(seconds=1800)
    clock[0] += 1801
    signed_in.get("/admin/login/")
    assert not Session.objects.exists()


def test_what_an_open_page_asks_for_by_itself_keeps_nobody_signed_in(signed_in, clock):
    before = left()
    clock[0] += QUIET // 2
    signed_in.get("/admin/login/", headers={"X-By-Itself": "1"})
    assert left() <= before
    signed_in.get("/admin/login/")
    assert left() > before - timedelta(seconds=60)


def test_it_is_not_written_at_every_request(signed_in, clock):
    with CaptureQueriesContext(connection) as asked:
        signed_in.get("/admin/login/")
    assert not [query["sql"] for query in asked if "UPDATE" in query["sql"]]


def test_a_stranger_gets_no_session(client):
    client.get("/admin/login/")
    assert not Session.objects.exists()

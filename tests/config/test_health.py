"""`/healthz` says that the process lives, `/readyz` that the installation works, and which part does not."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import OperationalError
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from agents import tokens
from commandcenter.models import CanaryRun
from config import health
from config.listener import HEARTBEAT_KEY

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _asked_for_the_first_time(monkeypatch):
    monkeypatch.setattr(health, "_remembered", (0.0, {"status": "down"}))


def test_a_living_process_says_so(client):
    answer = client.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert client.post("/healthz").status_code == 405


def test_it_names_the_parts_that_are_down(client):
    answer = client.get("/readyz")
    assert answer.status_code == 503
    state = answer.json()
    assert state["database"] == state["redis"] == "ok"
    assert {"worker", "listener"} <= set(state["down"])
    assert state["unsealed_events"] == 0


def test_a_listener_whose_loop_keeps_failing_is_not_well():
    cache.set(HEARTBEAT_KEY, {"loops": {"sealing": {"failures": 0}, "sends": {"failures": 1}}})
    assert health._look()["listener"] == "ok"
    cache.set(HEARTBEAT_KEY, {"loops": {"sealing": {"failures": 7}, "sends": {"failures": 0}}})
    assert health._look()["listener"] == "failing: sealing"


def test_an_event_that_waits_for_its_seal_is_a_fault(monkeypatch):
    monkeypatch.setattr(health.events, "unsealed_for", lambda: 3)
    state = health.readiness()
    assert state["unsealed_events"] == 3
    assert "unsealed_events" in state["down"]


def test_it_says_how_old_the_newest_canary_is_that_made_the_whole_way(client):
    assert health.readiness()["canary_age"] is None
    sent = timezone.now() - timedelta(seconds=90)
    CanaryRun.objects.create(key="c1", sent_at=sent, rendered_at=sent + timedelta(seconds=2))
    CanaryRun.objects.create(key="c2", sent_at=timezone.now())
    assert 89 < health._look()["canary_age"] < 120


def test_it_answers_when_the_database_is_away(client, monkeypatch):
    def away():
        raise OperationalError("connection refused by db.internal as glasshouse_app")

    monkeypatch.setitem(health.PROBES, "database", away)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "down"
    assert "db.internal" not in answer.content.decode()


def test_figures_are_for_programs_that_may_see_them(client):
    assert client.get("/metrics").status_code == 401
    assert client.get("/metrics", headers={"Authorization": "Bearer gh_wrong"}).status_code == 401
    _, other = tokens.make("reader", scopes=["read"])
    assert client.get("/metrics", headers={"Authorization": f"Bearer {other}"}).status_code == 403
    _, secret = tokens.make("prometheus", scopes=["metrics"])
    answer = client.get("/metrics", headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200
    figures = {
        family.name: {tuple(sample.labels.values()): sample.value for sample in family.samples}
        for family in text_string_to_metric_families(answer.content.decode())
    }
    assert figures["glasshouse_up"][("database",)] == 1
    assert figures["glasshouse_up"][("worker",)] == 0
    assert figures["glasshouse_replies"][("held",)] == 0
    assert figures["glasshouse_unsealed_events"][()] == 0
    assert "process_resident_memory_bytes" in figures


def test_asking_often_costs_nothing(client, django_assert_num_queries):
    client.get("/readyz")
    with django_assert_num_queries(0):
        client.get("/readyz")

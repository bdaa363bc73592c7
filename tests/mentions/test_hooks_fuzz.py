"""Whatever a network signs: nothing is raised to it, and no half of a delivery is stored."""

import itertools
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mentions import hooks, rulebook
from mentions.models import Delivery, Mention, OwnPost, PendingOperation, Reject, Source
from mentions.networks.generic import signed
from tests.factories import make_queue, make_source

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "webhook-secret"
_numbers = itertools.count(1)

JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
MOMENT = st.sampled_from(["2026-11-22T05:00:00Z", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59+00:00", "yesterday", ""])
POST = st.fixed_dictionaries(
    {},
    optional={
        "external_id": st.sampled_from(["1", "2", "3", ""]) | JUNK,
        "author": st.fixed_dictionaries({"id": st.sampled_from(["kiosk", "a", "b", 7]) | JUNK}) | JUNK,
        "text": st.text(max_size=20) | JUNK,
        "created_at": MOMENT | JUNK,
        "edited_at": MOMENT | JUNK,
        "op": st.sampled_from(["edit", "delete", "like"]) | JUNK,
        "kind": st.sampled_from(["post", "message", "reply"]) | JUNK,
        "visibility": st.sampled_from(["public", "private"]) | JUNK,
        "in_reply_to": st.sampled_from(["1", "2"]) | JUNK,
        "conversation_id": JUNK,
        "media": JUNK,
        "metrics": JUNK,
        "location": JUNK,
        "quoted": JUNK,
    },
)


@pytest.fixture(autouse=True)
def kiosk(db: None) -> Source:
    for module in (hooks, rulebook):
        module.forget()
    make_queue()
    return make_source("kiosk", network="generic", account_id="kiosk")


def stored() -> int:
    return sum(model.objects.count() for model in (Mention, OwnPost, PendingOperation, Reject))


@settings(suppress_health_check=list(HealthCheck), max_examples=60, deadline=None)
@given(posts=st.lists(POST | JUNK, max_size=6))
def test_a_signed_delivery_is_answered_and_every_part_of_it_accounted_for(posts: list[Any]) -> None:
    hooks.forget()
    rulebook.forget()
    body = json.dumps({"from": "kiosk", "posts": posts}).encode()
    headers = signed(SECRET, f"d{next(_numbers)}", body)
    before = Delivery.objects.count()
    answer = Client().post("/hooks/generic/kiosk", body, content_type="application/json", headers=headers)
    assert answer.status_code == 200, answer.content
    told = answer.json()
    assert sum(told.values()) == len(posts)
    assert Delivery.objects.count() == before + 1
    now_there = stored()
    again = Client().post("/hooks/generic/kiosk", body, content_type="application/json", headers=headers)
    assert again.json()["accepted"] == 0
    assert stored() == now_there, "a repeated delivery adds nothing"


def test_one_delivery_of_everything_is_kept_in_its_places() -> None:
    good = {"external_id": "1", "author": {"id": "a"}, "text": "hello", "created_at": "2026-11-22T05:00:00Z"}
    ours = good | {"external_id": "2", "author": {"id": "kiosk"}}
    broken = {"external_id": "3"}
    early = {"external_id": "4", "op": "delete"}
    named = [{"external_id": own, "op": "look"} for own in ("5", 5)] + [{"op": "look"}]  # this one cannot be asked
    body = json.dumps({"from": "kiosk", "posts": [good, ours, broken, early, *named]}).encode()
    headers = signed(SECRET, "whole", body)
    answer = Client().post("/hooks/generic/kiosk", body, content_type="application/json", headers=headers)
    assert answer.json() == {"accepted": 3, "duplicate": 0, "rejected": 4}
    assert (Mention.objects.count(), OwnPost.objects.count()) == (1, 1)
    assert (PendingOperation.objects.count(), Reject.objects.count()) == (1, 4)


def test_a_program_signs_for_itself_alone() -> None:
    make_source("till", network="generic", account_id="till")
    post = {"external_id": "1", "author": {"id": "a"}, "text": "hello", "created_at": "2026-11-22T05:00:00Z"}
    for number, told in enumerate((post, {"external_id": "1", "op": "delete"}, post | {"author": {"id": "kiosk"}})):
        body = json.dumps({"from": "kiosk", "posts": [told]}).encode()
        headers = signed(SECRET, f"till-{number}", body)
        answer = Client().post("/hooks/generic/till", body, content_type="application/json", headers=headers)
        assert answer.json() == {"accepted": 0, "duplicate": 0, "rejected": 1}
    assert (Mention.objects.count(), OwnPost.objects.count(), PendingOperation.objects.count()) == (0, 0, 0)


def test_a_deletion_takes_the_words_wherever_they_are_kept() -> None:
    said = {"author": {"id": "a"}, "text": "my secret words", "created_at": "2026-11-22T05:00:00Z"}
    quoting = {"external_id": "2", "kind": "quote", "quoted": {"external_id": "kiosk:1", "text": "my secret words"}}
    early = {"external_id": "1", "op": "edit", "text": "my secret words, edited", "edited_at": "2026-11-22T05:01:00Z"}
    refused = {"external_id": "1", "text": "my secret words", "created_at": "yesterday", "author": {"id": "a"}}
    posts = [refused, early, said | {"text": "look at this"} | quoting, {"external_id": "1", "op": "delete"}]
    body = json.dumps({"from": "kiosk", "posts": posts}).encode()
    headers = signed(SECRET, "whole", body)
    assert Client().post("/hooks/generic/kiosk", body, content_type="application/json", headers=headers).json()
    again = json.dumps({"from": "kiosk", "posts": [{"external_id": "1", "op": "delete"}]}).encode()
    Client().post(
        "/hooks/generic/kiosk", again, content_type="application/json", headers=signed(SECRET, "again", again)
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce((SELECT string_agg(c::text, '') FROM mentions_mentioncontent c), '') "
            "|| coalesce((SELECT string_agg(r.body::text, '') FROM mentions_rawrecord r), '') "
            "|| coalesce((SELECT string_agg(p.text, '') FROM mentions_pendingoperation p), '') "
            "|| coalesce((SELECT string_agg(j.body::text, '') FROM mentions_reject j), '')"
        )
        kept = cursor.fetchone()[0]
    assert "look at this" in kept
    assert "secret" not in kept

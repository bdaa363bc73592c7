"""Webhooks as networks, forgers and broken programs send them."""

import hmac
import itertools
import json
import random
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from django.test import Client

from mentions import hooks, networks, rulebook, sources
from mentions.models import Author, Conversation, Delivery, Mention, MentionContent, Reject, Source
from mentions.networks import BadSignature
from mentions.networks.townsquare import TOLERANCE_S, signed
from tests.factories import make_queue, make_source
from tests.faults.cuts import cut_whoever_waits, locked, superuser, until_waiting
from tests.web import Web

pytestmark = pytest.mark.django_db(transaction=True)
# What is refused never reaches the writer's own connection, and is undone faster.
ALONE = pytest.mark.django_db(transaction=False)

SECRET = "webhook-secret"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def web(django_db_setup: None) -> Iterator[Web]:
    running = Web().start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def square(db) -> Source:
    for module in (hooks, rulebook):
        module.forget()
    make_queue()
    return make_source("square")


def event(text: str = "@bank my card was declined", kind: str = "post.created", **fields: Any) -> dict[str, Any]:
    number = next(_numbers)
    said = {
        "id": f"p{number}",
        "author": {"id": "dana", "handle": "dana", "name": "Dana"},
        "text": text,
        "created_at": "2026-11-21T10:15:00Z",
    }
    return {"id": f"e{number}", "type": kind, "post": said | fields}


def body_of(*events: object) -> bytes:
    return json.dumps({"events": events}).encode()


def deliver(body: bytes, *, path: str = "/hooks/townsquare/square", secret: str = SECRET, **changed: Any):
    name = changed.pop("delivery", f"d{next(_numbers)}")
    headers = signed(secret, name, body, at=changed.pop("at", None)) | changed.pop("headers", {})
    headers = {key: value for key, value in headers.items() if value is not None}
    client = Client(raise_request_exception=False)
    return client.post(path, data=changed.pop("sent", body), content_type="application/json", headers=headers)


def written() -> dict[str, int]:
    """How many rows there are of everything that a delivery could leave."""
    kept = (Mention, MentionContent, Author, Conversation, Delivery, Reject)
    return {model.__name__: model.objects.count() for model in kept}


NOTHING = dict.fromkeys(("Mention", "MentionContent", "Author", "Conversation", "Delivery", "Reject"), 0)


class TestADelivery:
    def test_what_is_signed_is_stored_and_then_answered(self):
        answer = deliver(body_of(event("first"), event("second")))
        assert (answer.status_code, answer.json()) == (200, {"accepted": 2, "duplicate": 0, "rejected": 0})
        with superuser() as elsewhere:
            found = elsewhere.execute("SELECT text FROM mentions_mentioncontent ORDER BY 1").fetchall()
        assert found == [("first",), ("second",)]

    @pytest.mark.parametrize("path", ["/hooks/townsquare/square", "/hooks/townsquare/square/", "/hooks/square/"])
    def test_every_spelling_of_the_address_is_the_same(self, path):
        assert deliver(body_of(event()), path=path).status_code == 200

    def test_the_same_event_in_two_deliveries_is_one_post(self):
        same = event()
        assert deliver(body_of(same)).json()["accepted"] == 1
        assert deliver(body_of(same, event())).json() == {"accepted": 1, "duplicate": 1, "rejected": 0}
        assert Mention.objects.count() == 2

    def test_a_delivery_is_taken_once_whatever_it_holds_the_second_time(self):
        assert deliver(body_of(event()), delivery="once").json()["accepted"] == 1
        assert deliver(body_of(event()), delivery="once").json() == {"accepted": 0, "duplicate": 1, "rejected": 0}
        assert Mention.objects.count() == 1

    def test_two_sources_may_use_the_same_names(self):
        make_source("plaza", secrets=sources.seal({"webhook": "other"}))
        one, other = event(), event()
        assert deliver(body_of(one), delivery="same").json()["accepted"] == 1
        answer = deliver(body_of(other), delivery="same", path="/hooks/townsquare/plaza", secret="other")
        assert answer.json()["accepted"] == 1

    def test_a_secret_can_be_changed_without_losing_a_delivery(self, square):
        Source.objects.filter(pk=square.pk).update(secrets=sources.seal({"webhook": "new", "webhook_previous": SECRET}))
        hooks.forget()
        assert deliver(body_of(event())).status_code == 200
        assert deliver(body_of(event()), secret="new").status_code == 200
        Source.objects.filter(pk=square.pk).update(secrets=sources.seal({"webhook": "new"}))
        hooks.forget()
        assert deliver(body_of(event())).status_code == 401

    def test_edits_and_deletes_in_any_order_end_the_same(self):
        def changes() -> list[dict[str, Any]]:
            made = event("first")
            post = made["post"]
            return [
                made,
                {"type": "post.edited", "post": {**post, "text": "second", "edited_at": "2026-11-21T11:00:00Z"}},
                {"type": "post.edited", "post": {**post, "text": "third", "edited_at": "2026-11-21T12:00:00Z"}},
            ]

        for order in itertools.permutations(range(3)):
            happened = changes()
            for place in order:
                assert deliver(body_of(happened[place])).status_code == 200
            stored = Mention.objects.select_related("content").get(external_id=f"ts:{happened[0]['post']['id']}")
            assert stored.content.text == "third", order


@ALONE
class TestForgeries:
    @pytest.mark.parametrize(
        "headers",
        [
            {"townsquare-signature": None},
            {"townsquare-signature": ""},
            {"townsquare-signature": "v1="},
            {"townsquare-signature": "v1=" + "0" * 64},
            {"townsquare-signature": "v0=" + "0" * 64},
            {"townsquare-signature": "," * 4000},
            {"townsquare-signature": "v1=\xff\xfe"},
            {"townsquare-timestamp": None},
            {"townsquare-timestamp": ""},
            {"townsquare-timestamp": "0"},
            {"townsquare-timestamp": "-1"},
            {"townsquare-timestamp": "1e9"},
            {"townsquare-timestamp": "9" * 400},
            {"townsquare-timestamp": "\u00b2"},
            {"townsquare-delivery": None},
            {"townsquare-delivery": ""},
            {"townsquare-delivery": "another"},
            {"townsquare-delivery": "x" * 201},
        ],
    )
    def test_headers_that_do_not_fit_are_401_and_write_nothing(self, headers):
        answer = deliver(body_of(event()), headers=headers)
        assert answer.status_code == 401
        assert answer.json()["error"]
        assert written() == NOTHING

    @pytest.mark.parametrize("sent", [b"", b"{}", body_of(), b" "])
    def test_another_body_than_the_signed_one_is_401(self, sent):
        assert deliver(body_of(event()), sent=sent).status_code == 401
        assert written() == NOTHING

    def test_a_body_is_signed_to_its_last_byte(self):
        body = body_of(event())
        for place in random.Random(7).sample(range(len(body)), 40):
            mutated = body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]
            assert deliver(body, sent=mutated).status_code == 401
        for changed in (body + b" ", body[:-1], b" " + body, body * 2):
            assert deliver(body, sent=changed).status_code == 401
        assert written() == NOTHING

    def test_ten_thousand_forgeries_and_not_one_is_genuine(self):
        network, chance = networks.get("townsquare"), random.Random(11)
        body = body_of(event())
        genuine = signed(SECRET, "d1", body)
        network.verify(genuine, body, [SECRET])
        began = time.process_time()
        for _ in range(10_000):
            headers, forged = dict(genuine), bytearray(body)
            where = chance.randrange(4)
            if where == 0:
                forged[chance.randrange(len(forged))] ^= 1 << chance.randrange(8)
            else:
                name = ("townsquare-timestamp", "townsquare-delivery", "townsquare-signature")[where - 1]
                letters = list(headers[name])
                place = chance.randrange(len(letters))
                letters[place] = chance.choice("0123456789abcdef".replace(letters[place], ""))
                headers[name] = "".join(letters)
            with pytest.raises(BadSignature):
                network.verify(headers, bytes(forged), [SECRET])
        assert (time.process_time() - began) / 10_000 < 0.002

    def test_another_sources_secret_opens_nothing(self):
        make_source("plaza", secrets=sources.seal({"webhook": "other"}))
        assert deliver(body_of(event()), secret="other").status_code == 401
        assert deliver(body_of(event()), path="/hooks/townsquare/plaza").status_code == 401
        assert written() == NOTHING

    @pytest.mark.parametrize("secret", ["", "None", "null", "0"])
    def test_a_source_without_a_secret_believes_nobody(self, secret):
        for slug, sealed in (("bare", ""), ("empty", sources.seal({"webhook": ""})), ("none", sources.seal({}))):
            make_source(slug, secrets=sealed)
            assert deliver(body_of(event()), path=f"/hooks/townsquare/{slug}", secret=secret).status_code == 401
        assert written() == NOTHING

    @pytest.mark.parametrize("late", [-TOLERANCE_S - 5, TOLERANCE_S + 5, -30 * 86400, 10**9])
    def test_a_delivery_of_another_time_is_401_though_it_was_signed(self, late):
        assert deliver(body_of(event()), at=time.time() + late).status_code == 401
        assert written() == NOTHING

    def test_a_clock_that_is_a_little_off_does_no_harm(self):
        network = networks.get("townsquare")
        for late in (-TOLERANCE_S + 5, TOLERANCE_S - 5):
            network.verify(signed(SECRET, "d", b"x", at=time.time() + late), b"x", [SECRET])

    def test_signatures_are_compared_without_telling_where_they_differ(self):
        body = body_of(event())
        headers = signed(SECRET, "d", body)
        right = headers["townsquare-signature"]
        network = networks.get("townsquare")
        network.verify(headers | {"townsquare-signature": f"v1=old, {right}"}, body, ["other", SECRET])
        assert hmac.compare_digest(right, right)

    @pytest.mark.parametrize(
        "path",
        ["/hooks/townsquare/nobody", "/hooks/reviews/square", "/hooks/townsquare/off", "/hooks/townsquare/unplugged"],
    )
    def test_an_address_that_is_none_is_404(self, path):
        make_source("off", active=False)
        make_source("unplugged", network="no_connector")
        assert deliver(body_of(event()), path=path).status_code == 404
        assert written() == NOTHING

    @pytest.mark.parametrize("method", ["get", "put", "patch", "delete", "options", "head"])
    def test_only_posts_are_taken(self, method):
        assert getattr(Client(), method)("/hooks/townsquare/square").status_code == 405
        assert written() == NOTHING

    def test_guesses_push_out_nobody_who_delivers(self, monkeypatch):
        read, seen = hooks._read, []
        monkeypatch.setattr(hooks, "_read", lambda slug: (seen.append(slug), read(slug))[1])
        monkeypatch.setattr(hooks, "MOST_REMEMBERED", 5)
        for path in ("square", *(f"guess{number}" for number in range(12)), "square"):
            deliver(body_of(), path=f"/hooks/townsquare/{path}")
        assert seen.count("square") == 1

    def test_whoever_checks_the_address_with_another_token_is_refused(self):
        make_source("page", network="facebook", secrets=sources.seal({"verify_token": "ours"}))
        asked = {"hub.mode": "subscribe", "hub.challenge": "7", "hub.verify_token": "another"}
        assert Client().get("/hooks/facebook/page", asked).status_code == 403
        assert Client().get("/hooks/facebook/page", asked | {"hub.verify_token": "ours"}).content == b"7"

    def test_secrets_whose_key_is_gone_are_a_fault_of_ours_to_be_tried_again(self, square):
        Source.objects.filter(pk=square.pk).update(secrets="lost:gAAAA")
        hooks.forget()
        answer = deliver(body_of(event()))
        assert answer.status_code == 503
        assert answer["Retry-After"]
        assert written() == NOTHING


class TestBodies:
    """Signed, and still broken: nothing is lost and nothing falls over."""

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"words",
            b"\xff\xfe\x00\x01",
            b"[]",
            b"null",
            b'{"events": null}',
            b'{"events": {}}',
            b'{"events": [',
            b'{"a":' * 40_000,
            b"[" * 200_000,
            b'{"events": [' + b"9" * 5000 + b"]}",
            b'{"events": "\\ud83d"}',
            b"\xef\xbb\xbf" + b'{"events": []}',
        ],
    )
    def test_a_body_that_does_not_read_is_kept_with_its_reason(self, body):
        answer = deliver(body)
        assert answer.status_code == 200
        assert answer.json()["rejected"] + answer.json()["accepted"] == Reject.objects.count()
        assert not Mention.objects.exists()
        for reject in Reject.objects.all():
            assert reject.reason

    def test_one_broken_event_costs_its_neighbours_nothing(self):
        broken: list[object] = [
            None,
            7,
            "words",
            [],
            {"type": "post.created"},
            {"type": "post.created", "post": 7},
            event(author=None),
            event(author={"id": ""}),
            event(created_at="yesterday"),
            event(text=7),
            event(id=None),
            event(id="x" * 600),
            event(author={"id": "d", "name": {"a": ["b"]}}),
            event("x" * 70_000),
        ]
        answer = deliver(body_of(event("first"), *broken, event("last")))
        assert answer.status_code == 200
        assert answer.json()["accepted"] >= 2
        texts = set(MentionContent.objects.values_list("text", flat=True))
        assert {"first", "last"} <= texts
        assert Reject.objects.count() == answer.json()["rejected"] >= 9

    def test_kinds_of_events_that_we_do_not_know_are_left_out(self):
        answer = deliver(body_of({"type": "person.joined", "post": {"id": "1"}}, {"type": None}, event()))
        assert answer.json() == {"accepted": 1, "duplicate": 0, "rejected": 0}

    @pytest.mark.parametrize("text", ["a\0b", "half \ud83d", "\udca9 half", "\ud83d\udca9", "\u202egnp.exe", "\x1b[2J"])
    def test_letters_that_databases_refuse_do_no_harm(self, text):
        odd = event(text, author={"id": f"i{text}", "handle": text, "name": text}, url=f"http://x/{text}")
        assert deliver(json.dumps({"events": [odd, event("good")]}).encode()).json()["accepted"] == 2
        for content in MentionContent.objects.all():
            assert "\0" not in content.text + content.author_name
            content.text.encode()

    def test_no_digit_of_a_card_is_kept_of_what_could_not_be_read(self):
        for body in (
            b'{"events": ["my card is 4111 1111 1111 1111',
            b'{"events": "\\u0034111111111111111',
            json.dumps({"events": [event(author={"card": "5555-5555-5555-4444"})]}).encode(),
            json.dumps({"events": [{"type": "post.created", "5555555555554444": {"n": 4111111111111111}}]}).encode(),
        ):
            assert deliver(body).status_code == 200
        kept = json.dumps(list(Reject.objects.values("external_id", "body", "reason")))
        digits = "".join(filter(str.isdigit, kept.encode().decode("unicode_escape")))
        assert Reject.objects.count() == 4
        for number in ("411111111111", "555555555555"):
            assert number not in digits


@pytest.mark.processes
class TestRealServer:
    def test_the_same_delivery_a_thousand_times_at_once_is_one_row(self, web):
        body = body_of(event())
        headers = signed(SECRET, "replayed", body)
        with httpx.Client(base_url=web.url, trust_env=False, timeout=60) as client, ThreadPoolExecutor(24) as crowd:
            post = lambda _: client.post("/hooks/townsquare/square", content=body, headers=headers)  # noqa: E731
            answers = list(crowd.map(post, range(1000)))
        assert {answer.status_code for answer in answers} == {200}
        assert sum(answer.json()["accepted"] for answer in answers) == 1
        assert sum(answer.json()["duplicate"] for answer in answers) == 999
        assert (Mention.objects.count(), Delivery.objects.count()) == (1, 1)
        with superuser() as elsewhere:
            (events,) = elsewhere.execute("SELECT count(*) FROM mentions_event").fetchone()
        assert events == 1

    def test_the_same_post_in_a_hundred_deliveries_at_once_is_one_row(self, web):
        body = body_of(event())

        def send(number: int) -> httpx.Response:
            return httpx.post(
                f"{web.url}/hooks/townsquare/square",
                content=body,
                headers=signed(SECRET, f"d{number}", body),
                trust_env=False,
                timeout=60,
            )

        with ThreadPoolExecutor(24) as crowd:
            answers = list(crowd.map(send, range(100)))
        assert {answer.status_code for answer in answers} == {200}
        assert sum(answer.json()["accepted"] for answer in answers) == 1
        assert (Mention.objects.count(), Delivery.objects.count()) == (1, 100)

    def test_a_connection_cut_in_the_middle_is_never_answered_with_200(self, web):
        body = body_of(event())
        answers: list[httpx.Response] = []

        def send() -> None:
            headers = signed(SECRET, "cut", body)
            answers.append(httpx.post(f"{web.url}/hooks/townsquare/square", content=body, headers=headers, timeout=60))

        sending = threading.Thread(target=send)
        with locked("mentions_event"):
            sending.start()
            while cut_whoever_waits(sending):
                pass
            sending.join(60)
        assert answers[0].status_code == 503
        assert answers[0].json()["error"]
        assert written() == NOTHING
        send()
        assert answers[1].json()["accepted"] == 1

    def test_whose_sender_hangs_up_before_the_answer_is_stored_all_the_same(self, web):
        body = body_of(event())
        headers = signed(SECRET, "hung up", body) | {"content-length": str(len(body)), "host": "127.0.0.1"}
        lines = ["POST /hooks/townsquare/square HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        with locked("mentions_event"):
            with socket.create_connection(("127.0.0.1", web.port)) as sender:
                sender.sendall("\r\n".join([*lines, "", ""]).encode() + body)
                until_waiting(1)
            threading.Event().wait(0.2)  # until the server has seen it go
        deadline = time.monotonic() + 20
        while not Mention.objects.exists():
            assert time.monotonic() < deadline, "what was delivered is lost"
            threading.Event().wait(0.02)
        again = httpx.post(f"{web.url}/hooks/townsquare/square", content=body, headers=signed(SECRET, "hung up", body))
        assert again.json()["duplicate"] == 1
        assert (Mention.objects.count(), Delivery.objects.count()) == (1, 1)

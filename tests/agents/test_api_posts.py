"""Posts that programs bring: what is taken, what is refused and why, and what a cut connection means."""

import json
import threading
import time
from typing import Any

import pytest

from mentions.models import Author, Conversation, Mention, Reject
from tests.agents.programs import Program, fresh_bank, program
from tests.factories import make_source, post
from tests.faults.cuts import cut_whoever_waits, locked

pytestmark = pytest.mark.django_db(transaction=True)

MIB = 1024 * 1024
# What never reaches the writer's own connection needs no commit, and is undone faster.
ALONE = pytest.mark.django_db(transaction=False)


@pytest.fixture(autouse=True)
def _bank(db):
    fresh_bank()


@pytest.fixture
def sender() -> Program:
    return program("ingest", source=make_source("api-posts", network="boards", secrets=""))


@pytest.fixture
def reader() -> Program:
    return program("read", "private")


class TestPosts:
    def test_one_post_is_stored_with_everything_it_said(self, sender, reader):
        said = post("@bank my card was declined", network="boards", external_id="b-1", lang="en")
        said["metrics"] = {"likes": 3, "reposts": 2, "replies": 1}
        said["location"] = {"lat": 40.0, "lon": -83.0, "country": "us", "place": "Columbus"}
        answer = sender.send(said)
        assert answer.status_code == 200
        assert answer.json() == {
            "accepted": 1,
            "duplicate": 0,
            "rejected": 0,
            "items": [{"external_id": "b-1", "status": "accepted", "reason": ""}],
        }
        (item,) = reader.ask().json()["items"]
        assert (item["network"], item["external_id"], item["text"]) == ("boards", "b-1", said["text"])
        assert item["author"]["handle"] == said["author"]["handle"]
        assert item["metrics"] == said["metrics"]
        assert item["location"] == said["location"] | {"country": "US"}
        assert item["queue"] == "care"
        assert item["conversation"] == str(Conversation.objects.get().pk)
        for label in ("language", "sentiment", "urgency", "actionable"):
            assert set(item["labels"][label]) == {"value", "score", "reason", "version"}

    def test_a_list_is_answered_in_its_order_whatever_became_of_each(self, sender):
        first, second = post(external_id="1"), post(external_id="2")
        answer = sender.send([first, {"network": "boards"}, second, first, None, "words", 7, []])
        assert answer.status_code == 200
        assert [(i["external_id"], i["status"]) for i in answer.json()["items"]] == [
            ("1", "accepted"),
            (None, "rejected"),
            ("2", "accepted"),
            ("1", "duplicate"),
            *[(None, "rejected")] * 4,
        ]
        assert all(i["reason"] for i in answer.json()["items"] if i["status"] == "rejected")
        assert Mention.objects.count() == 2

    def test_json_lines_with_a_bad_one_in_the_middle_lose_only_that_one(self, sender):
        lines = [json.dumps(post(external_id="1")), '{"network": "boards", ', "", json.dumps(post(external_id="2"))]
        answer = sender.send("\n".join(lines), "application/x-ndjson")
        assert answer.status_code == 200
        assert [(i["external_id"], i["status"]) for i in answer.json()["items"]] == [
            ("1", "accepted"),
            (None, "rejected"),
            ("2", "accepted"),
        ]
        assert Reject.objects.get().reason.startswith("not JSON")

    def test_sending_again_is_a_duplicate_and_stores_nothing(self, sender):
        batch = [post(external_id=str(n)) for n in range(5)]
        sender.send(batch)
        again = sender.send(batch).json()
        assert (again["accepted"], again["duplicate"]) == (0, 5)
        assert Mention.objects.count() == 5

    def test_edits_and_deletes_find_their_post(self, sender, reader):
        sender.send(post("first words", external_id="1", network="boards"))
        edit = {"network": "boards", "external_id": "1", "op": "edit", "text": "second words"}
        sender.send(edit | {"edited_at": "2026-11-21T10:15:00Z"})
        assert reader.ask().json()["items"][0]["text"] == "second words"
        sender.send({"network": "boards", "external_id": "1", "op": "delete"})
        (item,) = reader.ask().json()["items"]
        assert item["text"] is None
        assert item["deleted_at"]

    def test_posts_belong_to_the_tokens_source_or_to_ingest(self, sender):
        sender.send(post(external_id="1"))
        program("ingest").send(post(external_id="2"))
        assert dict(Mention.objects.values_list("external_id", "source__slug")) == {"1": "api-posts", "2": "ingest"}

    def test_nobody_outside_may_mark_a_post_as_a_drill_or_canary(self, sender, reader):
        sender.send(post(external_id="1", origin="canary", drill=1))
        assert Mention.objects.get().origin == "live"

    def test_a_thousand_posts_are_taken_and_one_more_is_413_with_nothing_stored(self, sender):
        batch = [post(external_id=str(n)) for n in range(1001)]
        refused = sender.send(batch)
        assert refused.status_code == 413
        assert "1000" in refused.json()["error"]
        assert not Mention.objects.exists()
        assert sender.send(batch[:1000]).json()["accepted"] == 1000

    def test_too_many_too_fast_is_429_that_says_when_to_come_back(self, sender):
        for _ in range(30):
            answer = sender.send([{}] * 1000)
            if answer.status_code == 429:
                break
            assert answer.json()["rejected"] == 1000
        assert answer.status_code == 429
        assert int(answer["Retry-After"]) >= 1
        assert answer.json()["error"]
        other = program("ingest", source=make_source("other", network="boards"))
        assert other.send(post()).status_code == 200, "one program's haste is not another's"

    @pytest.mark.parametrize(
        "text",
        [
            "before \0 after",
            "half \ud83d of a pair",
            "other half \udca9",
            "\ud83d\udca9 both",
            "\u202eturned round",
            "z\u0300\u0301\u0302\u0303" * 50,
            "\x1b[31mred\x07",
            '\r\n{"level": "error"}',
        ],
    )
    def test_letters_that_databases_refuse_are_stored_as_what_they_can_be(self, sender, reader, text):
        answer = sender.send(
            post(text, external_id="odd", author={"id": f"a{text}"[:99], "handle": text, "name": text})
        )
        assert answer.json()["accepted"] == 1
        (item,) = reader.ask().json()["items"]
        assert "\0" not in item["text"]
        item["text"].encode()

    def test_json_of_any_depth_and_size_is_refused_in_its_place(self, sender):
        deep = '{"a":' * 5000 + "1" + "}" * 5000
        wide = json.dumps(post() | {"extra": ["x"] * 300_000})
        long = json.dumps(post("x" * 70_000))
        digits = '{"network": "x", "external_id": ' + "9" * 6000 + "}"
        good = json.dumps(post(external_id="good"))
        answer = sender.send("\n".join([deep, wide, long, digits, "[" * 100_000, good]), "application/x-ndjson")
        assert answer.status_code == 200
        items = answer.json()["items"]
        assert [i["status"] for i in items] == [*["rejected"] * 5, "accepted"]
        assert Mention.objects.get().external_id == "good"
        assert sender.send(f"[{deep}, {good}]").status_code in (200, 400)

    def test_numbers_no_database_holds_do_no_harm(self, sender, reader):
        body = (
            json.dumps(post(external_id="1"))[:-1] + ', "metrics": {"likes": 1e999, "reposts": -5, "replies": 1e300}}'
        )
        assert sender.send(body).json()["accepted"] == 1
        assert reader.ask().json()["items"][0]["metrics"]["reposts"] == 0

    def test_a_card_number_is_in_no_answer_and_in_no_row(self, sender, reader):
        number = "4111 1111 1111 1111"
        sender.send(post(f"my card {number}", external_id="4111111111111111", author={"id": "1", "name": number}))
        refused = sender.send([{"network": f"x {number}", "external_id": "4111111111111111", "text": number}])
        assert refused.json()["rejected"] == 1
        said = refused.content.decode() + json.dumps(reader.ask().json()) + json.dumps(Reject.objects.get().body)
        assert "41111111" not in said.replace(" ", "")
        assert "1111" in reader.ask().json()["items"][0]["text"]


@ALONE
class TestRefusals:
    @pytest.mark.parametrize("body", ["", "   ", "\n\n", "words", "{", '"text"', "7", "null", "true", "[1", "{}{}"])
    def test_what_does_not_parse_is_400_and_stores_nothing(self, sender, body):
        answer = sender.send(body)
        assert answer.status_code == 400
        assert answer.json()["error"]
        assert not Reject.objects.exists()

    @pytest.mark.parametrize(
        "body",
        [b"\xff\xfe\x00", b'{"text": "\xc3\x28"}', '{"text": "é"}'.encode("latin-1"), '[{"a": 1}]'.encode("utf-16")],
    )
    def test_what_is_not_utf8_is_400_with_the_place(self, sender, body):
        answer = sender.send(body)
        assert answer.status_code == 400
        assert "UTF-8" in answer.json()["error"]
        assert not Reject.objects.exists()

    @pytest.mark.parametrize(("body", "status"), [(b"x\n" * 2 * MIB, 413), (b" \n" * 2 * MIB, 400)])
    def test_a_body_of_nothing_holds_up_nobody(self, sender, body, status):
        began = time.process_time()
        assert sender.send(body).status_code == status
        assert time.process_time() - began < 3  # a line and an object each took six, in the event loop

    def test_more_than_4_mib_is_413_with_nothing_stored(self, sender):
        answer = sender.send(json.dumps(post()).encode() + b" " * 4 * MIB)
        assert answer.status_code == 413
        assert not Mention.objects.exists()


class TestTheDatabaseIsAway:
    """What is answered 200 is committed, and what is not is said: the cut is made by the superuser."""

    def test_a_connection_cut_in_the_middle_is_not_an_answer(self, sender):
        answers: list[Any] = []
        sending = threading.Thread(target=lambda: answers.append(sender.send(post(external_id="cut"))))
        with locked("mentions_event"):
            sending.start()
            while cut_whoever_waits(sending):
                pass
            sending.join(30)
        assert answers[0].status_code == 503
        assert int(answers[0]["Retry-After"]) >= 1
        assert answers[0].json()["error"]
        assert not Mention.objects.exists()
        assert not Author.objects.exists()
        assert sender.send(post(external_id="cut")).json()["accepted"] == 1

    def test_one_cut_is_mended_unseen(self, sender):
        answers: list[Any] = []
        sending = threading.Thread(target=lambda: answers.append(sender.send(post(external_id="cut"))))
        with locked("mentions_event"):
            sending.start()
            assert cut_whoever_waits(sending)
        sending.join(30)
        assert answers[0].json()["accepted"] == 1
        assert Mention.objects.count() == 1

"""The API as a program meets it: what it takes, what it gives, and what it says when it does neither."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from agents import tokens
from agents.models import Role
from mentions import hooks, intake, rulebook, search
from mentions.events import Sealer
from mentions.models import Author, Conversation, Mention, Reject
from tests.factories import make_person, make_queue, make_source, make_team, post
from tests.faults.cuts import cut_whoever_waits, locked, superuser

pytestmark = pytest.mark.django_db(transaction=True)

MIB = 1024 * 1024
# What never reaches the writer's own connection needs no commit, and is undone faster.
ALONE = pytest.mark.django_db(transaction=False)
POSTS = "/api/v1/posts"
MENTIONS = "/api/v1/mentions"


@pytest.fixture(autouse=True)
def _bank(db):
    for module in (hooks, rulebook, tokens):
        module.forget()
    make_queue()


class Program:
    """A program with a token."""

    def __init__(self, secret: str) -> None:
        self.client = Client(headers={"authorization": f"Bearer {secret}"}, raise_request_exception=False)

    def send(self, body: object, content_type: str = "application/json"):
        if not isinstance(body, bytes):
            body = body.encode() if isinstance(body, str) else json.dumps(body).encode()
        return self.client.post(POSTS, data=body, content_type=content_type)

    def ask(self, **query: object):
        return self.client.get(MENTIONS, query)

    def all_of(self, limit: int = 500, **query: object) -> list[str]:
        """The external identifiers of every page, in their order."""
        found: list[str] = []
        after = None
        while True:
            page = self.ask(limit=limit, **query, **({"after": after} if after else {})).json()
            found += [item["external_id"] for item in page["items"]]
            after = page["next"]
            if after is None:
                return found


def program(*scopes: str, **of: Any) -> Program:
    return Program(tokens.make("a program", scopes=scopes, **of)[1])


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

    def test_more_than_4_mib_is_413_with_nothing_stored(self, sender):
        answer = sender.send(json.dumps(post()).encode() + b" " * 4 * MIB)
        assert answer.status_code == 413
        assert not Mention.objects.exists()


class TestWhoMay:
    def test_without_a_token_nothing_is_told_and_nothing_stored(self):
        stranger = Client(raise_request_exception=False)
        for headers in (
            {},
            {"authorization": "Bearer"},
            {"authorization": "Bearer "},
            {"authorization": "Bearer gh_nonsense"},
            {"authorization": "Basic dXNlcjpwYXNz"},
            {"authorization": "gh_nonsense"},
            {"authorization": "Bearer \xff\xfe"},
            {"authorization": "Bearer " + "x" * 7000},
        ):
            for answer in (
                stranger.post(POSTS, data=json.dumps(post()), content_type="application/json", headers=headers),
                stranger.get(MENTIONS, headers=headers),
            ):
                assert answer.status_code == 401
                assert answer.json()["error"]
                assert answer["WWW-Authenticate"] == "Bearer"
        assert not Mention.objects.exists()

    def test_a_session_is_no_token(self):
        signed_in = Client(raise_request_exception=False)
        signed_in.force_login(make_person(role=Role.ADMINISTRATOR))
        assert signed_in.get(MENTIONS).status_code == 401
        assert signed_in.post(POSTS, data="{}", content_type="application/json").status_code == 401

    def test_an_expired_or_revoked_token_is_dead(self):
        expired, secret = tokens.make("old", scopes=["read"])
        assert Program(secret).ask().status_code == 200
        type(expired).objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
        tokens.forget()
        assert Program(secret).ask().status_code == 401
        revoked, secret = tokens.make("lost", scopes=["read"])
        assert Program(secret).ask().status_code == 200
        type(revoked).objects.filter(pk=revoked.pk).update(revoked_at=timezone.now())
        tokens.forget()
        assert Program(secret).ask().status_code == 401

    def test_a_remembered_token_dies_in_its_very_second(self):
        token, secret = tokens.make("short", scopes=["read"])
        type(token).objects.filter(pk=token.pk).update(expires_at=timezone.now() + timedelta(seconds=0.4))
        assert Program(secret).ask().status_code == 200
        threading.Event().wait(0.45)
        assert Program(secret).ask().status_code == 401

    def test_only_a_digest_of_the_secret_is_stored(self):
        token, secret = tokens.make("one", scopes=["read"])
        with superuser() as every:
            (row,) = every.execute(
                "SELECT agents_apitoken::text FROM agents_apitoken WHERE id = %s", [token.pk]
            ).fetchone()
        assert secret not in row
        assert secret[3:-4] not in row

    def test_a_scope_opens_its_own_door_only(self):
        assert program("read").send(post()).status_code == 403
        assert program("ingest").ask().status_code == 403
        assert program("metrics").ask().status_code == 403
        assert program("metrics").send(post()).status_code == 403
        assert not Mention.objects.exists()
        assert "scope" in program("ingest").ask().json()["error"]

    def test_an_unknown_scope_is_no_scope(self):
        with pytest.raises(ValueError, match="unknown scopes"):
            tokens.make("one", scopes=["everything"])

    def test_private_messages_need_their_own_scope(self, sender):
        sender.send([post(external_id="open"), post(external_id="secret", kind="message", visibility="private")])
        while search_all():
            pass
        assert program("read").all_of() == ["open"]
        assert program("read").all_of(q="declined") == ["open"]
        assert sorted(program("read", "private").all_of()) == ["open", "secret"]

    def test_a_teams_token_sees_its_queues_alone(self, sender):
        fraud = make_queue("fraud")
        sender.send([post(external_id="1"), post(external_id="2")])
        Conversation.objects.filter(mentions__external_id="2").update(queue=fraud)
        assert program("read", teams=[make_team("fraud")]).all_of() == ["2"]
        assert program("read", teams=[make_team("fraud")]).all_of(queue="care") == []
        assert program("read", teams=[make_team("nobody")]).all_of() == []
        assert sorted(program("read").all_of()) == ["1", "2"]


class TestMentions:
    def test_pages_have_no_gap_and_no_double_while_posts_arrive(self, sender, reader):
        sender.send([post(external_id=f"old-{n}") for n in range(60)])
        seen: list[str] = []
        after, fresh = None, 0
        while True:
            page = reader.ask(limit=7, **({"after": after} if after else {})).json()
            seen += [item["external_id"] for item in page["items"]]
            after = page["next"]
            if after is None:
                break
            sender.send([post(external_id=f"new-{fresh}-{n}") for n in range(9)])
            fresh += 1
        assert len(seen) == len(set(seen))
        assert sorted(seen) == sorted(f"old-{n}" for n in range(60))
        assert fresh == 8

    def test_newest_first_and_the_end_is_said(self, sender, reader):
        sender.send([post(external_id=str(n)) for n in range(3)])
        assert reader.ask(limit=3).json()["next"] is None
        assert reader.ask(limit=2).json()["next"]
        ids = [int(item["id"]) for item in reader.ask().json()["items"]]
        assert ids == sorted(ids, reverse=True)

    def test_filters_narrow_and_add_up(self, sender, reader):
        make_queue("fraud")
        at = datetime(2026, 11, 20, 12, tzinfo=UTC)
        sender.send(
            [
                post("phishing mail", external_id="1", network="boards", created_at=at.isoformat()),
                post("a stolen card", external_id="2", network="boards", created_at=(at + timedelta(1)).isoformat()),
                post("a stolen card", external_id="3", network="reviews", created_at=(at + timedelta(1)).isoformat()),
            ]
        )
        while search_all():
            pass
        assert sorted(reader.all_of(network="boards")) == ["1", "2"]
        assert reader.all_of(network="nobody") == []
        assert reader.all_of(queue="fraud") == []
        assert sorted(reader.all_of(since=(at + timedelta(hours=1)).isoformat())) == ["2", "3"]
        assert reader.all_of(until=(at + timedelta(hours=1)).isoformat()) == ["1"]
        assert reader.all_of(since=at.isoformat(), until=at.isoformat()) == []
        assert sorted(reader.all_of(q="stolen card")) == ["2", "3"]
        assert reader.all_of(q='"stolen card" -mail', network="reviews") == ["3"]
        assert reader.all_of(q="nothing of it") == []

    def test_canaries_and_drills_are_not_given_out(self, sender, reader):
        canary = make_source("canary", origin="canary")
        intake.receive(canary, [post(external_id="canary")])
        sender.send(post(external_id="real"))
        assert reader.all_of() == ["real"]

    def test_talk_about_a_rival_has_no_conversation(self, reader):
        rival = make_source("rival", rival="Northquay", sending=False)
        intake.receive(rival, [post(external_id="1")])
        (item,) = reader.ask().json()["items"]
        assert (item["conversation"], item["queue"]) == (None, None)

    def test_what_a_person_corrected_is_told_beside_what_the_machine_said(self, sender, reader):
        sender.send(post(external_id="1"))
        Mention.objects.update(sentiment=1, language="es")
        labels = reader.ask().json()["items"][0]["labels"]
        assert labels["counted"]["sentiment"] == 1
        assert labels["counted"]["language"] == "es"


@ALONE
class TestQueries:
    @pytest.mark.parametrize(
        "query",
        [
            {"limit": 0},
            {"limit": 501},
            {"limit": "many"},
            {"limit": 10**30},
            {"since": "yesterday"},
            {"since": "2026-11-20T10:00:00"},
            {"network": "Not A Slug"},
            {"queue": "../fraud"},
            {"q": "x" * 201},
        ],
    )
    def test_a_filter_that_means_nothing_is_422_that_names_it(self, reader, query):
        answer = reader.ask(**query)
        assert answer.status_code == 422
        assert next(iter(query)) in answer.json()["error"]

    @pytest.mark.parametrize(
        "cursor", ["x", "!!!!", "LTE", "MTIz\0", "١٢٣", "4pmC", "eyJ9", "=" * 60, "OTk5OTk5OTk5OTk5OTk5OTk5OTk5"]
    )
    def test_a_cursor_of_somebodys_own_making_does_no_harm(self, reader, cursor):
        assert reader.ask(after=cursor).status_code in (200, 400)

    @pytest.mark.parametrize("words", ["\0", "'", '"', "-", "&|!()", ":*", "\\", "%_", "\ufffd", "東京\\%", "<->" * 60])
    def test_any_words_can_be_searched_for(self, reader, words):
        assert reader.ask(q=words).status_code in (200, 400)


@ALONE
class TestOtherAddresses:
    def test_the_description_is_for_those_who_may_use_it(self, reader):
        stranger = Client()
        assert stranger.get("/api/v1/openapi.json").status_code == 401
        described = reader.client.get("/api/v1/openapi.json").json()
        assert set(described["paths"]) >= {"/api/v1/posts", "/api/v1/mentions"}
        stranger.force_login(make_person())
        assert stranger.get("/api/v1/openapi.json").json() == described

    @pytest.mark.parametrize("path", ["/api/v1/", "/api/v1/nothing", "/api/v1/posts/1", "/api/v1/mentions/"])
    def test_nothing_else_is_404_in_the_same_words(self, reader, path):
        for answer in (reader.client.get(path), reader.client.post(path, data="{}", content_type="application/json")):
            assert answer.status_code == 404
            assert answer.json()["error"]

    @pytest.mark.parametrize(
        ("method", "path"), [("get", POSTS), ("delete", POSTS), ("post", MENTIONS), ("put", MENTIONS)]
    )
    def test_the_wrong_method_is_405_that_names_the_right_one(self, reader, method, path):
        answer = getattr(reader.client, method)(path)
        assert answer.status_code == 405
        assert answer["Allow"]
        assert answer.json()["error"]


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


def search_all() -> bool:
    """Seal what was recorded and index what was sealed."""
    Sealer().tick()
    return search.index_new()

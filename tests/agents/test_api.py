"""The API as a program meets it: who may ask, what it gives out, and what it says where there is nothing."""

import json
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from agents import api, cases, tokens
from agents.api.limits import Limits
from agents.models import Reply, Role
from mentions import intake, search
from mentions.events import Sealer
from mentions.models import Conversation, Mention
from tests.agents.programs import MENTIONS, POSTS, Program, fresh_bank, program
from tests.factories import make_person, make_queue, make_source, make_team, post
from tests.faults.cuts import superuser

CONVERSATIONS = "/api/v1/conversations/"
pytestmark = pytest.mark.django_db(transaction=True)

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


class TestWhoMay:
    def test_whoever_asks_too_fast_is_told_when_to_come_back(self, reader, monkeypatch):
        monkeypatch.setattr(api, "_readings", Limits(rate=0.01, burst=2))
        answers = [reader.ask() for _ in range(3)]
        assert [answer.status_code for answer in answers] == [200, 200, 429]
        assert 90 <= int(answers[2].headers["Retry-After"]) <= 101

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
        type(expired).objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(minutes=1))
        tokens.forget()
        assert Program(secret).ask().status_code == 401
        revoked, secret = tokens.make("lost", scopes=["read"])
        assert Program(secret).ask().status_code == 200
        type(revoked).objects.filter(pk=revoked.pk).update(revoked_at=timezone.now())
        tokens.forget()
        assert Program(secret).ask().status_code == 401

    def test_a_remembered_token_dies_in_its_very_second(self, monkeypatch):
        token, secret = tokens.make("short", scopes=["read"])
        ends = timezone.now() + timedelta(hours=1)
        type(token).objects.filter(pk=token.pk).update(expires_at=ends)
        assert Program(secret).ask().status_code == 200
        monkeypatch.setattr(timezone, "now", lambda: ends)
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
        days = [3, 1, 2, 1]
        sender.send([post(external_id=str(n), created_at=f"2026-11-0{day}T08:00:00Z") for n, day in enumerate(days)])
        assert reader.ask(limit=4).json()["next"] is None
        assert reader.ask(limit=3).json()["next"]
        assert reader.all_of() == ["0", "2", "3", "1"]
        assert reader.all_of(limit=1) == ["0", "2", "3", "1"]

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
        item = reader.ask().json()["items"][0]
        assert item["counted"]["sentiment"] == 1
        assert item["counted"]["language"] == "es"
        assert all({"value", "score", "reason", "version"} <= set(label) for label in item["labels"].values())
        assert item["labels"]["topics"]["value"] == [topic["value"] for topic in item["labels"]["topics"]["each"]]


class TestConversations:
    def test_one_is_told_whole(self, sender, reader):
        sender.send(post("@bank my card was declined", external_id="1", network="boards"))
        (item,) = reader.ask().json()["items"]
        told = reader.client.get(f"{CONVERSATIONS}{item['conversation']}").json()
        assert (told["state"], told["queue"], told["owner"]) == ("waiting", "care", None)
        assert told["why"]
        assert [mention["external_id"] for mention in told["mentions"]] == ["1"]
        assert told["replies"] == []
        assert "mention.received" in {event["kind"] for event in told["events"]}
        priya = make_person("priya")
        cases.claim(int(item["conversation"]), by=priya)
        told = reader.client.get(f"{CONVERSATIONS}{item['conversation']}").json()
        assert (told["state"], told["owner"]) == ("claimed", "priya")

    def test_another_teams_and_private_ones_are_not_there(self, sender):
        sender.send([post(external_id="1"), post(external_id="2", kind="message", visibility="private")])
        public = Conversation.objects.get(visibility="public").pk
        private = Conversation.objects.get(visibility="private").pk
        asked = {"read": [public], "read private": [public, private]}
        for scopes, allowed in asked.items():
            client = program(*scopes.split()).client
            found = [pk for pk in (public, private) if client.get(f"{CONVERSATIONS}{pk}").status_code == 200]
            assert found == allowed
        answered = Conversation.objects.get(pk=public)
        Reply.objects.create(
            conversation=answered,
            author=make_person(),
            source=answered.source,
            target=answered.mentions.get(),
            client_key=uuid.uuid4(),
            created_at=answered.opened_at,
            visibility="private",
            text="Your limit is 500.",
            state="awaiting_approval",
            submitted_at=answered.opened_at,
            seen_version=1,
        )
        said = {
            scopes: len(program(*scopes.split()).client.get(f"{CONVERSATIONS}{public}").json()["replies"])
            for scopes in asked
        }
        assert said == {"read": 0, "read private": 1}
        stranger = program("read", teams=[make_team("nobody")]).client
        assert stranger.get(f"{CONVERSATIONS}{public}").status_code == 404
        assert program("metrics").client.get(f"{CONVERSATIONS}{public}").status_code == 403
        assert stranger.post(f"{CONVERSATIONS}{public}").status_code == 405


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


def search_all() -> bool:
    """Seal what was recorded and index what was sealed."""
    Sealer().tick()
    return search.index_new()

"""Posts of our own by program: in whose name, for which teams, and never without a person's word."""

import base64
import threading
import uuid
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from agents.api import own_posts
from agents.models import ApiToken, Original, Reply, Role
from mentions import events
from tests.agents.photos import photo
from tests.agents.programs import fresh_bank, program
from tests.factories import make_original, make_person, make_source, make_team

pytestmark = pytest.mark.django_db

OWN = "/api/v1/own-posts"


@pytest.fixture(autouse=True)
def _bank(db: Any) -> None:
    fresh_bank()
    make_source()


def notice(**changes: Any) -> dict[str, Any]:
    said = {"title": "Branches", "text": "Our branches open at ten tomorrow.", "account": "square", "team": "care"}
    return said | changes


def write(client: Client, body: object, key: object = None) -> Any:
    headers = {"Idempotency-Key": str(key or uuid.uuid4())}
    return client.post(OWN, data=body, content_type="application/json", headers=headers)


def test_what_a_program_writes_waits_for_a_person_and_is_one_post_however_often_it_is_sent() -> None:
    pia = make_person("pia", role=Role.MANAGER)
    writer, key = program("posts", "read", person=pia).client, uuid.uuid4()
    assert write(writer, notice(leave_at="2099-01-01T10:00:00+01:00"), key).status_code == 409  # beyond a year
    draft = write(writer, notice(submit=False), key).json()
    assert (draft["state"], draft["guard"]["outcome"]) == ("draft", "pass")
    asked = write(writer, notice(text="Our branches open at eleven tomorrow."), key).json()
    assert (asked["state"], asked["author"], asked["id"]) == ("awaiting_approval", "Pia", draft["id"])
    assert write(writer, notice(text="something else"), key).json() == asked
    assert Original.objects.count() == 1
    assert writer.get(f"{OWN}/{asked['id']}").json() == asked
    assert [item["id"] for item in writer.get(OWN).json()["items"]] == [asked["id"]]
    assert writer.get(OWN, {"state": "sent"}).json()["items"] == []


def test_other_words_for_what_may_have_gone_are_found_under_the_key_they_came_by() -> None:
    pia = make_person("pia", role=Role.MANAGER)
    writer, key = program("posts", "read", person=pia).client, uuid.uuid4()
    first = write(writer, notice(submit=False), key).json()
    Reply.objects.update(answers=[{"at": "2026-01-01T00:00:00+00:00", "follow": "unknown"}])
    begun = write(writer, notice(text="We open at eleven tomorrow.", submit=False), key).json()
    noon = "We open at noon tomorrow."
    asked = write(writer, notice(text=noon), key).json()
    assert (asked["id"], asked["state"], asked["text"]) == (begun["id"], "awaiting_approval", noon)
    assert write(writer, notice(), key).json() == asked
    left = writer.get(f"{OWN}/{first['id']}").json()
    assert (left["state"], left["text"]) == ("failed", first["text"])


def test_no_program_asks_more_of_people_than_they_can_read(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_posts, "WAITING_AT_MOST", 2)
    pia, key = make_person("pia", role=Role.MANAGER), uuid.uuid4()
    first, other = program("posts", person=pia).client, program("posts", person=pia, name="other").client
    assert [write(first, notice(), asked).status_code for asked in (key, None)] == [200, 200]
    full = write(first, notice())
    assert (full.status_code, full.headers["Retry-After"]) == (429, "600")
    assert "2 posts of this token wait" in full.json()["error"]
    assert write(first, notice(), key).status_code == 200  # the same as before
    assert write(other, notice()).status_code == 200
    Reply.objects.filter(client_key=key).update(state="failed")
    assert write(first, notice()).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_many_at_once_ask_no_more_of_people_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_posts, "WAITING_AT_MOST", 2)
    writer = program("posts", person=make_person("pia", role=Role.MANAGER))
    start, answers = threading.Barrier(6), []

    def send() -> None:
        start.wait()
        answers.append(write(writer.client, notice()).status_code)
        connections.close_all()

    senders = [threading.Thread(target=send) for _ in range(6)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    assert sorted(answers) == [200, 200, 429, 429, 429, 429]
    assert Original.objects.count() == 2


def test_whoever_approves_reads_that_a_program_wrote_it(client: Client) -> None:
    write(program("posts", person=make_person("pia", role=Role.MANAGER), name="Branch planner").client, notice())
    client.force_login(make_person("sam", role=Role.SUPERVISOR))
    page = client.get("/approvals/").content.decode()
    assert "written by the program “Branch planner” in the name of Pia" in page


def test_what_the_guard_blocks_stays_a_draft_and_says_why() -> None:
    writer = program("posts", person=make_person()).client
    said = write(writer, notice(text="Write to us with your PIN: 4111 1111 1111 1111")).json()
    assert (said["state"], said["guard"]["outcome"]) == ("draft", "block")
    assert said["guard"]["findings"]
    assert "4111 1111 1111 1111" not in Reply.objects.get().text


def test_who_may_write_in_whose_name_and_read_what() -> None:
    pia, fraud = make_person("pia"), make_team("fraud")
    assert write(program("read", person=pia).client, notice()).status_code == 403
    assert write(program("posts").client, notice()).status_code == 403
    assert write(program("posts", person=make_person("cleo", role=Role.COMPLIANCE)).client, notice()).status_code == 403
    writer = program("posts", person=pia, teams=[fraud]).client
    assert "team" in write(writer, notice()).json()["error"]  # Pia's team, and not the token's
    assert "account" in write(program("posts", person=pia).client, notice(account="nowhere")).json()["error"]
    theirs = make_original(make_source(), "Of another team", team=fraud, author=make_person("fred", teams=("fraud",)))
    reader = program("read", teams=[make_team("care")]).client
    assert reader.get(OWN).json()["items"] == []
    assert reader.get(f"{OWN}/{theirs.pk}").status_code == 404
    assert program("posts").client.get(OWN).status_code == 403
    Reply.objects.filter(pk=theirs.pk).update(state="draft")
    assert program("read").client.get(OWN).json()["items"] == []  # a draft is its author's alone


def test_a_key_reaches_no_post_of_a_team_that_is_not_the_tokens() -> None:
    pia, fraud, key = make_person("pia", teams=("care", "fraud")), make_team("fraud"), uuid.uuid4()
    narrow = program("posts", person=pia, teams=[make_team("care")]).client
    for submit in (False, True):
        theirs = write(program("posts", person=pia).client, notice(team=fraud.slug, submit=submit), key).json()
        answer = write(narrow, notice(text="Something else."), key)
        assert answer.status_code == 409
        assert "Something else." not in Reply.objects.get().text, theirs


def test_the_chain_tells_a_program_from_the_person_in_whose_name_it_writes() -> None:
    writer = program("posts", person=make_person()).client
    asked = write(writer, notice()).json()
    while events.Sealer().tick():
        pass
    (told,) = (event for event in events.after(0) if event.kind == "post.submitted")
    assert asked["state"] == "awaiting_approval"
    assert told.data["token"] == ApiToken.objects.get().pk


def test_what_makes_no_sense_is_refused_in_words() -> None:
    writer = program("posts", "read", person=make_person()).client
    late, past = notice(leave_at="tomorrow"), notice(leave_at="2001-01-01T00:00:00Z")
    for body in ({}, notice(title=""), notice(text="\0 "), late, past):
        answer = write(writer, body)
        assert answer.status_code in (409, 422), body
        assert answer.json()["error"]
    assert writer.post(OWN, data=notice(), content_type="application/json").status_code == 422  # without a key
    assert write(writer, notice(), "not-a-key").status_code == 422
    assert writer.get(OWN, {"after": "!!"}).status_code == 400
    assert writer.put(OWN).status_code == 405
    assert writer.get(f"{OWN}/{10**18}").status_code == 404


class TestPictures:
    def test_a_program_brings_them_with_what_they_show_and_a_person_looks_at_them(self) -> None:
        pia, key = make_person("pia", role=Role.MANAGER), uuid.uuid4()
        writer = program("posts", "read", person=pia).client
        file = {"data": base64.b64encode(photo()).decode(), "alt": "The new branch from the street"}
        draft = write(writer, notice(pictures=[file], submit=False), key).json()
        asked = write(writer, notice(pictures=[file]), key).json()
        (shown,) = asked["pictures"]
        assert (asked["id"], asked["state"]) == (draft["id"], "awaiting_approval")
        assert (shown["type"], shown["width"], shown["alt"]) == ("image/jpeg", 64, file["alt"])
        assert "picture" in {found["rule"] for found in asked["guard"]["findings"]}
        assert writer.get(f"{OWN}/{asked['id']}").json()["pictures"] == [shown]

    def test_the_ones_that_are_sent_are_the_ones_that_stand(self) -> None:
        pia, key = make_person("pia", role=Role.MANAGER), uuid.uuid4()
        writer = program("posts", person=pia).client
        files = [{"data": base64.b64encode(photo(color)).decode(), "alt": color} for color in ("red", "blue")]
        assert len(write(writer, notice(pictures=files, submit=False), key).json()["pictures"]) == 2
        blue = write(writer, notice(pictures=files[1:], submit=False), key).json()["pictures"]
        assert [one["alt"] for one in blue] == ["blue"]
        assert write(writer, notice(submit=False), key).json()["pictures"] == []
        assert Reply.objects.count() == 1

    @pytest.mark.parametrize(
        ("file", "status", "why"),
        [
            ({"data": base64.b64encode(b"<svg/>").decode(), "alt": "x"}, 409, "no picture"),
            ({"data": "not base64!", "alt": "x"}, 422, "base64"),
            ({"data": base64.b64encode(photo()).decode()}, 409, "Say what picture 1 shows"),
        ],
    )
    def test_what_does_not_leave_so_is_said_and_nothing_is_kept(
        self, file: dict[str, str], status: int, why: str
    ) -> None:
        pia = make_person("pia", role=Role.MANAGER)
        answer = write(program("posts", person=pia).client, notice(pictures=[file]))
        assert (answer.status_code, why in answer.json()["error"]) == (status, True)
        assert Reply.objects.count() == 0

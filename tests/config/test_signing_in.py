"""The way in, for people who hurry, people who err and people who try every door."""

import re
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.core import signing
from django.db import connection
from django.test import Client

from agents import proving
from mentions import events
from tests.factories import PASSWORD, make_person, make_source

pytestmark = pytest.mark.django_db
HERE, ELSEWHERE = "203.0.113.5", "203.0.113.77"


def tries(username: str, password: str = "", *, at: str = HERE) -> int:
    given = {"username": username, "password": password or "wrong"}
    return Client(REMOTE_ADDR=at).post("/sign-in/", given).status_code


def test_nothing_of_what_was_typed_is_kept() -> None:
    card = "4111 1111 1111 1111"
    agent = Client(REMOTE_ADDR=HERE, HTTP_USER_AGENT=f"Browser {card}", HTTP_ACCEPT=card)
    for _ in range(2):
        agent.post(f"/sign-in/?next=/?q={card}", {"username": "my secret word", "password": "x", "next": f"/?q={card}"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM axes_accessattempt t")
        kept = "".join(row for (row,) in cursor.fetchall())
    assert AccessAttempt.objects.get().failures_since_start == 2
    assert "secret" not in kept
    assert "4111" not in re.sub(r"\W", "", kept)


def test_a_name_is_locked_from_where_it_was_tried_and_an_address_for_all_names() -> None:
    tala, yara = make_person("tala"), make_person("yara")
    assert {tries(tala.username) for _ in range(7)} == {200}
    assert tries(tala.username) == 429
    assert tries(tala.username, PASSWORD) == 429
    assert tries(yara.username, PASSWORD) == 302
    assert tries(tala.username, PASSWORD, at=ELSEWHERE) == 302
    AccessAttempt.objects.create(username="of many", ip_address=HERE, failures_since_start=51)
    assert tries("somebody") == 200
    assert tries(yara.username, PASSWORD) == 429
    assert tries(yara.username, PASSWORD, at=ELSEWHERE) == 302
    events.Sealer().tick()
    assert [event.data for event in events.after(0) if event.kind == "sign_in.shut"] == [{"failures": 60}]


def test_one_person_is_guessed_at_from_everywhere_and_comes_in_at_their_own_desk(settings: Any) -> None:
    settings.FAILURES_OF_A_NAME, settings.FAILURES_FROM_EVERYWHERE = 3, 5
    tala, yara = make_person("tala"), make_person("yara")
    desk, other, inside = (Client(REMOTE_ADDR=f"203.0.113.{number}") for number in (1, 2, 3))
    for browser, user in ((desk, tala), (other, yara)):
        browser.post("/sign-in/", {"username": user.username, "password": PASSWORD})
        browser.post("/sign-out/")
    inside.force_login(tala, backend="django.contrib.auth.backends.ModelBackend")
    for number in range(3):
        assert tries(tala.username, at=f"198.51.100.{number}") == 200
    given = {"username": tala.username, "password": PASSWORD}
    assert tries(tala.username, PASSWORD, at="198.51.100.1") == 429, "who failed there fails on"
    assert tries(tala.username, PASSWORD, at="198.51.100.77") == 302, "and the person is kept out nowhere else"
    for number in range(3, 5):
        assert tries(tala.username, at=f"198.51.100.{number}") == 200
    assert tries(tala.username, PASSWORD, at="198.51.100.77") == 429
    assert other.post("/sign-in/", given).status_code == 429, "the cookie is another person's"
    assert tries(yara.username, PASSWORD) == 302
    assert inside.post("/prove/", {"password": PASSWORD, "next": "/freeze/"}).status_code == 302
    assert desk.post("/sign-in/", given).status_code == 302
    assert tries(tala.username, PASSWORD, at="198.51.100.77") == 429, "that the person came in forgives nobody else"
    desk.post("/sign-out/")
    tala.set_password("another horse battery")
    tala.save()
    assert desk.post("/sign-in/", given).status_code == 429, "the password that it knew is past"
    events.Sealer().tick()
    told = [
        (event.data["person"], event.data["failures"]) for event in events.after(0) if event.kind == "sign_in.guessed"
    ]
    assert told == [(tala.pk, 3)]


def test_whoever_fails_on_a_name_behind_the_same_address_does_not_lock_that_person_out() -> None:
    tala = make_person("tala")
    desk = Client(REMOTE_ADDR=HERE)
    given = {"username": tala.username, "password": PASSWORD}
    assert desk.post("/sign-in/", given).status_code == 302
    desk.post("/sign-out/")
    AccessAttempt.objects.create(username="of many", ip_address=HERE, failures_since_start=52)
    assert [tries(tala.username) for _ in range(8)] == [*[200] * 7, 429]
    assert tries(tala.username, PASSWORD) == 429
    assert desk.post("/sign-in/", given).status_code == 302
    desk.post("/sign-out/")
    assert desk.post("/sign-in/", {"username": "ta\0la", "password": "x"}).status_code == 200
    wrong = [desk.post("/sign-in/", given | {"password": "guess"}).status_code for _ in range(8)]
    assert wrong == [*[200] * 7, 429], "nor does the browser guess for ever"


def test_ones_own_password_is_guessed_no_oftener_than_at_the_door() -> None:
    tala = make_person("tala")
    desk = Client(REMOTE_ADDR=HERE)
    desk.force_login(tala, backend="django.contrib.auth.backends.ModelBackend")
    new = {"new_password1": "another horse battery", "new_password2": "another horse battery"}
    told = [desk.post("/preferences/password/", {"old_password": "guess", **new}).status_code for _ in range(8)]
    assert told == [*[200] * 7, 429]
    assert desk.get("/preferences/password/").status_code == 302, "its sessions are over"
    assert tries(tala.username, PASSWORD) == 429
    events.Sealer().tick()
    kinds = [event.kind for event in events.after(0)]
    assert (kinds.count("person.password_refused"), kinds.count("sign_in.locked")) == (8, 1)


def test_who_came_in_who_left_and_whose_name_was_tried_is_known_afterwards() -> None:
    tala = make_person("tala")
    desk = Client(REMOTE_ADDR=HERE)
    desk.post("/sign-in/", {"username": tala.username, "password": PASSWORD})
    desk.post("/sign-out/")
    for _ in range(8):
        tries(tala.username, at=ELSEWHERE)
    events.Sealer().tick()
    told = [(event.kind, event.data["person"], event.data["from"]) for event in events.after(0)]
    assert [(kind, person) for kind, person, _ in told] == [
        ("person.signed_in", tala.pk),
        ("person.signed_off", tala.pk),
        ("sign_in.locked", tala.pk),
    ]
    assert told[0][2] == told[1][2] != told[2][2]
    assert HERE not in str(told)


def test_what_would_hurt_most_asks_for_the_password_again(settings: Any) -> None:
    settings.PROOF_SECONDS = 600
    desk = Client(REMOTE_ADDR=HERE)
    desk.force_login(make_person("ada", role="administrator"), backend="django.contrib.auth.backends.ModelBackend")
    assert desk.get("/setup/people/new/").status_code == 200
    session = desk.session
    session["proved at"] -= 601
    session.save()
    assert desk.get("/setup/people/new/").headers["Location"] == "/prove/?next=%2Fsetup%2Fpeople%2Fnew%2F"
    square = make_source()
    for where in ("connect/mastodon", f"{square.pk}/keys", f"{square.pk}/rotate", f"{square.pk}/authorise"):
        assert desk.post(f"/setup/sources/{where}/").headers["Location"].startswith("/prove/"), where
    assert desk.post("/alerts/setup/hooks/").headers["Location"].startswith("/prove/")
    sent = desk.post("/freeze/lift/", headers={"Referer": "http://elsewhere.example/freeze/?x=1"})
    assert sent.headers["Location"] == "/prove/?next=%2Ffreeze%2F%3Fx%3D1"
    assert desk.post("/prove/", {"password": "guess", "next": "/freeze/"}).status_code == 200
    for asked, back in (("//elsewhere.example/", "/"), ("/freeze/", "/freeze/")):
        assert desk.post("/prove/", {"password": PASSWORD, "next": asked}).headers["Location"] == back
    assert desk.get("/setup/people/new/").status_code == 200


@pytest.mark.parametrize(
    ("address", "typed", "secret"),
    [
        ("/setup/people/new/", {"username": "mina", "teams": ["1", "2"], "note": "<b>4111 1111 1111 1111"}, {}),
        (
            "/setup/sources/connect/mastodon/",
            {"name": "Our server", "base_url": "https://m.example"},
            {"token": "s3cr3t"},
        ),
        ("/alerts/setup/hooks/", {"name": "Pager"}, {"url": "https://hooks.example/s3cr3t"}),
    ],
)
def test_what_was_typed_before_the_password_goes_on_and_what_is_secret_is_asked_for_anew(
    address: str, typed: dict[str, Any], secret: dict[str, str], settings: Any
) -> None:
    settings.PROOF_SECONDS = -1
    ada = make_person("ada", role="administrator")
    desk, other = Client(REMOTE_ADDR=HERE), Client(REMOTE_ADDR=ELSEWHERE)
    desk.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    other.force_login(make_person("eve", role="administrator"), backend="django.contrib.auth.backends.ModelBackend")
    asked = desk.post(address, typed | secret)
    kept = re.search(r'name="kept" value="([^"]+)"', asked.content.decode())[1]
    assert desk.post("/prove/", {"password": "guess", "kept": kept}).context["kept"] == kept
    assert other.post("/prove/", {"password": PASSWORD, "kept": kept}).status_code == 302, "it is another person's"
    settings.PROOF_SECONDS = 600
    goes_on = desk.post("/prove/", {"password": PASSWORD, "kept": kept})
    waiting = [pair for pair in goes_on.context["fields"] if pair[0] != proving.LEFT_OUT]
    assert waiting == [
        [name, value] for name, given in typed.items() for value in (given if name == "teams" else [given])
    ]
    assert f'action="{address}"' in goes_on.content.decode()
    session = dict(desk.session.items())
    assert "s3cr3t" not in f"{asked.content}{signing.loads(kept, salt=proving._KEPT)}{goes_on.content}{session}"
    assert "4111" not in str(session)
    back = desk.post(address, dict(goes_on.context["fields"]))
    assert ("What is secret was kept nowhere" in back.content.decode()) is bool(secret)


def test_whoever_forgot_the_password_is_told_who_helps() -> None:
    assert "An administrator of your bank makes you a link to a new one." in Client().get("/sign-in/").content.decode()


def test_so_many_passwords_are_compared_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proving, "_WAIT_S", 0.0)
    tala = make_person("tala")
    for _ in range(proving.HASHED_AT_ONCE):
        assert proving._room.acquire(blocking=False)
    try:
        assert tries(tala.username, PASSWORD) == 429
        assert Client().get("/sign-in/").status_code == 200
        inside = Client()
        inside.force_login(tala, backend="django.contrib.auth.backends.ModelBackend")
        assert inside.post("/preferences/password/", {"old_password": PASSWORD}).status_code == 429
    finally:
        for _ in range(proving.HASHED_AT_ONCE):
            proving._room.release()
    assert tries(tala.username, PASSWORD) == 302


def test_the_emergency_entrance_has_no_door_of_its_own() -> None:
    answer = Client().post("/admin/login/?next=/admin/", {"username": "tala", "password": PASSWORD})
    assert answer.headers["Location"] == "/sign-in/?next=/admin/"

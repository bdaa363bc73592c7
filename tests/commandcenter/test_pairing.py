"""How a browser becomes a screen: by a code that a person sees, for a while, and once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from agents.cases import Refused
from agents.models import Role
from commandcenter import devices, pairing
from commandcenter.models import Profile
from commandcenter.models.screens import Pairing, Screen, WrongCode
from tests.commandcenter.device import make_room, make_screen, public, supervisors
from tests.factories import make_person

pytestmark = pytest.mark.django_db

HOME = "10.0.0.1"


def ask(**options) -> tuple[Pairing, str]:
    key = public(ec.generate_private_key(ec.SECP256R1()))
    return pairing.ask(key, **{"address": "10.0.0.9", "browser": "Kiosk", **options})


def approve(asked: Pairing, **fields) -> Screen:
    first, _second = supervisors()
    screen = Screen(**{"name": "Lobby", "profile": Profile.INTERNAL, "room": make_room(), **fields})
    return pairing.approve(asked, screen, by=first)


def test_a_code_has_no_letter_that_looks_like_another():
    asked, secret = ask()
    assert len(asked.code) == 8
    assert set(asked.code) <= set(pairing.ALPHABET)
    assert not set("AEIOUY01258") & set(pairing.ALPHABET)
    assert secret not in Pairing.objects.values_list()[0]


def test_a_code_is_typed_as_people_type():
    asked, _secret = ask()
    first, _second = supervisors()
    for typed in (asked.code, f" {asked.code[:4].lower()} - {asked.code[4:].lower()} ", "-".join(asked.code)):
        assert pairing.find(typed, by=first, address=HOME) == asked


def test_a_code_runs_out_after_ten_minutes():
    asked, secret = ask()
    first, _second = supervisors()
    later = timezone.now() + timedelta(minutes=10, seconds=1)
    with pytest.raises(Refused):
        pairing.find(asked.code, by=first, address=HOME, now=later)
    with pytest.raises(Refused):
        pairing.approve(asked, Screen(name="Lobby", room=make_room()), by=first, now=later)
    assert pairing.collect(secret, now=later).kind == "expired"


def test_a_code_is_good_once():
    asked, _secret = ask()
    first, _second = supervisors()
    approve(asked)
    with pytest.raises(Refused):
        pairing.find(asked.code, by=first, address=HOME)
    with pytest.raises(Refused):
        approve(asked, name="Other")


def test_whoever_guesses_is_stopped():
    first, second = supervisors()
    asked, _secret = ask()
    for _guess in range(5):
        with pytest.raises(Refused, match="No screen"):
            pairing.find("BCDFGHJK", by=first, address=HOME)
    with pytest.raises(Refused, match="Too many"):
        pairing.find(asked.code, by=first, address="10.0.0.2")
    assert pairing.find(asked.code, by=second, address="10.0.0.2") == asked
    later = timezone.now() + timedelta(minutes=9)
    Pairing.objects.update(until=later + timedelta(hours=1))
    with pytest.raises(Refused, match="Too many"):
        pairing.find(asked.code, by=first, address=HOME, now=later)
    assert pairing.find(asked.code, by=first, address=HOME, now=later + timedelta(minutes=2)) == asked


def test_an_address_that_guesses_is_stopped():
    asked, _secret = ask()
    for number in range(20):
        WrongCode.objects.create(person=make_person(f"p{number}"), address=HOME, at=timezone.now())
    with pytest.raises(Refused, match="Too many"):
        pairing.find(asked.code, by=supervisors()[0], address=HOME)


def test_an_address_does_not_get_codes_without_end():
    for _code in range(pairing.MOST_ASKED):
        ask()
    with pytest.raises(Refused, match="Too many"):
        ask()
    assert ask(address="10.0.0.10")


@pytest.mark.parametrize("role", [Role.AGENT, Role.COMPLIANCE])
def test_not_everybody_pairs(role):
    asked, _secret = ask()
    with pytest.raises(PermissionDenied):
        pairing.find(asked.code, by=make_person("ada", role=role), address=HOME)


def test_nothing_is_given_before_it_is_approved():
    asked, secret = ask()
    assert pairing.collect(secret) == pairing.State("waiting")
    assert pairing.collect("another secret").kind == "expired"
    pairing.refuse(asked, by=supervisors()[0])
    assert pairing.collect(secret) == pairing.State("refused")


def test_an_answer_that_was_lost_is_given_again_until_the_screen_has_come():
    asked, secret = ask()
    approve(asked)
    first, second = pairing.collect(secret), pairing.collect(secret)
    assert second.kind == "paired"
    assert devices.by_cookie(first.cookie) is None
    screen = devices.by_cookie(second.cookie)
    Screen.objects.filter(pk=screen.pk).update(step=2)
    assert pairing.collect(secret).kind == "expired"


def test_a_street_screen_needs_another_person():
    first, second = supervisors()
    device = make_screen(profile=Profile.STREET, confirmed=False)
    screen = Screen.objects.get(pk=device.screen)
    with pytest.raises(Refused, match="second person"):
        pairing.confirm(screen, by=first)
    pairing.confirm(screen, by=second)
    screen.refresh_from_db()
    assert screen.confirmed_by == second


def test_a_revoked_screen_is_paired_again_under_its_name_and_its_old_credential_is_dead():
    device = make_screen("Lobby")
    screen = Screen.objects.get(pk=device.screen)
    devices.revoke(screen, by=supervisors()[0])
    asked, secret = ask()
    first, _second = supervisors()
    pairing.approve(asked, Screen.objects.get(pk=device.screen), by=first)
    state = pairing.collect(secret)
    assert state.kind == "paired"
    assert devices.by_cookie(device.cookie) is None
    assert devices.by_cookie(state.cookie) == screen


def test_a_browser_that_was_this_screen_before_collects_nothing_from_the_one_that_is():
    (asked, earlier), (anew, secret) = ask(), ask()
    screen = approve(asked)
    devices.revoke(screen, by=supervisors()[0])
    pairing.approve(anew, Screen.objects.get(pk=screen.pk), by=supervisors()[0])
    state = pairing.collect(secret)
    assert pairing.collect(earlier).kind == "expired"
    assert devices.by_cookie(state.cookie) == screen


# Of an algorithm that nobody knows: 1.2.3.4, as SPKI.
STRANGE = "MAswBQYDKgMEAwIAAA=="


@pytest.mark.parametrize("key", [STRANGE, "MAswCQYHKoZIzj0CAQ==", "", "\0", "é", "A" * 4000])
def test_no_key_of_a_strangers_making_breaks_the_asking(client, key):
    answer = client.post("/wall/pair/", {"key": key})
    assert answer.status_code == 200
    assert "reason" in answer.json()


def test_a_strangers_browser_cannot_leave_a_card_number_here():
    key = public(ec.generate_private_key(ec.SECP256R1()))
    asked, _secret = pairing.ask(key, address=HOME, browser="Kiosk 4111 1111 1111 1111\0")
    asked.refresh_from_db()
    assert "4111 1111" not in asked.browser


@pytest.mark.django_db(transaction=True)
def test_guesses_made_at_once_are_no_more_than_guesses_made_in_turn():
    sofia, _sam = supervisors()

    def guess(number: int) -> str:
        try:
            pairing.find("BCDFGHJ" + pairing.ALPHABET[number], by=sofia, address=HOME)
        except Refused as refused:
            return str(refused)
        finally:
            connection.close()
        return ""

    with ThreadPoolExecutor(8) as pool:
        said = list(pool.map(guess, range(12)))
    assert WrongCode.objects.count() == pairing.MOST_WRONG
    assert sum("Too many" in one for one in said) == 12 - pairing.MOST_WRONG

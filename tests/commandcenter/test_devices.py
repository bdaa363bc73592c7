"""How a screen proves that it is itself, step by step, with the clock in hand."""

from datetime import timedelta
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from agents.alerts import wording
from agents.models import Alert, AlertKind, Role
from commandcenter import devices
from commandcenter.devices import Outcome, Report
from commandcenter.models.screens import Screen
from tests.commandcenter.device import Device, make_screen, public, supervisors
from tests.factories import make_person

pytestmark = pytest.mark.django_db


def come(device: Device, *, take: bool = True, **options) -> tuple[devices.Admission, object]:
    """The device connects; with `take` it writes its next step down."""
    connection, challenge = uuid4(), devices.challenge()
    found = devices.admit(device.cookie, challenge, device.sign(challenge), connection, **options)
    if found.outcome is Outcome.IN and take:
        device.token = found.token
        devices.took_step(found.screen, connection)
    return found, connection


def row(device: Device) -> Screen:
    return Screen.objects.get(pk=device.screen)


def test_nothing_of_a_credential_is_stored_as_it_is():
    device = make_screen()
    come(device)
    kept = " ".join(str(value) for value in Screen.objects.filter(pk=device.screen).values_list()[0])
    secret = device.cookie.partition(".")[2]
    assert secret not in kept
    assert device.token not in kept


def test_a_signature_is_good_for_its_challenge_and_its_step_alone():
    device = make_screen()
    signed = device.sign("one")
    key = public(device.key)
    assert devices.is_signed(key, "one", device.token, signed["signature"])
    assert not devices.is_signed(key, "two", device.token, signed["signature"])
    assert not devices.is_signed(key, "one", "another step", signed["signature"])
    assert not devices.is_signed(
        public(ec.generate_private_key(ec.SECP256R1())), "one", device.token, signed["signature"]
    )


@pytest.mark.parametrize("signature", ["", "AAAA", "!" * 88, "A" * 86 + "==", None, 7, ["x"]])
def test_what_is_no_signature_is_refused(signature):
    device = make_screen()
    connection, challenge = uuid4(), devices.challenge()
    proof = {"token": device.token, "signature": signature}
    assert devices.admit(device.cookie, challenge, proof, connection).outcome is Outcome.REFUSED
    assert row(device).revoked_at is None


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", public(ec.generate_private_key(ec.SECP384R1()))])
def test_only_a_key_of_the_one_kind_is_taken(text):
    assert not devices.is_key(text)


def test_a_made_up_step_switches_nothing_off():
    device = make_screen()
    connection, challenge = uuid4(), devices.challenge()
    guess = device.sign(challenge, "1.1.guess:guess")
    assert devices.admit(device.cookie, challenge, guess, connection).outcome is Outcome.REFUSED
    assert row(device).revoked_at is None


def test_a_step_of_another_screen_switches_nothing_off():
    device, other = make_screen("Lobby"), make_screen("Hall")
    connection, challenge = uuid4(), devices.challenge()
    found = devices.admit(device.cookie, challenge, device.sign(challenge, other.token), connection)
    assert found.outcome is Outcome.REFUSED
    assert row(device).revoked_at is None


def test_a_used_step_is_a_copy_and_ends_the_screen():
    device = make_screen()
    copy = device.copy()
    _in, connection = come(device)
    devices.left(device.screen, connection)
    assert come(copy)[0].outcome is Outcome.COPIED
    assert come(device)[0].outcome is Outcome.REFUSED
    assert row(device).revoked_at is not None
    called = Alert.objects.get(kind=AlertKind.COPIED)
    assert wording.title(called) == "The screen Lobby was copied, or behaves like a copy"
    assert wording.where(called) == "/screens/"


def test_a_step_that_was_never_taken_does_not_use_up_the_one_before():
    device = make_screen()
    for _try in range(3):
        found, connection = come(device, take=False)
        assert found.outcome is Outcome.IN
        devices.left(device.screen, connection)
    device.token = found.token
    assert come(device)[0].outcome is Outcome.IN


def test_a_step_taken_but_not_confirmed_is_good_and_uses_up_the_one_before():
    device = make_screen()
    copy = device.copy()
    found, connection = come(device, take=False)
    device.token = found.token  # it was written down, and then the power went
    devices.left(device.screen, connection)
    found, connection = come(device)
    assert found.outcome is Outcome.IN
    devices.left(device.screen, connection)
    assert come(copy)[0].outcome is Outcome.COPIED


def test_whoever_comes_while_the_screen_is_there_waits():
    device = make_screen()
    copy = device.copy()
    copy.token = device.token
    come(device, take=False)
    waiting, second = come(copy)
    assert waiting.outcome is Outcome.WAIT
    assert devices.admit_after_wait(device.screen, second, patience_over=False).outcome is Outcome.WAIT


def test_the_answer_of_the_first_ends_both():
    device = make_screen()
    _in, connection = come(device, take=False)
    _wait, second = come(device.copy())
    assert devices.still_here(device.screen, connection)
    assert devices.admit_after_wait(device.screen, second, patience_over=True).outcome is Outcome.REFUSED
    assert row(device).revoked_at is not None


def test_without_an_answer_the_second_is_let_in_and_a_late_answer_still_tells():
    device = make_screen()
    _in, connection = come(device, take=False)
    _wait, second = come(device.copy())
    assert devices.admit_after_wait(device.screen, second, patience_over=True).outcome is Outcome.IN
    assert devices.still_here(device.screen, connection)
    assert row(device).revoked_at is not None


def test_an_answer_that_nobody_asked_for_says_nothing():
    device = make_screen()
    _in, connection = come(device)
    assert not devices.still_here(device.screen, connection)
    assert row(device).revoked_at is None


def test_a_screen_not_heard_of_for_a_while_need_not_be_asked():
    device = make_screen()
    come(device)
    Screen.objects.update(seen_at=timezone.now() - timedelta(seconds=21))
    assert come(device)[0].outcome is Outcome.IN


def test_only_the_one_that_is_in_is_given_a_step_and_is_heard():
    device = make_screen()
    _in, connection = come(device)
    Screen.objects.update(asked=5)
    assert devices.next_step(device.screen, uuid4()) is None
    assert devices.next_step(device.screen, connection) is not None
    devices.heard([Report(device.screen, uuid4(), 5, '{"kind":"lie"}')])
    assert row(device).shown == {}
    devices.heard([Report(device.screen, connection, 9, '{"kind":"scenes"}')])
    assert row(device).shown == {"kind": "scenes"}
    assert row(device).acked == 5, "nobody shows what was not asked"


def test_a_cookie_is_renewed_once_a_day_and_the_last_one_stays_good():
    device = make_screen()
    screen = row(device)
    now = timezone.now()
    assert devices.renewed_cookie(screen, now + timedelta(hours=23)) is None
    newer = devices.renewed_cookie(screen, now + timedelta(hours=25))
    assert newer != device.cookie
    assert devices.by_cookie(device.cookie) == screen
    assert devices.by_cookie(newer) == screen
    devices.renewed_cookie(row(device), now + timedelta(hours=50))
    assert devices.by_cookie(device.cookie) is None


def test_revoked_it_is_nobody():
    device = make_screen()
    _in, connection = come(device)
    devices.revoke(row(device), by=supervisors()[0])
    assert devices.by_cookie(device.cookie) is None
    assert come(device)[0].outcome is Outcome.REFUSED
    assert devices.next_step(device.screen, connection) is None
    assert not devices.still_here(device.screen, connection)


def test_an_agent_revokes_nothing():
    device = make_screen()
    with pytest.raises(PermissionDenied):
        devices.revoke(row(device), by=make_person("ada", role=Role.AGENT))


def test_a_device_that_takes_no_step_is_out_and_nobody_else_is():
    device = make_screen()
    _found, connection = come(device, take=False)
    devices.end_silent(device.screen, uuid4())
    assert row(device).revoked_at is None
    devices.end_silent(device.screen, connection)
    assert "did not write down" in row(device).revoked_why
    assert Alert.objects.filter(kind=AlertKind.COPIED).count() == 1
    assert come(device)[0].outcome is Outcome.REFUSED

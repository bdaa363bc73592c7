"""How a browser becomes a screen, as televisions do it: it shows a code, and a person who sees it types it.

The link beside the code carries no code: whoever is sent it by somebody else approves nothing with it. Before it is
approved, the browser is shown nothing of ours. A screen that strangers can see stays empty until a second person
has confirmed it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, apart
from agents.cases import Refused
from agents.models import User
from commandcenter import devices
from commandcenter.models.screens import Pairing, Profile, Screen, WrongCode
from mentions import events, scrub
from mentions.events import Actor
from mentions.live import tell

ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels, so no words; nothing that looks like something else
LENGTH = 8
LIFE = timedelta(minutes=10)
WINDOW = timedelta(minutes=10)
MOST_ASKED = 40  # codes an address may ask for within the window
MOST_WRONG = 5
MOST_WRONG_FROM_ADDRESS = 20


@dataclass(frozen=True, slots=True)
class State:
    """What has become of a browser that asked: waiting, paired, refused or expired."""

    kind: str
    cookie: str = ""
    token: str = ""


def ask(public_key: str, *, address: str, browser: str, now: datetime | None = None) -> tuple[Pairing, str]:
    """A code for a browser that wants to be a screen, and the secret with which it asks what became of it.

    Raises `Refused` where the key is none, or where one address asks for very many.
    """
    moment = now or timezone.now()
    if not devices.is_key(public_key):
        raise Refused(_("This browser cannot prove who it is."))
    Pairing.objects.filter(until__lt=moment - LIFE).delete()
    if Pairing.objects.filter(address=address, at__gt=moment - WINDOW).count() >= MOST_ASKED:
        raise Refused(_("Too many codes were asked for. Try again in ten minutes."))
    secret = secrets.token_urlsafe(32)
    while True:
        try:
            with transaction.atomic():
                return Pairing.objects.create(
                    code="".join(secrets.choice(ALPHABET) for _letter in range(LENGTH)),
                    secret=devices.digest(secret),
                    public_key=public_key,
                    address=address[:64],
                    browser=scrub.typed(browser, 200),
                    at=moment,
                    until=moment + LIFE,
                ), secret
        except IntegrityError:  # the code is on another screen
            continue


def spelled(code: str) -> str:
    """A code as it was meant: without the spaces, dashes and small letters that people type."""
    return "".join(letter for letter in code.upper() if letter.isalnum())


def find(code: str, *, by: User, address: str, now: datetime | None = None) -> Pairing:
    """The browser that shows this code. Raises `Refused` if none does, and to whoever has guessed too often.

    Guesses are judged one after the other, so that nobody has more by making them at once.
    """
    access.require(by, "manage screens")
    moment = now or timezone.now()
    with transaction.atomic():
        _one_after_the_other()
        wrong = WrongCode.objects.filter(at__gt=moment - WINDOW)
        tried = list(wrong.filter(Q(person=by) | Q(address=address)).values_list("person", "address"))
        if (
            sum(person == by.pk for person, _at in tried) >= MOST_WRONG
            or sum(at == address for _person, at in tried) >= MOST_WRONG_FROM_ADDRESS
        ):
            raise Refused(_("Too many wrong codes. Try again in ten minutes."))
        found = Pairing.objects.filter(code=spelled(code), screen=None, refused=False, until__gt=moment).first()
        if found is None:
            WrongCode.objects.filter(at__lt=moment - WINDOW).delete()
            WrongCode.objects.create(person=by, address=address[:64], at=moment)
            events.record("screen.wrong_code", at=moment, by=Actor.person(by.pk))
    if found is None:
        raise Refused(_("No screen shows this code. Codes change every ten minutes: look at the screen again."))
    return found


def _one_after_the_other() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('a guess at a code', 0))")


def approve(pairing: Pairing, screen: Screen, *, by: User, now: datetime | None = None) -> Screen:
    """Make this browser the screen, new or one that was revoked. For strangers it still needs a second person.

    Raises `Refused` if the code was used or ran out meanwhile.
    """
    access.require(by, "manage screens")
    moment = now or timezone.now()
    with transaction.atomic():
        pending = Pairing.objects.select_for_update().filter(pk=pairing.pk, screen=None, until__gt=moment).first()
        if pending is None:
            raise Refused(_("The code has run out. Type the one that the screen shows now."))
        screen.public_key, screen.address, screen.browser = pending.public_key, pending.address, pending.browser
        screen.asked_by, screen.asked_at, screen.confirmed_by = by, moment, None
        screen.revoked_at, screen.revoked_by, screen.revoked_why = None, None, ""
        screen.connection = None
        screen.secret_at, screen.secret, screen.earlier_secret = moment, "", ""
        screen.step, screen.token, screen.next_token = 0, "", ""
        screen.save()
        # A browser that was this screen before it was revoked has nothing to collect any more.
        Pairing.objects.filter(screen=screen).delete()
        Pairing.objects.filter(pk=pending.pk).update(screen=screen)
        events.record(
            "screen.paired",
            at=moment,
            by=Actor.person(by.pk),
            data={"screen": screen.pk, "profile": screen.profile, "room": screen.room_id},
        )
    return screen


def refuse(pairing: Pairing, *, by: User) -> None:
    """This browser is not one of ours."""
    access.require(by, "manage screens")
    Pairing.objects.filter(pk=pairing.pk, screen=None).update(refused=True)


def confirm(screen: Screen, *, by: User, now: datetime | None = None) -> None:
    """A second person says that strangers may see what this screen shows. Raises `Refused` to the first."""
    access.require(by, "manage screens")
    with transaction.atomic():
        locked = Screen.objects.select_for_update().get(pk=screen.pk)
        if locked.asked_by_id == by.pk:
            raise Refused(_("A second person confirms it: you asked for it yourself."))
        if (one := apart.why_not(by, locked.asked_by)) is not None:
            raise Refused(one)
        if locked.confirmed_by_id is None:
            Screen.objects.filter(pk=screen.pk).update(confirmed_by=by)
            events.record(
                "screen.confirmed",
                at=now or timezone.now(),
                by=Actor.person(by.pk),
                data={"screen": screen.pk, "profile": Profile(locked.profile)},
            )
    tell(devices.TOPIC, look=[screen.pk])


def collect(secret: str, now: datetime | None = None) -> State:
    """What became of the browser that holds this secret. Once approved, it is given its credential.

    It may ask again until it has connected with it: a browser that lost the answer is given another.
    """
    moment = now or timezone.now()
    pairing = Pairing.objects.select_related("screen").filter(secret=devices.digest(secret)).first()
    if pairing is None:
        return State("expired")
    if pairing.refused:
        return State("refused")
    if pairing.screen is None:
        return State("waiting" if moment < pairing.until else "expired")
    with transaction.atomic():
        screen = Screen.objects.select_for_update().get(pk=pairing.screen.pk)
        another = screen.public_key != pairing.public_key
        if another or screen.connection is not None or screen.revoked_at is not None or screen.step > 1:
            return State("expired")
        cookie, token = devices.new_credential(screen)
    return State("paired", cookie, token)

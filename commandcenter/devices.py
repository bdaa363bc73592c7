"""How a screen proves that it is itself, and how a copy of its credential is found out.

A screen holds three things. A cookie that scripts cannot read says which screen it is. A key that never leaves the
browser signs a new challenge at every connection. And a *step* is used up by using it: with every connection, and
every few minutes of one, the screen is given the next one and writes it down before the last one dies.

Whoever copies the whole profile of a browser has all three, but from then on two devices hold the same step. Either
both are on: then the first is asked whether it is still there when the second comes, and its answer tells. Or one of
them goes on alone: then the other comes with a step that has been used. Both ways the screen is revoked, for both of
them, and those who run the room are told.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.core import signing
from django.db import connection as database
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from agents import access, alerts
from agents.models import AlertKind, User
from commandcenter.models.screens import Screen
from mentions import events
from mentions.events import SYSTEM, Actor
from mentions.live import tell

COOKIE = "glasshouse_screen"
COOKIE_AGE_S = 400 * 24 * 3600  # browsers keep none for longer; it is renewed long before
SECRET_LIFE = timedelta(days=1)
CONTACT = timedelta(seconds=20)  # a screen that was heard within this time may still be there
RIVAL = timedelta(seconds=60)
TOPIC = "screens"

_STEPS = signing.Signer(salt="a step of a screen's credential")


class Outcome(StrEnum):
    """What became of a device that wants in."""

    IN = "in"
    WAIT = "wait"
    REFUSED = "refused"
    COPIED = "copied"


@dataclass(frozen=True, slots=True)
class Admission:
    """The answer to a proof: the screen that it is, and the next step where it is let in."""

    outcome: Outcome
    screen: int = 0
    token: str = ""


REFUSED = Admission(Outcome.REFUSED)


# --- What a device holds -----------------------------------------------------------------------------------------


def digest(text: str) -> str:
    """What is stored of a secret."""
    return hashlib.sha256(text.encode()).hexdigest()


def by_cookie(cookie: str) -> Screen | None:
    """The screen of this cookie, unless it was revoked."""
    number, _dot, secret = cookie.partition(".")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        return None
    screen = Screen.objects.select_related("room__site").filter(pk=int(number), revoked_at=None).first()
    if screen is None:
        return None
    given = digest(secret)
    ours = [stored for stored in (screen.secret, screen.earlier_secret) if stored]
    return screen if any(constant_time_compare(given, stored) for stored in ours) else None


def renewed_cookie(screen: Screen, now: datetime | None = None) -> str | None:
    """A new cookie for a screen whose secret is a day old; the one before stays good until the next renewal."""
    moment = now or timezone.now()
    if moment - screen.secret_at < SECRET_LIFE:
        return None
    secret = secrets.token_urlsafe(32)
    changed = Screen.objects.filter(pk=screen.pk, secret=screen.secret).update(
        secret=digest(secret), earlier_secret=screen.secret, secret_at=moment
    )
    return f"{screen.pk}.{secret}" if changed else None


def new_credential(screen: Screen) -> tuple[str, str]:
    """A cookie and a first step for a screen that has just been paired; what it had before is good no more."""
    secret, token = secrets.token_urlsafe(32), _token(screen.pk, 1)
    Screen.objects.filter(pk=screen.pk).update(
        secret=digest(secret),
        earlier_secret="",
        secret_at=timezone.now(),
        step=1,
        token=digest(token),
        next_token="",
    )
    return f"{screen.pk}.{secret}", token


def is_key(text: str) -> bool:
    """Whether this is a public key that a browser may prove itself with: P-256, as SPKI in base64."""
    return _key(text) is not None


def challenge() -> str:
    """Something to sign that nobody has signed before."""
    return secrets.token_urlsafe(32)


def is_signed(public_key: str, challenge: str, token: str, signature: str) -> bool:
    """Whether the holder of the key signed this challenge, and the step with it."""
    key = _key(public_key)
    try:
        raw, signed = base64.b64decode(signature, validate=True), f"{challenge}.{token}".encode()
    except ValueError:
        return False
    if key is None or len(raw) != 64:
        return False
    encoded = encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    try:
        key.verify(encoded, signed, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _key(text: str) -> ec.EllipticCurvePublicKey | None:
    try:
        key = load_der_public_key(base64.b64decode(text, validate=True))
    except (ValueError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1) else None


def _token(screen: int, step: int) -> str:
    return _STEPS.sign(f"{screen}.{step}.{secrets.token_urlsafe(24)}")


def _was_ours(token: str, screen: int) -> bool:
    """Whether we once gave this step to this screen."""
    try:
        return _STEPS.unsign(token).startswith(f"{screen}.")
    except signing.BadSignature:
        return False


# --- Coming, staying and going -------------------------------------------------------------------------------------


def admit(
    cookie: str, challenge: str, proof: Mapping[str, Any], connection: UUID, now: datetime | None = None
) -> Admission:
    """Judge a proof. Lets the device in, or has it wait while the one that seems to be there is asked."""
    moment = now or timezone.now()
    token, signature = str(proof.get("token", "")), str(proof.get("signature", ""))
    found = by_cookie(cookie)
    if found is None or not is_signed(found.public_key, challenge, token, signature):
        return REFUSED
    with transaction.atomic():
        screen = Screen.objects.select_for_update().get(pk=found.pk)
        if screen.revoked_at is not None:
            return REFUSED
        given = digest(token)
        if given == screen.next_token:
            Screen.objects.filter(pk=screen.pk).update(token=given, next_token="")
        elif given != screen.token:
            if not _was_ours(token, screen.pk):
                return REFUSED
            _revoke_copied(screen, moment)
            return Admission(Outcome.COPIED, screen.pk)
        if screen.connection is None or screen.seen_at is None or moment - screen.seen_at > CONTACT:
            return _let_in(screen, connection, moment)
        Screen.objects.filter(pk=screen.pk).update(rival_at=moment)
    tell(TOPIC, ask=screen.pk)
    return Admission(Outcome.WAIT, screen.pk)


def admit_after_wait(
    screen_id: int, connection: UUID, *, patience_over: bool, now: datetime | None = None
) -> Admission:
    """Whether the one that was asked has gone, or has not answered in time; revoked if it has answered."""
    with transaction.atomic():
        screen = Screen.objects.select_for_update().get(pk=screen_id)
        if screen.revoked_at is not None:
            return REFUSED
        if screen.connection is None or patience_over:
            return _let_in(screen, connection, now or timezone.now())
    return Admission(Outcome.WAIT, screen_id)


def _let_in(screen: Screen, connection: UUID, now: datetime) -> Admission:
    token = _token(screen.pk, screen.step + 1)
    Screen.objects.filter(pk=screen.pk).update(
        connection=connection, rival_at=None, seen_at=now, step=screen.step + 1, next_token=digest(token), acked=0
    )
    return Admission(Outcome.IN, screen.pk, token)


def next_step(screen_id: int, connection: UUID) -> str | None:
    """The next step for a device that has been in for a while; None if it is not the one that is in."""
    with transaction.atomic():
        screen = Screen.objects.select_for_update().filter(pk=screen_id, connection=connection, revoked_at=None).first()
        if screen is None:
            return None
        token = _token(screen.pk, screen.step + 1)
        Screen.objects.filter(pk=screen.pk).update(step=screen.step + 1, next_token=digest(token))
    return token


def took_step(screen_id: int, connection: UUID) -> None:
    """The device has written its new step down: the last one is used up."""
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE commandcenter_screen SET token = next_token, next_token = '' "
            "WHERE id = %s AND connection = %s AND next_token <> '' AND revoked_at IS NULL",
            [screen_id, connection],
        )


def still_here(screen_id: int, connection: UUID, now: datetime | None = None) -> bool:
    """A device that was asked has answered. If another came meanwhile, there are two: True, and both are out."""
    moment = now or timezone.now()
    with transaction.atomic():
        screen = Screen.objects.select_for_update().filter(pk=screen_id, revoked_at=None).first()
        if screen is None:
            return False
        rival = screen.rival_at is not None and moment - screen.rival_at < RIVAL
        if screen.connection == connection and not rival:
            return False
        _revoke_copied(screen, moment)
    return True


def left(screen_id: int, connection: UUID) -> None:
    """The device has closed its connection: whoever comes next need not wait."""
    Screen.objects.filter(pk=screen_id, connection=connection).update(connection=None)


@dataclass(frozen=True, slots=True)
class Report:
    """What a screen says of itself: the newest command it shows, and what it shows, as JSON."""

    screen: int
    connection: UUID
    acked: int
    shown: str


def heard(reports: list[Report]) -> None:
    """Write down what screens said, all of them in one statement."""
    with database.cursor() as cursor:
        cursor.execute(
            "UPDATE commandcenter_screen s SET seen_at = statement_timestamp(), shown = r.shown::jsonb, "
            "acked = greatest(s.acked, least(r.acked, s.asked)) FROM unnest(%s::bigint[], %s::uuid[], %s::bigint[], "
            "%s::text[]) AS r(id, connection, acked, shown) "
            "WHERE s.id = r.id AND s.connection = r.connection AND s.revoked_at IS NULL",
            [
                [report.screen for report in reports],
                [report.connection for report in reports],
                [report.acked for report in reports],
                [report.shown for report in reports],
            ],
        )


# --- Ending it -----------------------------------------------------------------------------------------------------


def revoke(screen: Screen, *, by: User, why: str = "", now: datetime | None = None) -> bool:
    """End a screen's credential; within seconds it shows nothing any more. False if it had ended before."""
    access.require(by, "manage screens")
    with transaction.atomic():
        if not _revoke(screen.pk, why or _("revoked by %(person)s") % {"person": by}, now or timezone.now(), by):
            return False
        events.record("screen.revoked", at=now or timezone.now(), by=Actor.person(by.pk), data={"screen": screen.pk})
    tell(TOPIC, look=[screen.pk])
    return True


def forget(screen: Screen, *, by: User, now: datetime | None = None) -> bool:
    """Take a screen that was revoked out of the list; what it did stays among the events. False if it is connected."""
    access.require(by, "manage screens")
    with transaction.atomic():
        gone, _rows = Screen.objects.filter(pk=screen.pk).exclude(revoked_at=None).delete()
        if gone:
            about = {"screen": screen.pk}
            events.record("screen.forgotten", at=now or timezone.now(), by=Actor.person(by.pk), data=about)
    return bool(gone)


def end_silent(screen_id: int, connection: UUID, now: datetime | None = None) -> None:
    """End the credential of a device that is in and takes none of its steps."""
    moment = now or timezone.now()
    with transaction.atomic():
        screen = Screen.objects.select_for_update().filter(pk=screen_id, connection=connection, revoked_at=None).first()
        if screen is None:
            return
        _revoke(screen.pk, _("it did not write down the steps of its credential"), moment)
        events.record("screen.silent", at=moment, by=SYSTEM, data={"screen": screen.pk})
        _alert(screen, moment)
        transaction.on_commit(lambda: tell(TOPIC, look=[screen_id]))


def _revoke_copied(screen: Screen, now: datetime) -> None:
    _revoke(screen.pk, _("its credential was used on two devices"), now)
    events.record("screen.copied", at=now, by=SYSTEM, data={"screen": screen.pk})
    _alert(screen, now)
    transaction.on_commit(lambda: tell(TOPIC, look=[screen.pk]))


def _alert(screen: Screen, now: datetime) -> None:
    """Have people on duty told: somebody had a device of the room in their hands, and nobody may be at the page."""
    about = {"screen": screen.name, "path": reverse("commandcenter:screens")}
    alerts.raise_(AlertKind.COPIED, f"screen:{screen.pk}", about, now=now)


def _revoke(screen_id: int, why: str, now: datetime, by: User | None = None) -> bool:
    return bool(
        Screen.objects.filter(pk=screen_id, revoked_at=None).update(
            revoked_at=now, revoked_by=by, revoked_why=why[:200], connection=None, next_token="", shown={}
        )
    )

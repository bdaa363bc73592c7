"""The way in: who may try how often, how many at once, and what is kept of those who failed.

A wrong name and password are counted by name and address together, so that a stranger cannot lock a colleague out from
elsewhere; by address alone, or one address could try a few passwords with every name for ever; and by name alone, or
whoever has a thousand addresses could guess at one person without end. A browser in which that person's password was
given before (`agents.proving.knows`) is counted by itself, and what strangers do beside it does not shut it out. A name
that is tried from many addresses still has one try from each other one, so that a few addresses keep nobody out of a
new browser; very many do. Of what was typed nothing is kept: a password slips into the field for the name, and an
address bar holds whatever was searched for.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from axes.helpers import get_client_ip_address
from axes.models import AccessAttempt
from django.conf import settings
from django.contrib.auth.views import LoginView
from django.db import transaction
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import salted_hmac

from agents.models import User
from agents.proving import AFewAtOnce, knows, noted, remember
from mentions import events
from mentions.events import SYSTEM, Actor


def name_of(request: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str:
    """Under which name attempts are counted: a keyed digest of what was typed, another in the person's browser."""
    typed = _typed(request, credentials)
    return _digest(typed, own=knows(request, typed))


def _digest(typed: str, *, own: bool) -> str:
    salt = "config.signing_in.own" if own else "config.signing_in"
    return salted_hmac(salt, typed, algorithm="sha256").hexdigest()[:40]


class Attempts(AxesDatabaseHandler):  # type: ignore[misc]
    """Failed attempts in the database, without a word of what was sent."""

    def is_locked(self, request: Any, credentials: dict[str, Any] | None = None) -> bool:
        """Whether this name is locked from here, or everybody is, or this name for all who are strangers to it."""
        if super().is_locked(request, credentials):
            return True
        typed = _typed(request, credentials)
        if knows(request, typed):
            return False
        both = [_digest(typed, own=own) for own in (True, False)]
        here = _sum(username__in=both, ip_address=request.axes_ip_address)
        if here >= settings.AXES_FAILURE_LIMIT or _failures(request) >= settings.FAILURES_OF_AN_ADDRESS:
            return True
        guesses = _guesses(typed)
        return guesses >= settings.FAILURES_OF_A_NAME and (here > 0 or guesses >= settings.FAILURES_FROM_EVERYWHERE)

    def user_login_failed(self, sender: Any, credentials: Any, request: Any, **about: Any) -> None:
        """Count it; the one that locks a name, here or for strangers, or shuts the door for an address, is an event."""
        request.axes_user_agent = request.axes_http_accept = request.axes_path_info = ""
        locked = request.axes_locked_out
        super().user_login_failed(sender, credentials, request, **about)
        if not locked and (guesses := _guesses(_typed(request, credentials))) == settings.FAILURES_OF_A_NAME:
            _tell("sign_in.guessed", SYSTEM, request, person=_named(credentials), failures=guesses)
        if not locked and request.axes_locked_out:
            _tell("sign_in.locked", SYSTEM, request, person=_named(credentials))
        if not locked and (failures := _failures(request)) >= settings.FAILURES_OF_AN_ADDRESS:
            with transaction.atomic():
                events.record("sign_in.shut", at=timezone.now(), by=SYSTEM, data={"failures": failures})


def forget_what_was_sent(instance: AccessAttempt, **about: Any) -> None:
    """Before an attempt is written."""
    instance.get_data = instance.post_data = ""


class SignIn(AFewAtOnce, LoginView):
    """Where everybody signs in."""

    redirect_authenticated_user = True

    def form_valid(self, form: Any) -> HttpResponse:
        """Who came in, and from where: without it nobody could say from which sign-in an act came."""
        user = form.get_user()
        _tell("person.signed_in", Actor.person(user.pk), self.request, person=user.pk)
        response = super().form_valid(form)
        remember(response, user)
        return response


def has_proved(sender: Any, request: HttpRequest, user: User, **about: Any) -> None:
    """Whoever signs in has given their password."""
    noted(request)


def signed_off(sender: Any, request: HttpRequest, user: User | None, **about: Any) -> None:
    """Who left by the door; a session that ran out ends without a word."""
    if user is not None:
        _tell("person.signed_off", Actor.person(user.pk), request, person=user.pk)


def _tell(kind: str, by: Actor, request: HttpRequest, **about: Any) -> None:
    """One event, with a keyed digest of the address it came from: the same one is known again, and none is kept."""
    address = salted_hmac("config.signing_in.address", str(get_client_ip_address(request)), algorithm="sha256")
    with transaction.atomic():
        events.record(kind, at=timezone.now(), by=by, data={"from": address.hexdigest()[:16]} | about)


def _named(credentials: Mapping[str, Any]) -> int | None:
    """Whose name was tried, if it is anybody's."""
    return User.objects.filter(username=str(credentials.get("username"))).values_list("pk", flat=True).first()


def _typed(request: HttpRequest, credentials: Mapping[str, Any] | None) -> str:
    return str((credentials or request.POST).get("username"))


def _failures(request: Any) -> int:
    return _sum(ip_address=request.axes_ip_address)


def _guesses(typed: str) -> int:
    """How often strangers to this name have failed."""
    return _sum(username=_digest(typed, own=False))


def _sum(**of: Any) -> int:
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    found = AccessAttempt.objects.filter(attempt_time__gt=since, **of)
    return found.aggregate(Sum("failures_since_start"))["failures_since_start__sum"] or 0

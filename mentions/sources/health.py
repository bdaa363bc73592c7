"""How a source is, in words: what everybody reads, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mentions import networks
from mentions.models import Gap, Reject, Source
from mentions.sources import credentials, delivery, notices, streams, webhooks
from mentions.sources.gate import OPENS_AFTER

State = Literal["live", "late", "blind", "reauthorise", "paused", "disconnected", "new"]


@dataclass(frozen=True, slots=True)
class Health:
    """The state of a source now. `since` is when it began, or `until` when it ends unless somebody does something;
    `advice` is what a person can do, empty if nothing."""

    state: State
    words: str
    since: datetime | None
    advice: str
    until: datetime | None = None


def health(source: Source, *, now: datetime) -> Health:
    """The state of a source and what to do about it; the gravest that is true."""
    if source.disconnected_at is not None:
        again = _("Its keys are erased. To connect it again, let us in below.")
        return Health("disconnected", _("Disconnected"), source.disconnected_at, again)
    if credentials.awaits_sign_in(source):
        return Health("new", _("Not signed in"), None, _("Sign in at its network; until then nothing is read."))
    if not source.active:
        began = Gap.objects.filter(source=source, reason=Gap.Reason.PAUSED, ended_at=None).order_by("pk").last()
        since = began.started_at if began is not None else None
        return Health("paused", _("Paused"), since, _("Resume it; what came meanwhile is then asked for."))
    if source.refused_at is not None:
        return Health(
            "reauthorise",
            _("Its keys are refused"),
            source.refused_at,
            _("Let us in again: sign in, or put new keys in. What was missed is then asked for."),
        )
    if source.blind_since is not None:
        return Health("blind", _("Blind"), source.blind_since, _advice(source))
    if out := notices.shut_out(source):
        return Health(
            "blind",
            ngettext("Put out of a group", "Put out of %(n)d groups", len(out)) % {"n": len(out)},
            out[0].started_at,
            _("Ask whoever runs it to let the account in again. What is written there meanwhile is not heard."),
        )
    if source.expires_at is not None and source.expires_at - now < timedelta(days=7) and not credentials.renews(source):
        return Health(
            "reauthorise",
            _("Live, re-authorise soon"),
            None,
            _("Its keys end then and cannot be renewed by themselves: put new ones in."),
            source.expires_at,
        )
    if source.late_since is not None:
        return Health(
            "late",
            _("Late"),
            source.last_ok_at,
            _("It is silent for longer than usual. Its network was asked; what was missed stands below."),
        )
    undelivered = webhooks.undelivered_since(source)
    told = delivery.of(source)
    if told is not None and undelivered is not None and not told.left and not _asked(source):
        return Health(
            "late",
            _("Not delivered"),
            undelivered,
            _("Somebody else is delivered to, who may be another installation of yours. “Ask now” has it here again.")
            if told.elsewhere
            else _("The network does not deliver here, for the reason below. It is told again every few minutes."),
        )
    heard = max((at for at in (source.last_ok_at, source.last_post_at) if at is not None), default=None)
    if heard is None:
        return Health("new", _("Nothing yet"), None, "")
    held = streams.of(source, now=now)
    if undelivered is not None:
        clock = _("The network does not deliver here, for the reason below; it is asked by the clock instead.")
        return Health("live", _("Live, asked by the clock"), heard, clock)
    if not held:
        return Health("live", _("Live"), heard, "")
    if all(stream.state == "live" for stream in held):
        return Health("live", _("Live, as it happens"), heard, "")
    again = _("Its stream broke off and is opened again by itself; meanwhile its network is asked every few moments.")
    return Health("live", _("Live, asked by the clock"), heard, again)


def why_not_sending(source: Source) -> str | None:
    """Why nothing may be sent from this source now, in a sentence; None if it may."""
    if source.disconnected_at is not None:
        return _("%(source)s is disconnected.") % {"source": source.name}
    if not source.active or not source.sending:
        return _("Sending from %(source)s is switched off; an administrator can switch it on.") % {
            "source": source.name
        }
    if source.refused_at is not None:
        return _("The network refuses the keys of %(source)s; an administrator must connect it again.") % {
            "source": source.name
        }
    return None


@dataclass(frozen=True, slots=True)
class SetAside:
    """What came and was not taken in: how many are kept, and of the newest when and why."""

    count: int
    at: datetime
    why: str


def set_aside(source: Source) -> SetAside | None:
    """What of this source waits to be looked at and replayed; None if nothing does."""
    waiting = Reject.objects.filter(source=source, replayed_at=None)
    newest = waiting.order_by("pk").last()
    return SetAside(waiting.count(), newest.received_at, newest.reason) if newest is not None else None


def circuit(source: Source, *, now: datetime) -> str:
    """The state of the circuit breaker in words; empty while it is closed."""
    if source.failures < OPENS_AFTER or source.circuit_until is None:
        return ""
    if source.circuit_until > now:
        return _("Its network had %(n)d faults in a row; it is left alone until it is tried again.") % {
            "n": source.failures
        }
    return _("Its network had %(n)d faults in a row; the next call is a try.") % {"n": source.failures}


def _advice(source: Source) -> str:
    if source.failures:
        return _("The network does not answer. It is tried again by itself; what was missed is then asked for.")
    return _("It is tried again by itself. If the reason below is not the network's, put the settings right.")


def _asked(source: Source) -> bool:
    """Whether it is asked by a timer, delivered or not."""
    try:
        return source.poll_every_s is not None and not networks.get(source.network).one_or_the_other
    except networks.UnknownNetwork:
        return False

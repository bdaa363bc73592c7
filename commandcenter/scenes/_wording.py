"""How figures read on a wall: short, in the reader's language, and never more exact than they are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from commandcenter.figures import Change, QueueLine
from commandcenter.models import Profile

FEWEST = 10  # a smaller total could point at single people, so strangers are told no more than that it is small
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Status:
    """How something stands: `state` (ok, risk or late) chooses shape and colour, `words` say it."""

    state: str
    words: str


def number(value: int) -> str:
    """A whole number with its thousands grouped."""
    return number_format(value, decimal_pos=0, use_l10n=True, force_grouping=True)


def total(value: int, profile: str) -> str:
    """A total as this profile may read it."""
    if profile == Profile.STREET and value < FEWEST:
        return _("fewer than %(n)s") % {"n": FEWEST}
    return number(value)


def percent(value: float | None) -> str:
    """A whole percentage that says 100 and 0 only when it is so; a dash when there is nothing to take a share of."""
    if value is None:
        return NOTHING
    if 0 < value < 100:
        value = min(99, max(1, round(value)))
    return _("%(n)s%%") % {"n": number(round(value))}


def signed(value: float | None) -> str:
    """A score from -100 to +100 with its sign; a dash when nothing is scored."""
    if value is None:
        return NOTHING
    whole = round(value)
    return f"{'+' if whole > 0 else '−' if whole < 0 else ''}{number(abs(whole))}"


def duration(length: timedelta | None) -> str:
    """How long something lasts, in at most two units."""
    if length is None:
        return NOTHING
    minutes = max(0, int(length.total_seconds() // 60))
    if minutes < 1:
        return _("under 1 min")
    if minutes < 60:
        return _("%(n)s min") % {"n": minutes}
    hours, minutes = divmod(minutes, 60)
    if hours < 24:
        return _("%(hours)s h %(minutes)02d min") % {"hours": hours, "minutes": minutes}
    days, hours = divmod(hours, 24)
    return _("%(days)s d %(hours)s h") % {"days": days, "hours": hours}


def since(moment: datetime | None, now: datetime) -> str:
    """How long ago a moment was."""
    return duration(now - moment if moment is not None else None)


def compared(change: Change, profile: str) -> str:
    """How much more or less than before, as a share where the base bears one; empty if strangers may not know."""
    if profile == Profile.STREET and min(change.value, change.base) < FEWEST:
        return ""
    if change.absolute == 0:
        return _("as many")
    if change.percent is not None and round(abs(change.percent)) >= 1:
        words = _("%(n)s%% more") if change.absolute > 0 else _("%(n)s%% fewer")
        return words % {"n": number(round(abs(change.percent)))}
    if profile == Profile.STREET and abs(change.absolute) < FEWEST:
        return _("about as many")
    words = _("%(n)s more") if change.absolute > 0 else _("%(n)s fewer")
    return words % {"n": number(abs(change.absolute))}


def status(line: QueueLine) -> Status:
    """How a queue stands, the worst first: something is late, something soon will be, or neither."""
    if line.overdue:
        return Status("late", _("Late"))
    if line.soon:
        return Status("risk", _("Due soon"))
    return Status("ok", _("On track"))

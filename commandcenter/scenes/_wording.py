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


def duration(length: timedelta | None) -> tuple[tuple[str, str], ...]:
    """How long something lasts, as numbers with their units: exact enough to act on and no longer than a screen bears.

    One dash without a unit when there is nothing.
    """
    if length is None:
        return ((NOTHING, ""),)
    minutes = max(0, int(length.total_seconds() // 60))
    hours, rest = divmod(minutes, 60)
    if not hours:
        return ((number(minutes), _("min")),)
    if hours < 10:
        return ((number(hours), _("h")), (f"{rest:02d}", _("min")))
    if hours < 48:
        return ((number(hours), _("h")),)
    return ((number(hours // 24), _("d")),)


def since(moment: datetime | None, now: datetime) -> tuple[tuple[str, str], ...]:
    """How long ago a moment was."""
    return duration(now - moment if moment is not None else None)


def compared(change: Change, profile: str) -> str:
    """How much more or less than before, as a share where the base bears one; empty if strangers may not know."""
    if profile == Profile.STREET and min(change.value, change.base) < FEWEST:
        return ""
    if change.absolute == 0:
        return _("as many as")
    if change.percent is not None and round(abs(change.percent)) >= 1:
        words = _("%(n)s%% more than") if change.absolute > 0 else _("%(n)s%% fewer than")
        return words % {"n": number(round(abs(change.percent)))}
    if profile == Profile.STREET or change.percent is not None:
        return _("about as many as")
    words = _("%(n)s more than") if change.absolute > 0 else _("%(n)s fewer than")
    return words % {"n": number(abs(change.absolute))}


def status(line: QueueLine) -> Status:
    """How a queue stands, the worst first: something is late, something soon will be, or neither."""
    if line.overdue:
        return Status("late", _("Late"))
    if line.soon:
        return Status("risk", _("Due soon"))
    return Status("ok", _("On track"))

"""How figures read on a wall: short, in the reader's language, and never more exact than they are."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from commandcenter import periods
from commandcenter.figures import Attainment, Change, NetSentiment, QueueLine
from commandcenter.models import Profile
from commandcenter.usual import FAR, FAR_FEWEST, Against

FEWEST = 10  # a smaller total could point at single people, so strangers are told no more than that it is small
ENOUGH = 20  # of fewer a share says little, and no warning is given
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


def parts(tone: NetSentiment) -> dict[str, int]:
    """The three shares in thousandths, which add up, and where the last begins."""
    negative, positive = round(1000 * tone.negative / tone.n), round(1000 * tone.positive / tone.n)
    return {"negative": negative, "neutral": 1000 - negative - positive, "positive": positive, "from": 1000 - positive}


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


def standing(line: QueueLine) -> Status:
    """As `status`, with how many: where nothing else fits, it says enough."""
    if line.overdue:
        return Status("late", ngettext("%(n)s overdue", "%(n)s overdue", line.overdue) % {"n": number(line.overdue)})
    if line.soon:
        return Status("risk", ngettext("%(n)s due soon", "%(n)s due soon", line.soon) % {"n": number(line.soon)})
    return Status("ok", _("On track"))


def times(factor: float | None) -> str:
    """How many times as many: one place after the point while it is small."""
    if factor is None:
        return NOTHING
    return _("%(n)s×") % {"n": number_format(factor, decimal_pos=1 if factor < 10 else 0, use_l10n=True)}


def against(one: Against) -> str:
    """How a count stands against what is usual."""
    if one.usual is None:
        return _("nothing to compare with yet")
    if one.usual < 1:
        return _("usually hardly any")
    return _("usually %(n)s") % {"n": number(round(one.usual))}


def rise(one: Against) -> Status | None:
    """How a count stands against what is usual, as a status with its shape; none where nothing is known of that."""
    if one.usual is None:
        return None
    if one.far:
        return Status("risk", _("Far above usual"))
    return Status("ok", _("Above usual") if one.rises else _("As usual"))


def exercise() -> Status:
    """What stands on everything that is not real."""
    return Status("risk", _("EXERCISE"))


def far(value: int, *before: int) -> Status | None:
    """A warning where a count is twice what it was each time before, or more; none with nothing to compare."""
    is_far = value >= FAR_FEWEST and all(one and value >= FAR * one for one in before)
    return Status("risk", _("Far above usual")) if is_far else None


def mood(tone: NetSentiment) -> Status | None:
    """A warning where more than half of what was scored is negative, in whole per cent as it is shown."""
    mostly = tone.n >= ENOUGH and round(100 * tone.negative / tone.n) > 50
    return Status("risk", _("Mostly negative")) if mostly else None


def kept(kept: Attainment) -> Status | None:
    """A warning where fewer promises were kept than the bank means to keep; by the figure as it is shown."""
    least = settings.PROMISES_KEPT
    low = kept.n >= ENOUGH and round(kept.percent or 0) < least
    return Status("risk", _("Below %(n)s%%") % {"n": least}) if low else None


def missed(unanswered: int, late: int) -> Status:
    """How the work of the day before stands: what nobody has answered, or answers that came after their promise."""
    if unanswered:
        return Status("risk", _("Not answered yet"))
    return Status("risk", _("Answered too late")) if late else Status("ok", _("Nothing was missed"))


def tenths(value: float) -> str:
    """A number with one place after the point."""
    return number_format(value, decimal_pos=1, use_l10n=True)


def clock(moment: datetime, zone: ZoneInfo | None = None) -> str:
    """The time of the day, of the bank if no zone is given."""
    return moment.astimezone(zone or periods.bank_zone()).strftime("%H:%M")


def size(text: str) -> str:
    """How large words may be that have a line or two to themselves: "", long or longer."""
    wide = width(text)
    return "" if wide <= 12 else "long" if wide <= 22 else "longer"


def width(text: str) -> float:
    """About how wide a text is, in small letters: capitals and wide letters count more, East Asian ones twice."""
    return sum(_width(letter) for letter in text)


@lru_cache(maxsize=4096)
def _width(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF" or unicodedata.category(letter) == "So":
        return 2.1
    if unicodedata.combining(letter) or unicodedata.category(letter) in ("Mn", "Cf"):
        return 0
    if letter in "mwMW@%&":
        return 1.7
    return 1.3 if letter.isupper() else 1.0


def lines(text: str, across: float) -> int:
    """How many lines a text takes at most, where so many small letters fit into one."""
    return sum(_wrapped(line, across) for line in text.split("\n"))


def _wrapped(line: str, across: float) -> int:
    taken, room = 1, across
    for word in line.split(" "):
        long = width(word) + 1
        if long <= room:
            room -= long
        elif long <= across + 1:
            taken, room = taken + 1, across - long
        else:  # it is broken where a line ends, and may leave the line before it
            whole, rest = divmod(long, across)
            taken, room = taken + int(whole) + 1, across - rest
    return taken

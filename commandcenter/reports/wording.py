"""How figures are said: numbers, shares, spells of time and changes, in the reader's language."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Literal

from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from commandcenter import periods
from commandcenter.figures import SMALL_BASE, Change, Rate
from commandcenter.periods import Period
from commandcenter.reports import Figure
from commandcenter.reports.asking import Ask

NOTHING = "–"
MINUTE = timedelta(minutes=1)


def number(value: float) -> str:
    """A whole number with its thousands apart."""
    return _grouped(round(value), get_language())


@lru_cache(8192)
def _grouped(value: int, _language: str | None) -> str:
    """A page has a thousand numbers and far fewer different ones."""
    return number_format(value, decimal_pos=0, force_grouping=True)


def percent(value: float | None) -> str:
    """A share with one decimal; a whole one without. All or nothing is said only where it is so."""
    if value is None:
        return NOTHING
    rounded = min(99.9, max(0.1, round(value, 1))) if 0 < value < 100 else round(value, 1)
    return _("%(value)s%%") % {"value": number_format(rounded, decimal_pos=0 if rounded == int(rounded) else 1)}


def spell(seconds: float | None) -> str:
    """A length of time in its two largest units."""
    if seconds is None:
        return NOTHING
    whole = round(seconds)
    if whole < 60:
        return _("%(s)s s") % {"s": whole}
    if whole < 3600:
        return _("%(m)s min %(s)s s") % {"m": whole // 60, "s": f"{whole % 60:02}"}
    if whole < 86400:
        return _("%(h)s h %(m)s min") % {"h": whole // 3600, "m": f"{whole % 3600 // 60:02}"}
    return _("%(d)s d %(h)s h") % {"d": whole // 86400, "h": whole % 86400 // 3600}


def signed(value: float | None) -> str:
    """A score from -100 to +100 with its sign and one decimal."""
    if value is None:
        return NOTHING
    rounded = round(value, 1)
    sign = "+" if rounded > 0 else "−" if rounded < 0 else ""
    return f"{sign}{number_format(abs(rounded), decimal_pos=1)}"


def plus(value: float) -> str:
    """A change in whole numbers with its sign."""
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{number(abs(value))}"


def figure(one: Figure) -> str:
    """A figure as the page tells it."""
    if one.value is None:
        return NOTHING
    if one.unit == "percent":
        return percent(one.value)
    if one.unit in ("seconds", "total"):
        return spell(one.value)
    if one.unit == "each":
        return number_format(one.value, decimal_pos=2)
    if one.unit == "change":
        return plus(one.value)
    if one.unit == "points":
        return signed(one.value)
    return number(one.value)


def day(one: date) -> str:
    """A day with its weekday, short."""
    return _short(one, get_language())


@lru_cache(1024)
def _short(one: date, _language: str | None) -> str:
    return date_format(one, "D j M")


def part(one: Period) -> str:
    """A part of a period: a day, a week by its number and first day, a month; where it is cut off, its days."""
    if one.grain == "day":
        return day(one.first)
    if one.moved:
        return _span(one)
    whole = (one.last + timedelta(days=1)) == one.part_after()
    if one.grain == "week":
        days = date_format(one.first, "j M") if whole and one.first.weekday() == 0 else _span(one)
        return _("W%(week)s, %(days)s") % {"week": one.first.isocalendar().week, "days": days}
    if whole and one.first.day == 1:
        return date_format(one.first, "M Y")
    return f"{_span(one)} {one.first.year}"


def _span(one: Period) -> str:
    if one.first == one.last:
        return date_format(one.first, "j M")
    first = date_format(one.first, "j" if one.first.month == one.last.month else "j M")
    return f"{first}–{date_format(one.last, 'j M')}"


def grain(ask: Ask) -> str:
    """What the parts of the period are called, as the head of their column."""
    return {"day": _("Day"), "week": _("Week"), "month": _("Month")}[ask.period.grain]


def period(one: Period) -> str:
    """Which days, in words."""
    if one.first == one.last:
        days = date_format(one.first, "D j M Y")
    elif one.first.year == one.last.year:
        days = f"{date_format(one.first, 'D j M')} – {date_format(one.last, 'D j M Y')}"
    else:
        days = f"{date_format(one.first, 'D j M Y')} – {date_format(one.last, 'D j M Y')}"
    if one.complete:
        return days
    return _("%(days)s, %(time)s") % {"days": days, "time": clock(one.end - MINUTE)}


def clock(at: datetime) -> str:
    """A time on the bank's clock."""
    return at.astimezone(periods.bank_zone()).strftime("%H:%M")


def stamp(at: datetime) -> str:
    """A moment on the bank's clock."""
    return date_format(at.astimezone(periods.bank_zone()), "D j M Y, H:i")


def compared_with(ask: Ask) -> str:
    """Which period stands beside, in words: "the 7 days before"; nothing where none does.

    What is no whole weeks stands beside the same weekdays, and so not beside the very days before.
    """
    if ask.before is None:
        return ""
    if ask.compare == "year":
        return _("the same weeks last year")
    if ask.period.first == ask.period.last:
        return _("%(day)s") % {"day": day(ask.before.first)}
    if ask.period.length % 7:
        weeks = -(-ask.period.length // 7)
        return ngettext("the same weekdays a week before", "the same weekdays %(weeks)s weeks before", weeks) % {
            "weeks": weeks
        }
    return _("the %(days)s days before") % {"days": ask.period.length}


def change(value: int, base: int, ask: Ask, *, beside: str = "") -> str:
    """How a count differs from the period before, or from what else stands `beside` it by these words; in per cent only
    where the base bears it."""
    if ask.before is None:
        return ""
    told = Change(value, base)
    about = {"period": beside or compared_with(ask), "base": number(base), "diff": number(abs(told.absolute))}
    if told.absolute == 0:
        return _("the same as %(period)s (%(base)s)") % about
    if told.percent is None:
        words = (
            _("%(diff)s more than %(period)s (%(base)s)")
            if told.absolute > 0
            else _("%(diff)s fewer than %(period)s (%(base)s)")
        )
        return words % about
    if round(abs(told.percent)) == 0:
        return _("about as many as %(period)s (%(base)s)") % about
    about["percent"] = percent(round(abs(told.percent)))
    words = (
        _("%(percent)s more than %(period)s (%(base)s)")
        if told.absolute > 0
        else _("%(percent)s fewer than %(period)s (%(base)s)")
    )
    return words % about


def rate_change(
    now: Rate, then: Rate, ask: Ask, *, good: Literal["more", "less", ""] = "more", alike: bool = True
) -> str:
    """How a share differs, in points; only where both were taken of enough, and `alike`: what has had less time to come
    about is neither better nor worse. `good` says whether more of it or less is better, or that it is neither."""
    if ask.before is None:
        return ""
    about = {"period": compared_with(ask), "base": percent(then.percent), "n": number(then.n)}
    if not alike or now.percent is None or then.percent is None or min(now.n, then.n) < SMALL_BASE:
        return _("%(period)s: %(base)s of %(n)s") % about
    points = round(now.percent - then.percent, 1)
    about["points"] = number_format(abs(points), decimal_pos=1)
    if points == 0:
        return _("the same as %(period)s (%(base)s of %(n)s)") % about
    if not good:
        more, less = (
            _("%(points)s points more than %(period)s (%(base)s of %(n)s)"),
            _("%(points)s points less than %(period)s (%(base)s of %(n)s)"),
        )
        return (more if points > 0 else less) % about
    words = (
        _("%(points)s points better than %(period)s (%(base)s of %(n)s)")
        if (points > 0) == (good == "more")
        else _("%(points)s points worse than %(period)s (%(base)s of %(n)s)")
    )
    return words % about


def score_change(now: float | None, then: float | None, of: tuple[int, int], ask: Ask) -> str:
    """How a score from -100 to +100 differs, in points; only where both were taken `of` enough."""
    if ask.before is None:
        return ""
    about = {"period": compared_with(ask), "base": signed(then), "n": number(of[1])}
    if now is None or then is None or min(of) < SMALL_BASE:
        return _("%(period)s: %(base)s (n = %(n)s)") % about
    points = round(now - then, 1)
    about["points"] = number_format(abs(points), decimal_pos=1)
    if points == 0:
        return _("the same as %(period)s (%(base)s, n = %(n)s)") % about
    words = (
        _("%(points)s points better than %(period)s (%(base)s, n = %(n)s)")
        if points > 0
        else _("%(points)s points worse than %(period)s (%(base)s, n = %(n)s)")
    )
    return words % about


def spell_change(
    now: float | None,
    then: float | None,
    ask: Ask,
    *,
    of: tuple[int, int] | None = None,
    beside: str = "",
    alike: bool = True,
) -> str:
    """How a length of time differs from that of the period before, or of what else stands `beside` it.

    `of` is how many each is the median of: of too few it only stands there, and so does what is not `alike`, since the
    long ones of now still run. A single wait is of none.
    """
    if ask.before is None:
        return ""
    base = spell(then) if of is None else _("%(base)s, n = %(n)s") % {"base": spell(then), "n": number(of[1])}
    about = {"period": beside or compared_with(ask), "base": base}
    few = of is not None and min(of) < SMALL_BASE
    if few or not alike or now is None or then is None or round(now) == round(then):
        return _("%(period)s: %(base)s") % about
    about["diff"] = spell(abs(now - then))
    words = (
        _("%(diff)s longer than %(period)s (%(base)s)")
        if now > then
        else _("%(diff)s shorter than %(period)s (%(base)s)")
    )
    return words % about

"""Working calendars and due times: when an answer is due, and why.

Pure: values in, values out, no database. A calendar says when a team works, as blocks of wall time in a
zone. One definition rules everything here: **an instant is working time if a clock on that zone's wall then
shows a time inside a block of a day that is no holiday.** Daylight saving follows from it: an hour that the
clock skips holds no working time, an hour that it repeats is worked twice, as it really passes.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Final, Literal, NamedTuple, TypeAlias
from zoneinfo import ZoneInfo

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from mentions.reasons import kept

Blocks: TypeAlias = Mapping[int, Sequence[tuple[int, int]]]
Target: TypeAlias = Literal["first_response", "next_response", "resolution"]

MINUTES_A_DAY: Final = 24 * 60
SECONDS_A_DAY: Final = 24 * 60 * 60
EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
DAYS_SEARCHED: Final = 2 * 366

_DAYS_NAMED: Final = 3


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def _tidied(blocks: Blocks) -> dict[int, tuple[tuple[int, int], ...]]:
    """The blocks sorted, with those that touch joined; raises ValueError for what cannot be."""
    if not blocks:
        return dict.fromkeys(range(7), ((0, MINUTES_A_DAY),))
    tidy: dict[int, tuple[tuple[int, int], ...]] = {}
    for weekday, of_day in blocks.items():
        if weekday not in range(7):
            raise ValueError(f"Weekday {weekday} does not exist: 0 is Monday and 6 is Sunday.")
        joined: list[tuple[int, int]] = []
        for opens, closes in sorted(of_day):
            if not 0 <= opens < closes <= MINUTES_A_DAY:
                raise ValueError(
                    _(
                        "A block on %(day)s runs from minute %(opens)d to %(closes)d: it must end after it begins, "
                        "within 0 and 1440."
                    )
                    % {"day": WEEKDAYS[weekday], "opens": opens, "closes": closes}
                )
            if joined and opens < joined[-1][1]:
                overlap = {"day": WEEKDAYS[weekday], "time": _clock(opens)}
                raise ValueError(_("Two blocks on %(day)s overlap at %(time)s.") % overlap)
            if joined and opens == joined[-1][1]:
                joined[-1] = (joined[-1][0], closes)
            else:
                joined.append((opens, closes))
        if joined:
            tidy[weekday] = tuple(joined)
    if not tidy:
        raise ValueError(_("A calendar whose days are all closed never opens: give it at least one block."))
    return tidy


class Window(NamedTuple):
    """A stretch of working time: seconds since 1970 in UTC, and the local day (since 1970) it belongs to."""

    start: int
    stop: int
    day: int


@dataclass(frozen=True)
class Calendar:
    """When a team works.

    `zone` is an IANA name. `blocks` maps a weekday (0 is Monday) to blocks of wall time in minutes since
    midnight, end excluded, so (480, 1200) is 08:00 to 20:00 and (0, 1440) a whole day; a missing weekday is
    closed, but without any weekday at all nothing limits the hours: that is round the clock. On `holidays`
    (local dates) nothing is open. `name` is how explanations call these hours.

    Raises ValueError, with a sentence, for an unknown zone, blocks that overlap or lie outside the day, and
    weekdays without a single block between them, which would never open.
    """

    zone: str
    blocks: Blocks = field(hash=False)
    holidays: frozenset[date] = frozenset()
    name: str = ""

    def __post_init__(self) -> None:
        try:
            ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(_("There is no time zone '%(zone)s'.") % {"zone": self.zone}) from error
        object.__setattr__(self, "blocks", _tidied(self.blocks))

    @cached_property
    def tz(self) -> ZoneInfo:
        """The zone as Python knows it."""
        return ZoneInfo(self.zone)

    @cached_property
    def always(self) -> bool:
        """Whether every second counts."""
        return not self.holidays and all(self.blocks.get(weekday) == ((0, MINUTES_A_DAY),) for weekday in range(7))

    @cached_property
    def place(self) -> str:
        """The zone in a word: `New York`."""
        return self.zone.rpartition("/")[2].replace("_", " ")

    @cached_property
    def runs(self) -> tuple[tuple[int, int, tuple[tuple[int, int], ...]], ...]:
        """The week in runs of days with the same hours: first weekday, last weekday, blocks."""
        found: list[tuple[int, int, tuple[tuple[int, int], ...]]] = []
        for weekday in sorted(self.blocks):
            of_day = tuple(self.blocks[weekday])
            if found and found[-1][1] == weekday - 1 and found[-1][2] == of_day:
                found[-1] = (found[-1][0], weekday, of_day)
            else:
                found.append((weekday, weekday, of_day))
        return tuple(found)

    @cached_property
    def _days(self) -> dict[int, tuple[Window, ...]]:
        return {}

    def windows(self, day: int) -> tuple[Window, ...]:
        """The working time of one UTC day (counted from 1970), in order, without overlap.

        By UTC day and not by local day, because only those follow each other in order: a clock that is put
        back over midnight shows the end of a day again after the next has begun.
        """
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = tuple(self._computed(day))
        return known

    def _computed(self, day: int) -> Iterator[Window]:
        for start, stop, offset in _offsets(self.tz, day * SECONDS_A_DAY, (day + 1) * SECONDS_A_DAY):
            wall_start, wall_stop = start + offset, stop + offset
            for local in range(wall_start // SECONDS_A_DAY, (wall_stop - 1) // SECONDS_A_DAY + 1):
                if date.fromordinal(EPOCH_DAY + local) in self.holidays:
                    continue
                midnight = local * SECONDS_A_DAY
                for opens, closes in self.blocks.get(_weekday(local), ()):
                    first = max(wall_start, midnight + opens * 60)
                    last = min(wall_stop, midnight + closes * 60)
                    if first < last:
                        yield Window(first - offset, last - offset, local)


ALWAYS: Final = Calendar("UTC", {}, name="24/7")


@dataclass(frozen=True)
class Policy:
    """What a team has promised, in seconds of its calendar; None where it promises nothing.

    `by_priority` scales the targets: {1: 0.5} halves them at priority 1; a priority that is not named keeps
    them. `pause_when_pending` says whether waiting for the customer stops the clock (see `after_pause`).
    """

    name: str
    first_response_s: int | None
    next_response_s: int | None
    resolution_s: int | None
    by_priority: Mapping[int, float] = field(default_factory=dict, hash=False)
    pause_when_pending: bool = True
    calendar: Calendar = ALWAYS

    def promise(self, target: Target) -> int | None:
        """The promise for one target."""
        match target:
            case "first_response":
                return self.first_response_s
            case "next_response":
                return self.next_response_s
            case "resolution":
                return self.resolution_s
        raise ValueError(f"A policy has no target '{target}'.")


@dataclass(frozen=True, slots=True)
class Due:
    """When something is due (UTC), and why then (see `mentions.telling`)."""

    at: datetime
    why: str


def add_business(start: datetime, seconds: int, calendar: Calendar) -> datetime:
    """The first instant (UTC) by which `seconds` of working time have passed since `start`.

    Zero seconds is `start` itself. Raises ValueError if `start` has no zone, `seconds` is negative, or the
    calendar stays closed for two years on end.
    """
    return _walk(start, seconds, calendar)[0]


def business_seconds(start: datetime, stop: datetime, calendar: Calendar) -> float:
    """The working time between two instants, in seconds; 0.0 if `stop` is not after `start`.

    Raises ValueError if either has no zone.
    """
    first, last = _seconds(start), _seconds(stop)
    if last <= first:
        return 0.0
    if calendar.always:
        return last - first
    total = 0.0
    for day in range(int(first // SECONDS_A_DAY), int(last // SECONDS_A_DAY) + 1):
        for window in calendar.windows(day):
            if window.stop > first and window.start < last:
                total += min(window.stop, last) - max(window.start, first)
    return total


def after_pause(due_at: datetime, paused_at: datetime, resumed_at: datetime, calendar: Calendar) -> datetime:
    """The due time after a pause: what was left when the clock stopped is added where it starts again.

    What was already overdue when the pause began stays due when it was.
    """
    if due_at <= paused_at or resumed_at <= paused_at:
        return due_at.astimezone(UTC)
    left = business_seconds(paused_at, due_at, calendar)
    return add_business(resumed_at, round(left), calendar)


def due(policy: Policy, target: Target, start: datetime, priority: int) -> Due | None:
    """When `target` is due for a wait that began at `start`, and why; None if the policy does not promise it.

    Raises ValueError as `add_business` does, and for a target that the policy does not know.
    """
    promised = policy.promise(target)
    if promised is None:
        return None
    calendar = policy.calendar
    factor = policy.by_priority.get(priority, 1.0)
    seconds = promised if factor == 1.0 else round(promised * factor)
    at, parts = _walk(start, seconds, calendar)
    scaled = (promised, factor, priority) if factor != 1.0 else None
    if calendar.always:
        since = start if start.tzinfo is UTC and calendar.zone == "UTC" else start.astimezone(calendar.tz)
        return Due(at, kept("due", seconds, scaled, None, calendar.place, _minute(since)))
    since = start.astimezone(calendar.tz)
    hours = (calendar.name, calendar.runs)
    spread = _spread(since, parts, calendar)
    return Due(at, kept("due", seconds, scaled, hours, calendar.place, _minute(since), spread))


class _Part(NamedTuple):
    """Working seconds spent on one local day (since 1970), and when the first of them began."""

    day: int
    seconds: float
    began: float


def _walk(start: datetime, seconds: int, calendar: Calendar) -> tuple[datetime, Sequence[_Part]]:
    """Where `seconds` of working time from `start` end, and how they spread over days."""
    if seconds < 0:
        raise ValueError("Working time can only be added, not taken away.")
    if calendar.always or seconds == 0:
        if start.tzinfo is None:
            raise ValueError("A due time needs a start with a time zone.")
        # In UTC first: adding to a time in a zone moves its wall clock, not the time that passes.
        return (start if start.tzinfo is UTC else start.astimezone(UTC)) + timedelta(seconds=seconds), ()
    now = _seconds(start)
    left = float(seconds)
    parts: list[_Part] = []
    day = int(now // SECONDS_A_DAY)
    closed = 0
    while closed <= DAYS_SEARCHED:
        closed += 1
        for window in calendar.windows(day):
            if window.stop <= now:
                continue
            closed = 0
            begin = max(now, window.start)
            spent = min(left, window.stop - begin)
            if parts and parts[-1].day == window.day:
                parts[-1] = _Part(window.day, parts[-1].seconds + spent, parts[-1].began)
            else:
                parts.append(_Part(window.day, spent, begin))
            left -= spent
            if left <= 0:
                return datetime.fromtimestamp(begin + spent, UTC), parts
        day += 1
    raise ValueError(
        _("%(name)s never opens in the two years after %(since)s: every working day is a holiday.")
        % {"name": calendar.name or _("This calendar"), "since": _minute(start)}
    )


def _seconds(instant: datetime) -> float:
    if instant.tzinfo is None:
        raise ValueError("A due time needs a start with a time zone.")
    return instant.timestamp()


def _weekday(day: int) -> int:
    """The weekday of a day counted from 1970, which began on a Thursday."""
    return (day + 3) % 7


def _offsets(zone: ZoneInfo, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """The stretches from `start` to `stop` within which the zone's offset from UTC stays the same."""
    since, offset = start, _offset(zone, start)
    for before, after in pairwise(range(start, stop + 1, 2 * 60 * 60)):
        if _offset(zone, after) == offset:
            continue
        while after - before > 1:
            middle = (before + after) // 2
            before, after = (middle, after) if _offset(zone, middle) == offset else (before, middle)
        if after < stop:
            yield since, after, offset
            since, offset = after, _offset(zone, after)
    yield since, stop, offset


def _offset(zone: ZoneInfo, instant: int) -> int:
    offset = datetime.fromtimestamp(instant, zone).utcoffset()
    return int(offset.total_seconds()) if offset else 0


def _minute(instant: datetime) -> str:
    return instant.isoformat(" ")[:16]


def _spread(since: datetime, parts: Sequence[_Part], calendar: Calendar) -> list[tuple[object, ...]]:
    """How the time spreads over days: what of it falls on the first, between and on the last, and what was shut."""
    if not parts:
        return []
    first, last, between = parts[0], parts[-1], parts[1:-1]
    today = since.toordinal() - EPOCH_DAY
    clauses: list[tuple[object, ...]] = []
    if first.began > since.timestamp():
        opens = datetime.fromtimestamp(first.began, calendar.tz)
        clauses.append(("shut", _iso(first.day), opens.hour * 60 + opens.minute))
    if len(parts) > 1:
        only = _iso(between[0].day) if len(between) == 1 else ""
        middle = (len(between), sum(part.seconds for part in between), only) if between else ()
        clauses.append(("over", first.seconds, _iso(first.day), middle, _iso(last.day)))
    elif not clauses:
        clauses.append(("all", _iso(first.day)))
    if closed := _closed_days(today, last.day, calendar):
        clauses.append(("holidays", [_iso(day) for day in closed[:_DAYS_NAMED]], max(len(closed) - _DAYS_NAMED, 0)))
    return clauses


def _closed_days(first: int, last: int, calendar: Calendar) -> list[int]:
    """The holidays between two days on which the team would have worked."""
    if not calendar.holidays:
        return []
    return [
        day
        for day in range(first, last + 1)
        if date.fromordinal(EPOCH_DAY + day) in calendar.holidays and calendar.blocks.get(_weekday(day))
    ]


def _iso(day: int) -> str:
    return date.fromordinal(EPOCH_DAY + day).isoformat()

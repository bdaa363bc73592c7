"""What somebody asked a report: the address' parameters, checked, as values.

Whatever is wrong with an address is said in a sentence (`Unclear`); a team or queue that the person does not see
is not there (`Http404`), so that its existence is not told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from urllib.parse import quote_plus

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents import access
from agents.models import Site, Team, User
from commandcenter import asof, periods
from commandcenter.periods import Grain, Period
from commandcenter.populations import Filters

Compare = Literal["previous", "year", "none"]

DEFAULT_DAYS = 7
LONGEST_DAYS = 400
EARLIEST = date(2006, 1, 1)  # before the first network there was nothing to listen to
UNKNOWN = "-"  # in an address: a mention whose language nobody could tell
YEAR_DAYS = 364  # fifty-two weeks, so that weekday meets weekday
_GRAINS: dict[str, Grain] = {"day": "day", "week": "week", "month": "month"}
BY_DAY = 120  # days; what is longer is told by week unless it is asked otherwise
_COMPARES: dict[str, Compare] = {"previous": "previous", "year": "year", "none": "none"}
SEVERAL = ("team", "queue", "network", "language", "site")  # of these an address may name more than one
MOST = 20  # values of one filter
_SHAPES = {"network": r"[a-z0-9_-]{1,32}", "language": r"[A-Za-z-]{1,8}", "topic": r"[\w -]{1,40}"}


class Unclear(Exception):
    """The question cannot be understood; `reasons` are sentences for the person."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


@dataclass(frozen=True, slots=True)
class Ask:
    """A checked question. `chosen` holds the values of each filter as the address spells them, empty ones left out.

    `as_of` asks for the figures as they were known then, and `now` is that moment; None asks for today's.
    """

    report: str
    period: Period
    before: Period | None
    compare: Compare
    filters: Filters
    chosen: Mapping[str, tuple[str, ...]]
    now: datetime
    as_of: datetime | None = None

    def address(self, **changed: str) -> str:
        """The query that asks the same, with changes; an empty value takes a parameter away."""
        asked: dict[str, tuple[str, ...]] = {"from": (self.period.first.isoformat(),)}
        asked |= {"to": (self.period.last.isoformat(),)}
        asked |= {"compare": (self.compare,)} | dict(self.chosen)
        asked |= {name: (value,) for name, value in changed.items()}
        return "&".join([f"{name}={_quoted(value)}" for name, values in asked.items() for value in values if value])

    def at(self, now: datetime) -> Ask:
        """The same question of a live report, asked a little later."""
        period = replace(Period.of(self.period.first, self.period.last, now=now), grain=self.period.grain)
        return replace(self, now=now, period=period, before=_beside(period, self.compare))

    def same_again(self) -> str:
        """The query that shows exactly these figures, whatever happens later."""
        return self.address(as_of=(self.as_of or self.now).astimezone(UTC).isoformat().replace("+00:00", "Z"))


PARAMETERS = ("from", "to", "team", "queue", "network", "language", "topic", "site", "compare", "grain", "as_of")


def read(
    report: str,
    given: QueryDict,
    *,
    by: User,
    now: datetime,
    also: tuple[str, ...] = (),
    without: frozenset[str] = frozenset(),
) -> Ask:
    """The question that an address asks. `also` names further parameters that the caller reads itself.

    `without` names filters that mean nothing to the report.

    Raises:
        Unclear: a parameter is unknown, not understood, or has more values than it may have.
        Http404: a team or queue that this person does not see.
    """
    reasons = [
        _("This report has no filter “%(name)s”.") % {"name": name[:40]}
        for name in given
        if name in without or (name not in PARAMETERS and name not in also)
    ]
    reasons += [
        _("“%(name)s” is given more than once.") % {"name": name}
        for name in PARAMETERS
        if name not in SEVERAL and len(set(given.getlist(name))) > 1
    ]
    chosen = {name: values for name in PARAMETERS if (values := _values(given, name))}
    reasons += [
        _("“%(name)s” is given more than %(most)s times.") % {"name": name, "most": MOST}
        for name, values in chosen.items()
        if len(values) > MOST
    ]
    single = {name: values[-1] for name, values in chosen.items() if name not in SEVERAL}
    as_of = _as_of(single, now, reasons)
    if as_of is None:
        chosen.pop("as_of", None)
    now = as_of or now
    period = _period(single, now, reasons)
    compare = _COMPARES.get(single.get("compare", "previous"))
    grain = _GRAINS.get(single.get("grain", "week" if period and period.length > BY_DAY else "day"))
    if grain is None:
        reasons.append(_("“grain” is one of %(names)s.") % {"names": ", ".join(_GRAINS)})
    if compare is None:
        reasons.append(_("“compare” is one of %(names)s.") % {"names": ", ".join(_COMPARES)})
    for name, shape in _SHAPES.items():
        for value in chosen.get(name, ()):
            if not re.fullmatch(shape, value):
                reasons.append(_("“%(value)s” is not a %(name)s.") % {"value": value[:40], "name": name})
    if reasons:
        raise Unclear(reasons)
    assert period is not None
    assert compare is not None
    assert grain is not None
    period = replace(period, grain=grain)
    return Ask(
        report=report,
        period=period,
        before=_beside(period, compare),
        compare=compare,
        filters=Filters(
            queues=_queues(chosen, by, as_of),
            networks=chosen.get("network"),
            languages=tuple("" if one == UNKNOWN else one for one in chosen.get("language", ())) or None,
            topic=single.get("topic"),
        ),
        chosen={name: values for name, values in chosen.items() if name not in ("from", "to", "compare")},
        now=now,
        as_of=as_of,
    )


def _values(given: QueryDict, name: str) -> tuple[str, ...]:
    """What an address says for a parameter, each value once and empty ones left out."""
    return tuple(dict.fromkeys(value for one in given.getlist(name) if (value := str(one).strip())))


def _beside(period: Period, compare: Compare) -> Period | None:
    return {"previous": period.before(), "year": period.back(YEAR_DAYS), "none": None}[compare]


def moment(value: str, name: str) -> datetime:
    """A moment in an address, to the minute. Raises `Unclear`."""
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or not EARLIEST.year <= found.year <= EARLIEST.year + 100:
        raise Unclear([_("“%(name)s” is a moment such as 2026-11-21T10:15Z.") % {"name": name}])
    return found.astimezone(UTC)


@lru_cache(4096)
def _quoted(value: str) -> str:
    """A value as addresses carry it; a page has two thousand addresses and few values."""
    return quote_plus(value)


def spelled(at: datetime) -> str:
    """A moment as addresses carry it."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")


def _as_of(chosen: Mapping[str, str], now: datetime, reasons: list[str]) -> datetime | None:
    """The past moment whose knowledge is asked for: a day means its end. Days that are not over mean now."""
    if "as_of" not in chosen:
        return None
    try:
        asked = periods.midnight(date.fromisoformat(chosen["as_of"]) + timedelta(days=1))
    except (ValueError, OverflowError):
        try:
            asked = moment(chosen["as_of"], "as_of")
        except Unclear as unclear:
            reasons += unclear.reasons
            return None
    if asked.year < EARLIEST.year:
        reasons.append(_("Nothing was known before %(day)s.") % {"day": date_format(EARLIEST)})
        return None
    return asked if asked < now else None


def _period(chosen: Mapping[str, str], now: datetime, reasons: list[str]) -> Period | None:
    today = periods.bank_day(now)
    days: dict[str, date] = {}
    for name in ("from", "to"):
        if name not in chosen:
            continue
        try:
            days[name] = date.fromisoformat(chosen[name])
        except ValueError:
            reasons.append(_("“%(name)s” is a day such as %(example)s.") % {"name": name, "example": today.isoformat()})
            return None
    last = days.get("to", max(today, days.get("from", today)))
    first = days.get("from", last - timedelta(days=min(DEFAULT_DAYS - 1, max((last - EARLIEST).days, 0))))
    if first > today:
        reasons.append(_("The period begins in the future: %(day)s.") % {"day": date_format(first)})
    elif last < first:
        reasons.append(_("The period ends before it begins."))
    elif first < EARLIEST or (last - first).days >= LONGEST_DAYS:
        reasons.append(_("Ask for at most %(days)s days.") % {"days": LONGEST_DAYS})
    else:
        return Period.of(first, min(last, today), now=now)
    return None


def _queues(chosen: Mapping[str, tuple[str, ...]], by: User, as_of: datetime | None) -> tuple[int, ...] | None:
    """The queues to look at: those of the person's teams, then of the teams and the queues that they chose.

    What a person may see is decided by today; whose queue it was, by the day that is asked for.
    """
    if access.sees_all(by) and not {"team", "queue", "site"} & chosen.keys():
        return None
    seen = access.queues_for(by)
    if "queue" in chosen:
        found = _named(seen, chosen["queue"])
        if found is None:
            raise Http404(_("There is no such queue."))
        seen = seen.filter(pk__in=found)
    teams: set[int] | None = None
    if "team" in chosen:
        teams = _named(access.teams_for(by), chosen["team"])
        if teams is None:
            raise Http404(_("There is no such team."))
    if "site" in chosen:
        if _named(Site.objects.all(), chosen["site"]) is None:
            raise Http404(_("There is no such site."))
        there = set(teams_at(chosen["site"]).values_list("pk", flat=True))
        teams = there if teams is None else teams & there
    queues = set(seen.values_list("pk", flat=True))
    if teams is not None:
        queues &= {queue for queue, team in asof.home_teams(as_of).items() if team in teams}
    return tuple(sorted(queues))


def _named(among: QuerySet[Any], slugs: Sequence[str]) -> set[int] | None:
    """The rows (ids) of these slugs; None where one of them is not there."""
    found = dict(among.filter(slug__in=[slug for slug in slugs if _plain(slug)]).values_list("slug", "pk"))
    return set(found.values()) if found.keys() == set(slugs) else None


def teams_at(sites: Sequence[str]) -> QuerySet[Team]:
    """The teams of which somebody works at these sites, today: their home queues are what a site's figures are made
    of."""
    return Team.objects.filter(people__site__slug__in=sites, people__is_active=True).distinct()


def _plain(slug: str) -> bool:
    return bool(re.fullmatch(r"[\w-]{1,60}", slug))

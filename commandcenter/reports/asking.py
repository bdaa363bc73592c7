"""What somebody asked a report: the address' parameters, checked, as values.

Whatever is wrong with an address is said in a sentence (`Unclear`); a team or queue that the person does not see
is not there (`Http404`), so that its existence is not told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Literal
from urllib.parse import quote_plus

from django.db.models import QuerySet
from django.http import Http404, QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents import access
from agents.models import Site, Team, User
from commandcenter import asof, periods
from commandcenter.periods import Period
from commandcenter.populations import Filters

Compare = Literal["previous", "year", "none"]

DEFAULT_DAYS = 7
LONGEST_DAYS = 400
EARLIEST = date(2006, 1, 1)  # before the first network there was nothing to listen to
UNKNOWN = "-"  # in an address: a mention whose language nobody could tell
YEAR_DAYS = 364  # fifty-two weeks, so that weekday meets weekday
_COMPARES: dict[str, Compare] = {"previous": "previous", "year": "year", "none": "none"}
_SHAPES = {"network": r"[a-z0-9_-]{1,32}", "language": r"[A-Za-z-]{1,8}", "topic": r"[\w -]{1,40}"}


class Unclear(Exception):
    """The question cannot be understood; `reasons` are sentences for the person."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(" ".join(reasons))


@dataclass(frozen=True, slots=True)
class Ask:
    """A checked question. `chosen` holds the filters as the address spells them, empty ones left out.

    `as_of` asks for the figures as they were known then, and `now` is that moment; None asks for today's.
    """

    report: str
    period: Period
    before: Period | None
    compare: Compare
    filters: Filters
    chosen: Mapping[str, str]
    now: datetime
    as_of: datetime | None = None

    def address(self, **changed: str) -> str:
        """The query that asks the same, with changes; an empty value takes a parameter away."""
        asked = {"from": self.period.first.isoformat(), "to": self.period.last.isoformat()}
        asked |= {"compare": self.compare} | dict(self.chosen) | changed
        return "&".join([f"{name}={_quoted(value)}" for name, value in asked.items() if value])

    def at(self, now: datetime) -> Ask:
        """The same question of a live report, asked a little later."""
        period = Period.of(self.period.first, self.period.last, now=now)
        return replace(self, now=now, period=period, before=_beside(period, self.compare))

    def same_again(self) -> str:
        """The query that shows exactly these figures, whatever happens later."""
        return self.address(as_of=(self.as_of or self.now).astimezone(UTC).isoformat().replace("+00:00", "Z"))


PARAMETERS = ("from", "to", "team", "queue", "network", "language", "topic", "site", "compare", "as_of")


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
        Unclear: a parameter is unknown, doubled or not understood.
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
        if len(set(given.getlist(name))) > 1
    ]
    chosen = {name: value for name in PARAMETERS if (value := str(given.get(name, "")).strip())}
    as_of = _as_of(chosen, now, reasons)
    now = as_of or now
    period = _period(chosen, now, reasons)
    compare = _COMPARES.get(chosen.pop("compare", "previous"))
    if compare is None:
        reasons.append(_("“compare” is one of %(names)s.") % {"names": ", ".join(_COMPARES)})
    for name, shape in _SHAPES.items():
        if name in chosen and not re.fullmatch(shape, chosen[name]):
            reasons.append(_("“%(value)s” is not a %(name)s.") % {"value": chosen[name][:40], "name": name})
    if reasons:
        raise Unclear(reasons)
    assert period is not None
    assert compare is not None
    return Ask(
        report=report,
        period=period,
        before=_beside(period, compare),
        compare=compare,
        filters=Filters(
            queues=_queues(chosen, by, as_of),
            network=chosen.get("network"),
            language="" if chosen.get("language") == UNKNOWN else chosen.get("language"),
            topic=chosen.get("topic"),
        ),
        chosen={name: value for name, value in chosen.items() if name not in ("from", "to")},
        now=now,
        as_of=as_of,
    )


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


def _as_of(chosen: dict[str, str], now: datetime, reasons: list[str]) -> datetime | None:
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
    if asked >= now:
        del chosen["as_of"]
        return None
    return asked


def _period(chosen: dict[str, str], now: datetime, reasons: list[str]) -> Period | None:
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


def _queues(chosen: Mapping[str, str], by: User, as_of: datetime | None) -> tuple[int, ...] | None:
    """The queues to look at: those of the person's teams, then of the team and the queue that they chose.

    What a person may see is decided by today; whose queue it was, by the day that is asked for.
    """
    if access.sees_all(by) and not {"team", "queue", "site"} & chosen.keys():
        return None
    seen = access.queues_for(by)
    if "queue" in chosen:
        if not _plain(chosen["queue"]) or not seen.filter(slug=chosen["queue"]).exists():
            raise Http404(_("There is no such queue."))
        seen = seen.filter(slug=chosen["queue"])
    teams: set[int] | None = None
    if "team" in chosen:
        team = access.teams_for(by).filter(slug=chosen["team"][:40]).first() if _plain(chosen["team"]) else None
        if team is None:
            raise Http404(_("There is no such team."))
        teams = {team.pk}
    if "site" in chosen:
        if not _plain(chosen["site"]) or not Site.objects.filter(slug=chosen["site"][:40]).exists():
            raise Http404(_("There is no such site."))
        there = set(teams_at(chosen["site"]).values_list("pk", flat=True))
        teams = there if teams is None else teams & there
    found = set(seen.values_list("pk", flat=True))
    if teams is not None:
        found &= {queue for queue, team in asof.home_teams(as_of).items() if team in teams}
    return tuple(sorted(found))


def teams_at(site: str) -> QuerySet[Team]:
    """The teams of which somebody works at a site, today: their home queues are what a site's figures are made of."""
    return Team.objects.filter(people__site__slug=site, people__is_active=True).distinct()


def _plain(slug: str) -> bool:
    return bool(re.fullmatch(r"[\w-]{1,60}", slug))

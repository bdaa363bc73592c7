"""System: whether what the other screens show can be believed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django_stubs_ext import StrPromise

from commandcenter import canary, devices
from commandcenter.models import CanaryRun, Profile, Screen
from commandcenter.scenes import Scene, _posts, _wording
from commandcenter.scenes._wording import Status
from mentions.models import Origin, Source
from mentions.sources.health import State, health

MOST_ROWS = 5
LAG_OF = 500  # the newest mentions, of which the lag is told
LAG_WITHIN = timedelta(minutes=15)
LITTLE = 20  # per cent of a quota
# What the set-up page says at length, in a word.
_SHORT: Mapping[State, tuple[str, StrPromise]] = {
    "blind": ("late", gettext_lazy("Blind")),
    "reauthorise": ("late", gettext_lazy("Needs keys")),
    "late": ("risk", gettext_lazy("Late")),
    "live": ("ok", gettext_lazy("Live")),
    "paused": ("none", gettext_lazy("Paused")),
    "disconnected": ("none", gettext_lazy("Left")),
    "new": ("none", gettext_lazy("Nothing yet")),
}
_WORST = {"late": 0, "risk": 1, "none": 2, "ok": 3}


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """Sources, the worst first; how long posts take to get here; the canary; quotas; screens."""
    sources = list(Source.objects.filter(origin=Origin.LIVE, disconnected_at=None).order_by("name"))
    standing = sorted(((_source(one, now), one) for one in sources), key=lambda pair: _WORST[pair[0].state])
    median, p90, n = _lag(now)
    return {
        "status": _worst([status for status, _source in standing]),
        "total": _wording.number(len(sources)),
        "rows": [_row(status, one, now) for status, one in standing[:MOST_ROWS]],
        "shown": _wording.number(MOST_ROWS),
        "more": _wording.number(len(sources) - MOST_ROWS) if len(sources) > MOST_ROWS else "",
        "lag": {"median": _seconds(median), "p90": _seconds(p90), "n": _wording.number(n), "none": n == 0},
        "canary": _canary(),
        "screens": _screens(now),
        "quota": _tightest(sources),
    }


def _source(source: Source, now: datetime) -> Status:
    """How a source stands, as its set-up page says; keys that still hold for some days are a warning."""
    found = health(source, now=now)
    state, words = _SHORT[found.state]
    return Status("risk" if found.state == "reauthorise" and source.refused_at is None else state, str(words))


def _worst(standing: list[Status]) -> dict[str, Any]:
    """The one thing to know: how many sources do not see, or that all do."""
    blind, late = (sum(one.state == state for one in standing) for state in ("late", "risk"))
    if blind:
        words = ngettext("%(n)s source is blind", "%(n)s sources are blind", blind)
        return {"state": "late", "words": words % {"n": _wording.number(blind)}}
    if late:
        words = ngettext("%(n)s source is late", "%(n)s sources are late", late)
        return {"state": "risk", "words": words % {"n": _wording.number(late)}}
    if not standing:
        return {"state": "none", "words": _("No source is connected")}
    unheard = sum(one.state == "none" for one in standing)
    if unheard == len(standing):
        return {"state": "none", "words": _("No source is heard")}
    if unheard:
        words = ngettext("%(n)s source is not heard", "%(n)s sources are not heard", unheard)
        return {"state": "risk", "words": words % {"n": _wording.number(unheard)}}
    return {"state": "ok", "words": _("Every source is heard")}


def _row(status: Status, source: Source, now: datetime) -> dict[str, Any]:
    since = source.blind_since or source.late_since
    return {
        "name": source.name,
        "network": _posts.network_title(source.network),
        "status": status,
        "since": _wording.clock(since) if since is not None and source.active else "",
        "for": _wording.since(since, now) if since is not None and source.active else (),
        "heard": _wording.since(source.last_post_at or source.last_ok_at, now),
        "quota": _left(source),
    }


def _left(source: Source) -> str:
    share = _quota(source)
    return _wording.percent(share) if share is not None else _wording.NOTHING


def _quota(source: Source) -> float | None:
    """Per cent of what the network lets us ask that is left; None where it does not say."""
    limit, remaining = source.quota.get("limit"), source.quota.get("remaining")
    return 100 * remaining / limit if limit and remaining is not None else None


def _tightest(sources: list[Source]) -> dict[str, Any] | None:
    told = [(share, source) for source in sources if (share := _quota(source)) is not None]
    if not told:
        return None
    share, source = min(told, key=lambda pair: pair[0])
    return {
        "value": _wording.percent(share),
        "name": source.name,
        "status": Status("risk", _("Little left")) if share < LITTLE else Status("ok", _("Enough left")),
    }


def _lag(now: datetime) -> tuple[float | None, float | None, int]:
    """Seconds from the network's time of a post to ours, of the newest ones: median, 90th percentile, n."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY lag), "
            "percentile_cont(0.9) WITHIN GROUP (ORDER BY lag), count(*) "
            "FROM (SELECT extract(epoch FROM received_at - occurred_at)::float AS lag, received_at "
            "FROM mentions_mention WHERE origin = 'live' ORDER BY id DESC LIMIT %s) m WHERE received_at > %s",
            [LAG_OF, now - LAG_WITHIN],
        )
        median, p90, n = cursor.fetchone()
        return median, p90, n


def _seconds(value: float | None) -> tuple[tuple[str, str], ...]:
    if value is None:
        return ((_wording.NOTHING, ""),)
    if value < 100:
        return ((_wording.number(round(value)), _("s")),)
    return _wording.duration(timedelta(seconds=value))


def _canary() -> dict[str, Any]:
    age, flight = canary.age(), canary.flight()
    if age is None:
        lost = canary.tried_for() > CanaryRun.STALE_S
        status = Status("late", _("It never arrived")) if lost else Status("none", _("None has flown yet"))
        return {"status": status, "flight": "", "age": ()}
    late = age > CanaryRun.STALE_S
    return {
        "status": Status("late", _("It did not arrive")) if late else Status("ok", _("It arrives")),
        "flight": "" if flight is None else _wording.tenths(flight),
        "age": _seconds(age),
    }


def _screens(now: datetime) -> dict[str, Any] | None:
    """How many of those that have ever been on are here; one that waits to be switched on is no fault."""
    screens = Screen.objects.filter(revoked_at=None).exclude(profile=Profile.STREET, confirmed_by=None)
    seen = list(screens.values_list("seen_at", flat=True))
    if not seen:
        return None
    known = [at for at in seen if at is not None]
    here = sum(now - at < devices.CONTACT for at in known)
    off = len(seen) - len(known)
    return {
        "here": _wording.number(here) if known else _wording.NOTHING,
        "total": _wording.number(len(known)) if known else "",
        "off": ngettext("%(n)s not switched on yet", "%(n)s not switched on yet", off) % {"n": _wording.number(off)}
        if off
        else "",
        "status": _standing(here, len(known)) if known else None,
    }


def _standing(here: int, known: int) -> Status:
    return Status("ok", _("All are here")) if here == known else Status("risk", _("Some are silent"))


SCENE = Scene(
    title=gettext_lazy("System"),
    purpose=gettext_lazy("The administrator repairs a source that is blind; until then nobody trusts a calm wall."),
    listens_to=("source.", "screen.", "mention."),
    context=context,
    strangers=False,
    figures=("sources", "ingest_lag", "canary"),
    pace_s=5.0,
)

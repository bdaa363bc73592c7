"""What may be an incident: computed from figures, said in words with n, raised once, dismissed with a reason.

A topic, a place or phishing that is far above the same hours of the last weeks and lasts longer than a minute, and a
source that has been blind for long.
What is usual and the window it is compared in are those of the walls (`commandcenter.usual`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone, translation
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from agents import access, alerts
from agents.alerts import wording
from agents.cases import Refused
from agents.models import AlertKind, User
from commandcenter import places, usual
from commandcenter.models import Suggestion
from commandcenter.populations import NOT_A_RIVAL
from commandcenter.usual import Against, Span
from mentions import events, scrub
from mentions.events import SYSTEM, Actor
from mentions.models import Origin, Source
from mentions.naming import topic as topic_title

FEWEST = 15
STRONG = 5.0  # in units of what chance alone makes of a count of that size
BLIND_FOR = timedelta(minutes=10)
OVER_AFTER = timedelta(minutes=45)
Kind = Suggestion.Kind


@dataclass(frozen=True, slots=True)
class Finding:
    """Something unusual right now; `figures` are what its reason is said with."""

    kind: str
    subject: str
    figures: dict[str, Any] = field(default_factory=dict)
    source: Source | None = None


def unusual(against: Against) -> bool:
    """Whether a count is worth interrupting somebody: enough posts, at least twice as many as usual, not by chance."""
    return against.far and against.value >= FEWEST and against.strength >= STRONG


def lasts(against: Against, busiest: int) -> bool:
    """Whether it is unusual without the `busiest` minute too: what comes all at once and no more is none that grows."""
    return unusual(replace(against, value=against.value - busiest))


def look(*, now: datetime | None = None) -> None:
    """The listener's loop: raise what is unusual, keep it up to date, end what is over."""
    moment = now or timezone.now()
    for finding in list(findings(moment)):
        _raise(finding, moment)
    for old in Suggestion.objects.filter(over_at=None, last_at__lt=moment - OVER_AFTER):
        with transaction.atomic():
            Suggestion.objects.filter(pk=old.pk, over_at=None).update(over_at=moment)
            alerts.over(AlertKind.SPIKE, f"suggestion:{old.pk}", now=moment)
            _tell("suggestion.over", old, SYSTEM, moment)


def findings(now: datetime) -> Iterator[Finding]:
    """Everything unusual at this moment."""
    span = usual.window(now)
    since = span[0].isoformat()
    _total, topics = usual.topics(now)
    _all, _placed, states, countries = places.told(now)
    there = [*states, *(one for one in countries if one.key not in ("", places.HOME))]
    for kind, counts in ((Kind.TOPIC, topics), (Kind.PLACE, there), (Kind.PHISHING, [_phishing(span)])):
        for against in counts:
            if unusual(against) and lasts(against, _busiest(kind, against.key, span, now)):
                figures = {"value": against.value, "usual": round(against.usual or 0, 1), "since": since}
                yield Finding(kind, against.key, figures)
    for source in Source.objects.filter(origin=Origin.LIVE, active=True, blind_since__lte=now - BLIND_FOR):
        assert source.blind_since is not None
        yield Finding(Kind.BLIND, source.slug, {"since": source.blind_since.isoformat()}, source)


def standing() -> list[Suggestion]:
    """What waits for somebody to say what it is, the newest first."""
    waiting = Suggestion.objects.filter(over_at=None, dismissed_at=None, incident=None).select_related("source")
    return list(waiting.order_by("-first_at"))


def dismiss(suggestion: Suggestion, *, why: str, by: User, now: datetime | None = None) -> None:
    """Somebody looked and it is none. It stays away until it is over; the first reason stands."""
    access.require(by, "run incidents")
    words = scrub.typed_line(why, 200)
    if not words:
        raise Refused(_("Say why it is no incident, so that the next one who looks knows."))
    moment = now or timezone.now()
    with transaction.atomic():
        changed = Suggestion.objects.filter(pk=suggestion.pk, dismissed_at=None, incident=None).update(
            dismissed_at=moment, dismissed_by=by, dismissed_why=words
        )
        if changed:
            alerts.over(AlertKind.SPIKE, f"suggestion:{suggestion.pk}", now=moment)
            events.record("suggestion.dismissed", at=moment, by=Actor.person(by.pk), data={"suggestion": suggestion.pk})


def title(suggestion: Suggestion) -> str:
    """What it is about, in a few words: a good first name for an incident."""
    if suggestion.kind == Kind.TOPIC:
        return str(topic_title(suggestion.subject))
    if suggestion.kind == Kind.PLACE:
        return _("Posts from %(place)s") % {"place": places.name(suggestion.subject)}
    if suggestion.kind == Kind.PHISHING:
        return _("A wave of phishing")
    return _("%(source)s is blind") % {"source": suggestion.source.name if suggestion.source else suggestion.subject}


def reason(suggestion: Suggestion) -> str:
    """Why it was raised, with its n; its beginning on the clock of the active zone."""
    began = datetime.fromisoformat(suggestion.figures["since"])
    return _reason(suggestion, wording.clock(began, beside=suggestion.first_at))


def _reason(suggestion: Suggestion, since: str) -> str:
    figures = suggestion.figures
    if suggestion.kind == Kind.BLIND:
        return _("Nothing has been heard since %(since)s; what is written there is not seen.") % {"since": since}
    value, before = figures["value"], figures["usual"]
    said = _("%(n)s posts since %(since)s; %(usual)s were usual in the same hours of the last %(weeks)d weeks.") % {
        "n": number_format(value),
        "since": since,
        "usual": number_format(before, decimal_pos=None if before == int(before) else 1).removesuffix(".0"),
        "weeks": usual.WEEKS,
    }
    if before >= 1:
        said += " " + _("That is %(times)s times as many.") % {"times": number_format(value / before, decimal_pos=1)}
    return said


def _busiest(kind: str, key: str, span: Span, now: datetime) -> int:
    """How many of a finding's posts came in one minute, at most."""
    if kind == Kind.PLACE:
        return max(places.minutes(now, key).values(), default=0)
    about = "m.topics @> ARRAY[%(key)s]::varchar[]" if kind == Kind.TOPIC else "m.phishing"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(n), 0) FROM (SELECT count(*) AS n FROM mentions_mention m WHERE m.origin = 'live' "
            f"AND m.{NOT_A_RIVAL} AND m.occurred_at >= %(start)s AND m.occurred_at < %(stop)s AND {about} "
            "GROUP BY date_trunc('minute', m.occurred_at)) g",
            {"start": span[0], "stop": span[1], "key": key},
        )
        return int(cursor.fetchone()[0])


def _phishing(span: Span) -> Against:
    value = _phishing_in([span])[0]
    weeks = [count for count in usual.once_a_minute("phishing", span, _usual_phishing) if count is not None]
    return Against("", value, sum(weeks) / len(weeks) if weeks else None)


def _usual_phishing(span: Span) -> list[int | None]:
    spans = usual.earlier(span)
    heard = usual.heard_weeks(spans)
    return [count if week in heard else None for week, count in enumerate(_phishing_in(spans))]


def _phishing_in(spans: list[Span]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM mentions_mention m WHERE m.origin = 'live' AND m.phishing "
            f"AND m.{NOT_A_RIVAL} AND m.occurred_at >= s.start AND m.occurred_at < s.stop) "
            "FROM unnest(%s::timestamptz[], %s::timestamptz[]) WITH ORDINALITY AS s(start, stop, place) ORDER BY place",
            [[start for start, _stop in spans], [stop for _start, stop in spans]],
        )
        return [count for (count,) in cursor.fetchall()]


def _raise(finding: Finding, now: datetime) -> None:
    with transaction.atomic():
        row, made = Suggestion.objects.get_or_create(
            kind=finding.kind,
            subject=finding.subject,
            over_at=None,
            defaults={"figures": finding.figures, "source": finding.source, "first_at": now, "last_at": now},
        )
        if not made:
            Suggestion.objects.filter(pk=row.pk).update(last_at=now, figures=finding.figures)
            return
        _tell("suggestion.raised", row, SYSTEM, now)
        if finding.kind != Kind.BLIND:  # a blind source alerts by itself, and sooner
            with translation.override(settings.LANGUAGE_CODE):
                words = f"{title(row)}: {_reason(row, wording.SINCE)}"
            about = {"words": words, "since": row.figures["since"], "path": "/incidents/"}
            alerts.raise_(AlertKind.SPIKE, f"suggestion:{row.pk}", about, now=now)


def _tell(kind: str, row: Suggestion, by: events.Actor, now: datetime) -> None:
    events.record(kind, at=now, by=by, source_id=row.source_id, data={"suggestion": row.pk, "kind": str(row.kind)})

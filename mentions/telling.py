"""Why a conversation is where it is and due when it is, and a post has its labels, told in the language of who reads.

The codes are those that `mentions.routing`, `mentions.sla` and `mentions.triage` keep (see `mentions.reasons`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

import orjson
from django.utils.dates import WEEKDAYS, WEEKDAYS_ABBR
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mentions import naming
from mentions.models import Kind
from mentions.sla import Calendar

_ACTIONABLE: Final = {"true": gettext_lazy("yes"), "false": gettext_lazy("no"), "undecided": gettext_lazy("undecided")}


def why(reason: str) -> str:
    """A kept reason in words; what was stored in words stands as it is."""
    if not reason.startswith('["'):
        return reason
    return _told(orjson.loads(reason))


def _length(seconds: float) -> str:
    """`1 hour 30 minutes`; seconds only where they matter."""
    hours, rest = divmod(round(seconds), 3600)
    minutes, left = divmod(rest, 60)
    units = (
        (hours, ngettext("%(n)d hour", "%(n)d hours", hours)),
        (minutes, ngettext("%(n)d minute", "%(n)d minutes", minutes)),
        (left, ngettext("%(n)d second", "%(n)d seconds", left)),
    )
    told = [unit % {"n": n} for n, unit in units if n]
    return " ".join(told) or ngettext("%(n)d minute", "%(n)d minutes", 0) % {"n": 0}


def _week(runs: Iterable[Sequence[Any]]) -> str:
    """`Mon–Fri 08:00–20:00, Sat 09:00–12:00 and 13:00–17:00`, of runs (first day, last day, blocks in minutes)."""
    return ", ".join(
        f"{_days(first, last)} {_and([_block(block) for block in blocks])}" for first, last, blocks in runs
    )


def opening(calendar: Calendar) -> str:
    """A calendar in words: `Care hours (Mon–Fri 08:00–20:00 New York)`."""
    return _("around the clock") if calendar.always else _hours(calendar.name, calendar.runs, calendar.place)


def _told(reason: Sequence[Any]) -> str:
    code, *values = reason
    return _CODES[code](*values)


def _and(items: Sequence[str]) -> str:
    if len(items) < 2:
        return "".join(items)
    return _("%(first)s and %(last)s") % {"first": ", ".join(items[:-1]), "last": items[-1]}


# --- Why here -------------------------------------------------------------------------------------------------------


def _rule(number: int, name: str, version: int, conditions: Iterable[Sequence[Any]]) -> str:
    return _("rule %(number)d “%(name)s”, version %(version)d: %(met)s") % {
        "number": number,
        "name": name,
        "version": version,
        "met": "; ".join(map(_told, conditions)) or _("it takes everything"),
    }


def _one(template: Any, called: Callable[[str], str] = str) -> Callable[[str], str]:
    return lambda value: template % {"value": called(value)}


def _of(named: Mapping[str, Any], template: Any) -> Callable[[str], str]:
    return _one(template, lambda value: str(named.get(value, value)))


def _topics(keys: Iterable[str]) -> str:
    return _("topic %(topics)s") % {"topics": ", ".join(naming.topic(key) for key in keys)}


def _urgency(level: int, least: int) -> str:
    return _("urgency %(level)d (at least %(least)d)") % {"level": level, "least": least}


def _reach(followers: int, least: int) -> str:
    several = ngettext("%(n)s follower (at least %(least)s)", "%(n)s followers (at least %(least)s)", followers)
    return several % {"n": _number(followers), "least": _number(least)}


def _rating(stars: int, most: int) -> str:
    return ngettext("%(n)d star (at most %(most)d)", "%(n)d stars (at most %(most)d)", stars) % {
        "n": stars,
        "most": most,
    }


def _quoted(template: Any) -> Callable[[Sequence[str], int], str]:
    def told(terms: Sequence[str], more: int = 0) -> str:
        listed = ", ".join(_("“%(term)s”") % {"term": term} for term in terms)
        if more:
            listed = ngettext("%(listed)s and %(n)d more", "%(listed)s and %(n)d more", more) % {
                "listed": listed,
                "n": more,
            }
        return str(template % {"words": listed})

    return told


def _number(value: int) -> str:
    return number_format(value, force_grouping=True)


# --- Why then -------------------------------------------------------------------------------------------------------


def _due(
    seconds: int,
    scaled: Sequence[Any] | None,
    calendar: tuple[str, Sequence[Any]] | None,
    place: str,
    since: str,
    spread: Iterable[Sequence[Any]] = (),
) -> str:
    time = _length(seconds)
    if scaled:
        promised, factor, priority = scaled
        time = _("%(time)s (%(promised)s × %(factor)s for priority %(priority)d)") % {
            "time": time,
            "promised": _length(promised),
            "factor": number_format(f"{factor:g}"),
            "priority": priority,
        }
    began = datetime.fromisoformat(since)
    about = {"time": time, "since": date_format(began, "j M Y, H:i"), "place": place}
    if calendar is None:
        return _("%(time)s around the clock after %(since)s %(place)s") % about
    told = _("%(time)s of %(hours)s after %(since)s") % (about | {"hours": _hours(*calendar, place)})
    clauses = [_CLAUSES[code](began.date(), *values) for code, *values in spread]
    return _("%(told)s: %(spread)s") % {"told": told, "spread": "; ".join(clauses)} if clauses else told


def _hours(name: str, runs: Iterable[Sequence[Any]], place: str) -> str:
    return _("%(name)s (%(week)s %(place)s)") % {
        "name": name or _("working hours"),
        "week": _week(runs),
        "place": place,
    }


def _shut(today: date, day: str, opens: int) -> str:
    return _("closed until %(day)s %(time)s") % {"day": _day(today, day), "time": _clock(opens)}


def _all(today: date, day: str) -> str:
    return _("all on %(day)s") % {"day": _day(today, day)}


def _over(today: date, seconds: float, day: str, between: Sequence[Any], last: str) -> str:
    """Spread over several days; `between` is how many lie in it, their time, and the only one's name."""
    spent = [_("%(time)s on %(day)s") % {"time": _length(seconds), "day": _day(today, day)}]
    if between:
        days, time, only = between
        about = {"time": _length(time), "n": days, "day": _day(today, only) if only else ""}
        spent.append(
            _("%(time)s on %(day)s") % about
            if only
            else ngettext(
                "%(time)s on the %(n)d working day after it", "%(time)s on the %(n)d working days after it", days
            )
            % about
        )
    return ", ".join([*spent, _("the rest on %(day)s") % {"day": _day(today, last)}])


def _holidays(today: date, days: Sequence[str], more: int) -> str:
    named = [_day(today, day) for day in days]
    if more:
        named.append(ngettext("%(n)d more day", "%(n)d more days", more) % {"n": more})
    several = ngettext("%(days)s is a holiday", "%(days)s are holidays", len(days) + more)
    return several % {"days": _and(named)}


def _day(today: date, day: str) -> str:
    """A day by its weekday, with its date once the weekday alone could be taken for another."""
    on = date.fromisoformat(day)
    return str(WEEKDAYS[on.weekday()]) if -1 < (on - today).days < 7 else date_format(on, "l j F")


def _days(first: int, last: int) -> str:
    names = [str(WEEKDAYS_ABBR[day]) for day in range(first, last + 1)]
    return f"{names[0]}–{names[-1]}" if len(names) > 1 else names[0]


def _block(block: Sequence[int]) -> str:
    return f"{_clock(block[0])}–{_clock(block[1])}"


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


# --- Why this label -------------------------------------------------------------------------------------------------


def _plainly(words: Any) -> Callable[[], str]:
    return lambda: str(words)


_LABELS: Final[dict[str, Callable[..., str]]] = {
    "together": lambda *parts: "; ".join(map(_told, parts)),
    "quoted": lambda words: _("'%(words)s'") % {"words": words},
    "loudest": lambda words: ", ".join(_("'%(words)s'") % {"words": word} for word in words),
    "matched": lambda words: _("matched '%(words)s'") % {"words": words},
    "about": lambda topic, words: _("%(topic)s: '%(words)s'") % {"topic": naming.topic(topic), "words": words},
    "script": _plainly(gettext_lazy("its script")),
    "letters": _plainly(gettext_lazy("its letters")),
    "small_words": lambda n: ngettext("%(n)d of its small words", "%(n)d of its small words", n) % {"n": n},
    "network_says": _plainly(gettext_lazy("the network says so")),
    "no_words": _plainly(gettext_lazy("no words")),
    "too_short": _plainly(gettext_lazy("too short to tell")),
    "punctuation": _plainly(gettext_lazy("its punctuation")),
    "no_lexicon": _plainly(gettext_lazy("no lexicon of this language")),
    "no_clear_words": _plainly(gettext_lazy("no clear words")),
    "no_strong_words": _plainly(gettext_lazy("no strong words")),
    "no_words_of_tone": _plainly(gettext_lazy("no words of tone")),
    "danger": lambda words: _("danger: '%(words)s'") % {"words": words},
    "happening": lambda words: _("happening now: '%(words)s'") % {"words": words},
    "negative": _plainly(gettext_lazy("negative")),
    "negative_before": lambda n: (
        ngettext("negative before %(n)s person", "negative before %(n)s people", n) % {"n": _number(n)}
    ),
    "seen_by": lambda n: ngettext("seen by %(n)s person", "seen by %(n)s people", n) % {"n": _number(n)},
    "private_message": _plainly(gettext_lazy("a private message")),
    "nothing_presses": _plainly(gettext_lazy("nothing presses")),
    "is_spam": _plainly(gettext_lazy("spam")),
    "is_phishing": _plainly(gettext_lazy("phishing")),
    "nothing_suspicious": _plainly(gettext_lazy("nothing suspicious")),
    "too_little": _plainly(gettext_lazy("too little to say so")),
    "reported": _plainly(gettext_lazy("somebody reports it")),
    "nothing_of_spam": _plainly(gettext_lazy("nothing of spam")),
    "only": lambda part: _("only %(part)s") % {"part": _told(part)},
    "hashtags": lambda n: ngettext("%(n)d hashtag", "%(n)d hashtags", n) % {"n": n},
    "with_link": _plainly(gettext_lazy("with a link")),
    "with_number": _plainly(gettext_lazy("with a number to call")),
    "with_sum": _plainly(gettext_lazy("with a sum")),
    "in_capitals": _plainly(gettext_lazy("in capitals")),
    "hidden_host": _plainly(gettext_lazy("an address that hides its host behind a name and @")),
    "bare_number": _plainly(gettext_lazy("a bare number for a host")),
    "reads_as": lambda host: _("an address that reads as '%(host)s'") % {"host": host},
    "looks_like": lambda name: _("an address that looks like '%(name)s' and is not the bank's") % {"name": name},
    "shortener": _plainly(gettext_lazy("a shortener")),
    "free_host": _plainly(gettext_lazy("a free host")),
    "ends_in": lambda ending: _("an address that ends in %(ending)s") % {"ending": ending},
    "says": lambda word: _("an address that says '%(word)s'") % {"word": word},
    "tangled_host": _plainly(gettext_lazy("a tangled host")),
}

_CLAUSES: Final[dict[str, Callable[..., str]]] = {"shut": _shut, "all": _all, "over": _over, "holidays": _holidays}
_CODES: Final[dict[str, Callable[..., str]]] = {
    "default": lambda: _("no rule matched, so the default queue takes it"),
    "rule": _rule,
    "muted": lambda _mute: _("its author is muted, so it waits for nobody"),
    "network": _one(gettext_lazy("network %(value)s"), naming.network),
    "source": _one(gettext_lazy("source %(value)s")),
    "visibility": _of(naming.VISIBILITIES, gettext_lazy("visibility %(value)s")),
    "kind": _of(dict(Kind.choices), gettext_lazy("kind %(value)s")),
    "language": _one(gettext_lazy("language %(value)s"), naming.language),
    "topic": _topics,
    "tone": _of(naming.TONES, gettext_lazy("tone %(value)s")),
    "urgency_min": _urgency,
    "reach_min": _reach,
    "rating_max": _rating,
    "words_any": _quoted(gettext_lazy("words %(words)s")),
    "words_all": _quoted(gettext_lazy("all of %(words)s")),
    "words_none": _quoted(gettext_lazy("without %(words)s")),
    "actionable": _of(_ACTIONABLE, gettext_lazy("actionable: %(value)s")),
    "spam": lambda wanted: _("spam") if wanted else _("no spam"),
    "phishing": lambda wanted: _("phishing") if wanted else _("no phishing"),
    "due": _due,
    **_LABELS,
}

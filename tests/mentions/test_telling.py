"""Why a conversation is where it is, and due when it is, in the language of whoever reads it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from mentions import naming, sla, telling
from mentions.routing import CONDITIONS, Facts, Rule, compile_rules
from mentions.triage.topics import PHRASES
from tests.catalogue import translated

OFFICE = dict.fromkeys(range(5), ((480, 1200),))
CARE = sla.Calendar("America/New_York", OFFICE, frozenset({date(2026, 11, 26)}), "Care hours")
POST = Facts(
    network="bluesky",
    source="harbor-bluesky",
    visibility="public",
    language="es",
    topics=frozenset({"card-declined", "of-our-own"}),
    sentiment="negative",
    urgency=2,
    followers=3200,
    rating=1,
    text="My card was declined twice",
    actionable="true",
)
EVERYTHING = {
    "network": "bluesky",
    "source": "harbor-bluesky",
    "visibility": "public",
    "kind": "post",
    "language": "es",
    "topic": ["card-declined", "of-our-own"],
    "tone": "negative",
    "urgency_min": 1,
    "reach_min": 300,
    "rating_max": 2,
    "words_any": ["card", "twice"],
    "words_all": ["declined"],
    "words_none": ["job"],
    "actionable": "true",
    "spam": False,
    "phishing": False,
}


def decided(conditions: dict[str, object]) -> str:
    return compile_rules([Rule(4, 2, "Loud", conditions, 40)], default_queue_id=7).decide(POST).why


def due(calendar: sla.Calendar, start: datetime, seconds: int = 1800) -> str:
    found = sla.due(sla.Policy("Care", seconds, None, None, {1: 0.5}, True, calendar), "first_response", start, 1)
    assert found is not None
    return found.why


def test_every_condition_is_told_by_the_names_that_people_know() -> None:
    assert EVERYTHING.keys() == CONDITIONS.keys()
    assert telling.why(decided(EVERYTHING)) == (
        "rule 4 “Loud”, version 2: network Bluesky; source harbor-bluesky; visibility public; kind post; "
        "language Spanish; topic Card declined, Of our own; tone negative; urgency 2 (at least 1); "
        "3,200 followers (at least 300); 1 star (at most 2); words “card”, “twice”; all of “declined”; without “job”; "
        "actionable: yes; no spam; no phishing"
    )


def test_what_no_rule_took_and_what_was_stored_in_words() -> None:
    assert telling.why(decided({"language": "de"})) == "no rule matched, so the default queue takes it"
    assert telling.why("rule 3 'Phishing' v2: topic phishing") == "rule 3 'Phishing' v2: topic phishing"
    assert telling.why("") == ""


def test_a_rule_is_told_in_the_language_of_its_reader(tmp_path: Path) -> None:
    kept = decided({"topic": "card-declined", "words_any": ["card"], "spam": False})
    sentences: dict[str, str | tuple[str, str, str]] = {
        "rule %(number)d “%(name)s”, version %(version)d: %(met)s": "Regel %(number)d „%(name)s“, Fassung %(version)d: "
        "%(met)s",
        "topic %(topics)s": "Thema %(topics)s",
        "Card declined": "Karte abgelehnt",
        "words %(words)s": "Wörter %(words)s",
        "“%(term)s”": "„%(term)s“",
        "no spam": "kein Spam",
    }
    with translated(tmp_path, "de", sentences):
        assert telling.why(kept) == "Regel 4 „Loud“, Fassung 2: Thema Karte abgelehnt; Wörter „card“; kein Spam"
    assert telling.why(kept) == "rule 4 “Loud”, version 2: topic Card declined; words “card”; no spam"


def test_a_due_time_is_told_in_the_language_of_its_reader(tmp_path: Path) -> None:
    kept = due(CARE, datetime(2026, 11, 26, 0, 55, tzinfo=UTC))  # Wednesday evening, five minutes before they go home
    sentences: dict[str, str | tuple[str, str, str]] = {
        "%(n)d minute": ("%(n)d minutes", "%(n)d Minute", "%(n)d Minuten"),
        "%(n)d hour": ("%(n)d hours", "%(n)d Stunde", "%(n)d Stunden"),
        "%(time)s (%(promised)s × %(factor)s for priority %(priority)d)": (
            "%(time)s (%(promised)s × %(factor)s bei Rang %(priority)d)"
        ),
        "%(time)s of %(hours)s after %(since)s": "%(time)s von %(hours)s ab %(since)s",
        "%(time)s on %(day)s": "%(time)s am %(day)s",
        "the rest on %(day)s": "der Rest am %(day)s",
        "%(days)s is a holiday": ("%(days)s are holidays", "%(days)s ist Feiertag", "%(days)s sind Feiertage"),
    }
    with translated(tmp_path, "de", sentences):
        assert telling.why(kept) == (
            "15 Minuten (30 Minuten × 0,5 bei Rang 1) von Care hours (Mo–Fr 08:00–20:00 New York) ab 25 Nov 2026, "
            "19:55: 5 Minuten am Mittwoch, der Rest am Freitag; Donnerstag ist Feiertag"
        )
    assert telling.why(kept) == (
        "15 minutes (30 minutes × 0.5 for priority 1) of Care hours (Mon–Fri 08:00–20:00 New York) after 25 Nov 2026, "
        "19:55: 5 minutes on Wednesday, the rest on Friday; Thursday is a holiday"
    )


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 minutes"),
        (1, "1 second"),
        (60, "1 minute"),
        (5400, "1 hour 30 minutes"),
        (3661, "1 hour 1 minute 1 second"),
    ],
)
def test_lengths(seconds: int, words: str) -> None:
    assert telling.why(due(sla.ALWAYS, datetime(2026, 11, 20, tzinfo=UTC), seconds * 2)).startswith(words)


def test_every_topic_that_is_known_has_a_name() -> None:
    assert naming.TOPICS.keys() == PHRASES.keys()
    assert naming.topic("a-banks-own") == "A banks own"


def test_a_sign_stands_before_what_is_a_handle_alone() -> None:
    called = [
        naming.handle(told) for told in ("meridian", "bank.test", "16505551234", "Meridian Bank", "+1 555", "a/b")
    ]
    assert called == ["@meridian", "@bank.test", "16505551234", "Meridian Bank", "+1 555", "a/b"]

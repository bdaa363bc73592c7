"""Runs the rules over a draft. Nothing leaves the bank without this."""

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from agents.guard import conduct, confirming, links, phrases, private_data, promises, references, terms
from agents.guard.languages import language
from agents.guard.policy import GuardPolicy
from agents.guard.reading import Reading, read, undressed
from agents.guard.rules import RULES
from agents.guard.second_reading import CLEAR_OF_CERTAIN, CLEAR_OF_DOUBTFUL, CLEAR_OF_VAGUE, SUSPECT, SUSPECT_MIXED
from agents.guard.verdict import STRENGTH, Draft, Finding, Outcome, Verdict, Visibility

# Raised with every change of what the rules find; part of every verdict's version.
RULES_VERSION: Final = "7"

# No network takes a longer private message than this; most public replies end at 500.
_LONGEST: Final = 10_000
_log = logging.getLogger(__name__)

Spans: TypeAlias = Iterable[tuple[int, int]]
Found: TypeAlias = tuple[str, int, int]


def check(draft: Draft, policy: GuardPolicy) -> Verdict:
    """What may happen to this draft under this policy, and which words say so.

    Pure, and never raises: a check that fails blocks. Takes about ten milliseconds for a reply of usual length.
    """
    text = draft.written if isinstance(draft.text, str) else ""
    # Whatever is not certainly private is read as public.
    visibility: Visibility = "private" if draft.visibility == "private" else "public"
    try:
        found = list(_found(links.without(text, draft.addresses_allowed), visibility, draft, policy))
    except Exception:
        # The text itself stays out of the log: it may hold what the guard is there to stop.
        _log.exception("The guard failed on a draft for %s.", draft.network)
        found = [("guard_failed", 0, len(text))]
    findings = tuple(_findings(found, text, visibility, policy))
    outcome: Outcome = "pass"
    for finding in findings:
        outcome = finding.action if STRENGTH[finding.action] > STRENGTH[outcome] else outcome
    return Verdict(outcome, findings, f"{RULES_VERSION}/{policy.version}")


def _findings(found: list[Found], text: str, visibility: Visibility, policy: GuardPolicy) -> Iterator[Finding]:
    for key, start, end in sorted(_without_inner(found), key=lambda its: (its[1], its[2], its[0])):
        rule, action = RULES[key], policy.action(key)
        if action != "off" and visibility in rule.applies:
            yield Finding(key, action, text[start:end], start, end, str(rule.message), str(rule.suggestion))


def _without_inner(found: list[Found]) -> list[Found]:
    """Of one rule's findings those that lie in no other of its findings."""
    kept: list[Found] = []
    for rule, start, end in sorted(set(found), key=lambda its: (its[0], its[1], -its[2])):
        if not kept or kept[-1][0] != rule or kept[-1][2] < end:
            kept.append((rule, start, end))
    return kept


def _found(text: str, visibility: Visibility, draft: Draft, policy: GuardPolicy) -> Iterator[Found]:
    if draft.pictures:
        yield "picture", 0, 0
    if len(text) > _LONGEST:
        yield "too_long", 0, _LONGEST
        return
    if not text.strip():
        return
    plain, places = undressed(text)

    def located(rule: str, spans: Spans) -> Iterator[Found]:
        for start, end in spans:
            yield rule, places[start], places[end - 1] + 1

    def as_written(start: int, end: int) -> str:
        return text[places[start] : places[end - 1] + 1]

    hosts = policy.hosts | links.normal_hosts(draft.links_allowed) if draft.links_allowed else policy.hosts
    foreign = links.find(plain, hosts, as_written=as_written)
    yield from located("foreign_link", foreign)
    yield from located("qr_code", links.mentions_qr(plain))

    personal, own = private_data.phones(plain, policy.phones)
    yield from located("private_data", [*personal, *links.emails(plain, hosts, as_written=as_written)])
    spare = [(places[start], places[end - 1] + 1) for start, end in [*own, *personal, *foreign]]
    for start, end in private_data.numbers(text, spare):
        yield "private_data", start, end
    for rule, find in _WORDINGS:
        yield from located(rule, find(plain))

    reading = read(text, language("en").spelling)
    for start, end in reading.disguised:
        yield "disguised", start, end
    if visibility == "public":
        yield from _confirmations(reading, policy)


_WORDINGS: Final[tuple[tuple[str, Callable[[str], Spans]], ...]] = (
    ("code_given", private_data.codes),
    ("asks_secret", private_data.requests),
    ("promise", promises.promises),
    ("reply_time", promises.reply_times),
    ("rates", terms.rates),
    ("deposit_terms", terms.deposit_terms),
    ("insurance", terms.insurance),
    ("protected_inquiry", conduct.inquiries),
    ("advice", conduct.advice),
    ("profanity", conduct.profanity),
)


def _confirmations(reading: Reading, policy: GuardPolicy) -> Iterator[Found]:
    yield from _told(reading)
    for start, end in references.cases(reading.plain):
        yield phrases.CASE, *reading.span(start, end)
    for start, end in references.card_endings(reading.plain):
        yield phrases.RELATIONSHIP, *reading.span(start, end)
    for start, end in references.branches(reading.plain, policy.branches):
        yield phrases.BRANCH, *reading.span(start, end)
    if confirming.is_unread(confirming.without_names(reading).plain):
        yield "unread", 0, len(reading.original.rstrip())


def _told(reading: Reading) -> Iterator[Found]:
    """What the phrases find in every language of the text, weighed against the second reading."""
    reading = confirming.without_examples(reading)
    spoken = confirming.without_names(reading)
    second = confirming.estimate(spoken) if confirming.is_english(spoken.plain) else None
    told = False
    codes = confirming.languages_of(reading.plain)
    for code in codes:
        its = reading
        if code != "en":
            its = confirming.without_examples(read(reading.original, language(code).spelling))
        for hit in confirming.find(its, code):
            if second and code == "en" and _cleared(hit, second.likely):
                continue
            told = True
            # A vague phrase asks for a second person, not for a ban.
            yield phrases.PERSONAL if hit.vague else hit.rule, hit.start, hit.end
    if second and not told and second.likely >= (SUSPECT_MIXED if len(codes) > 1 else SUSPECT):
        start, end = confirming.telling(spoken, second)
        times = (reading.span(*its) for its in promises.reply_times(reading.plain))
        # "We'll get back to you by noon" has a rule of its own.
        if not any(first <= start and end <= last for first, last in times):
            yield phrases.PERSONAL, start, end


def _cleared(hit: confirming.Hit, likely: float) -> bool:
    if hit.vague:
        return likely < CLEAR_OF_VAGUE
    return likely < (CLEAR_OF_DOUBTFUL if hit.rule in phrases.DOUBTFUL else CLEAR_OF_CERTAIN)

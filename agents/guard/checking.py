"""Runs the rules over a draft. Nothing leaves the bank without this."""

import logging
import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from agents.guard import confirming, links, phrases, private_data, promises, references
from agents.guard.languages import language
from agents.guard.policy import GuardPolicy
from agents.guard.reading import Reading, read, undressed
from agents.guard.rules import RULES
from agents.guard.second_reading import CLEAR, CLEAR_OF_VAGUE, SUSPECT
from agents.guard.verdict import STRENGTH, Draft, Finding, Outcome, Verdict

# Raised with every change of what the rules find; part of every verdict's version.
RULES_VERSION: Final = "1"

_LONGEST: Final = 20_000
_OUTCOMES: Final[tuple[Outcome, ...]] = ("pass", "warn", "approve", "block")
_log = logging.getLogger(__name__)

Spans = Iterable[tuple[int, int]]


def check(draft: Draft, policy: GuardPolicy) -> Verdict:
    """What may happen to this draft under this policy, and which words say so.

    Pure, and never raises: a check that fails blocks. Takes about a millisecond for a reply of usual length.
    """
    version = f"{RULES_VERSION}/{policy.version}"
    findings = tuple(_judged(draft, policy))
    outcome = max((finding.action for finding in findings), key=STRENGTH.__getitem__, default="pass")
    return Verdict(outcome, findings, version)


def _judged(draft: Draft, policy: GuardPolicy) -> Iterator[Finding]:
    seen: dict[tuple[str, int, int], None] = {}
    try:
        text = draft.text
        for rule, start, end in _found(text, draft, policy):
            seen[(rule, start, end)] = None
    except Exception:
        # The text itself stays out of the log: it may hold what the guard is there to stop.
        _log.exception("The guard failed on a draft for %s.", draft.network)
        text = draft.text if isinstance(draft.text, str) else ""
        seen[("guard_failed", 0, len(text))] = None
    widest = _without_inner(list(seen))
    for rule, start, end in sorted(widest, key=lambda found: (found[1], found[2])):
        action = policy.action(rule)
        if (action != "off" and draft.visibility in RULES[rule].applies) or RULES[rule].floor == "block":
            its = RULES[rule]
            yield Finding(rule, action, text[start:end], start, end, str(its.message), str(its.suggestion))  # type: ignore[arg-type]


def _without_inner(found: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Of one rule's overlapping findings the widest."""
    kept: list[tuple[str, int, int]] = []
    for rule, start, end in sorted(found, key=lambda its: (its[0], its[1], -its[2])):
        if kept and kept[-1][0] == rule and kept[-1][2] >= end:
            continue
        kept.append((rule, start, end))
    return kept


def _found(text: str, draft: Draft, policy: GuardPolicy) -> Iterator[tuple[str, int, int]]:
    if len(text) > _LONGEST:
        yield "too_long", 0, _LONGEST
        return
    if not text.strip():
        return
    public = draft.visibility != "private"
    plain, places = undressed(text)

    def located(rule: str, spans: Spans) -> Iterator[tuple[str, int, int]]:
        for start, end in spans:
            yield rule, places[start], places[end - 1] + 1

    hosts = policy.hosts | links.normal_hosts(draft.links_allowed) if draft.links_allowed else policy.hosts
    foreign = links.find(plain, hosts)
    yield from located("foreign_link", foreign)
    yield from located("qr_code", links.mentions_qr(plain))

    personal, own = private_data.phones(plain, policy.phones)
    addresses = links.emails(plain, hosts)
    yield from located("private_data", [*personal, *addresses])
    spare = [(places[start], places[end - 1] + 1) for start, end in [*own, *personal, *foreign]]
    yield from (("private_data", start, end) for start, end in private_data.numbers(text, spare))
    yield from located("code_given", private_data.codes(plain))
    yield from located("asks_secret", private_data.requests(plain))
    for rule, find in _WORDINGS:
        yield from located(rule, find(plain))

    reading = read(text, language("en").spelling)
    yield from (("disguised", start, end) for start, end in reading.disguised)
    if not public:
        return
    yield from _confirmations(reading, policy)


def _cleared(hit: confirming.Hit, likely: float) -> bool:
    if hit.vague:
        return likely < CLEAR_OF_VAGUE
    return likely < CLEAR and hit.rule in phrases.DOUBTFUL


_WORDINGS: Final[tuple[tuple[str, Callable[[str], Spans]], ...]] = (
    ("promise", promises.promises),
    ("reply_time", promises.reply_times),
    ("rates", promises.rates),
    ("deposit_terms", promises.deposit_terms),
    ("insurance", promises.insurance),
    ("protected_inquiry", promises.inquiries),
    ("advice", promises.advice),
    ("profanity", promises.profanity),
)


def _confirmations(reading: Reading, policy: GuardPolicy) -> Iterator[tuple[str, int, int]]:
    codes = confirming.languages_of(reading.plain)
    second = confirming.estimate(reading) if confirming.is_english(reading.plain) else None
    told = False
    for code in codes:
        its = reading if code == "en" else read(reading.original, language(code).spelling)
        for hit in confirming.find(its, code):
            if code == "en" and second and _cleared(hit, second.likely):
                continue
            told = True
            yield hit.rule, hit.start, hit.end
    if second and second.likely >= SUSPECT and not told:
        yield phrases.PERSONAL, reading.tokens[second.first].start, reading.tokens[second.last - 1].end
    for start, end in references.cases(reading.plain):
        yield phrases.CASE, *reading.span(start, end)
    for start, end in references.card_endings(reading.plain):
        yield phrases.RELATIONSHIP, *reading.span(start, end)
    for start, end in references.branches(reading.plain, policy.branches):
        yield phrases.BRANCH, *reading.span(start, end)
    if confirming.is_unread(reading.plain):
        yield "unread", 0, len(re.sub(r"\s+$", "", reading.original))

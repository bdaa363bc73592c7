"""Which queue a mention belongs in, how urgent it is there, and which rule said so.

Pure: facts in, a decision with its reason out. Rules are ordered and the first that matches wins. They are
compiled once into bit sets, one bit a rule and one set for each value that a fact can have, so that a
decision costs a few look-ups whatever the number of rules; words are looked for only while a rule that could
still win asks for them.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from mentions.reasons import kept
from mentions.words import Vocabulary, folded

DEFAULT_PRIORITY: Final = 3
HIGHEST_URGENCY: Final = 3
MOST_STARS: Final = 5

VISIBILITIES: Final = ("public", "private")
KINDS: Final = ("post", "reply", "quote", "comment", "review", "message")
TONES: Final = ("negative", "neutral", "positive", "unknown")
ACTIONABLE: Final = ("true", "false", "undecided")


class Facts(NamedTuple):
    """What routing may look at in one mention: its source, its labels, its author's reach and its words.

    `source` is the source's slug, `sentiment` one of TONES, `urgency` 0 to 3, `actionable` one of ACTIONABLE
    with the reason that triage gave.
    """

    network: str
    source: str
    visibility: str
    language: str
    topics: frozenset[str]
    sentiment: str
    urgency: int
    followers: int
    text: str
    kind: str = "post"
    rating: int | None = None
    spam: bool = False
    phishing: bool = False
    actionable: str = "undecided"
    actionable_reason: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the ordered list: where a mention goes if all of `conditions` hold.

    `conditions` may hold any of the keys of CONDITIONS; none at all takes everything. `priority` is 1
    (highest) to 4. `actionable` overrules triage with `reason`; None or "" leaves its word standing.
    """

    id: int
    version: int
    name: str
    conditions: Mapping[str, object] = field(hash=False)
    queue_id: int
    priority: int = DEFAULT_PRIORITY
    tags: tuple[str, ...] = ()
    actionable: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a mention goes and why (see `mentions.telling`).

    `queue_id` is None if no rule took it and no default queue was named.
    """

    queue_id: int | None
    priority: int
    tags: tuple[str, ...]
    actionable: bool | None
    actionable_reason: str
    rule_id: int | None
    rule_version: int | None
    why: str


def _one_of(allowed: Sequence[str]) -> Callable[[str, object], None]:
    def check(key: str, value: object) -> None:
        for item in _texts(key, value):
            if item not in allowed:
                told = {"item": item, "key": key, "allowed": ", ".join(allowed)}
                raise ValueError(_("'%(item)s' is no %(key)s: choose from %(allowed)s.") % told)

    return check


def _shaped(pattern: str, example: str) -> Callable[[str, object], None]:
    shape = re.compile(pattern)

    def check(key: str, value: object) -> None:
        for item in _texts(key, value):
            if not shape.fullmatch(item):
                told = {"item": item, "key": key, "example": example}
                raise ValueError(_("'%(item)s' is no %(key)s: write it like %(example)s.") % told)

    return check


def _number(most: int | None) -> Callable[[str, object], None]:
    def check(key: str, value: object) -> None:
        if isinstance(value, bool) or not isinstance(value, int):
            raise ValueError(_("%(key)s takes a whole number, not %(value)r.") % {"key": key, "value": value})  # noqa: TRY004
        if value < 0 or (most is not None and value > most):
            bounds = _("between 0 and %(most)d") % {"most": most} if most is not None else _("0 or more")
            told = {"key": key, "value": value, "bounds": bounds}
            raise ValueError(_("%(key)s is %(value)d: it must be %(bounds)s.") % told)

    return check


def _words(key: str, value: object) -> None:
    for item in _texts(key, value):
        if not folded(item):
            told = {"key": key, "item": item}
            raise ValueError(_("%(key)s holds '%(item)s', which has no letter or digit to look for.") % told)


def _flag(key: str, value: object) -> None:
    if not isinstance(value, bool):
        raise ValueError(_("%(key)s is either true or false, not %(value)r.") % {"key": key, "value": value})  # noqa: TRY004


CONDITIONS: Final[Mapping[str, Callable[[str, object], None]]] = {
    "network": _shaped(r"[a-z0-9_-]{1,32}", "'bluesky'"),
    "source": _shaped(r"[A-Za-z0-9_-]{1,60}", "'harbor-x'"),
    "visibility": _one_of(VISIBILITIES),
    "kind": _one_of(KINDS),
    "language": _shaped(r"[a-z]{2,3}", "'es'"),
    "topic": _shaped(r"[a-z0-9_-]{1,40}", "'card-declined'"),
    "tone": _one_of(TONES),
    "urgency_min": _number(HIGHEST_URGENCY),
    "reach_min": _number(None),
    "rating_max": _number(MOST_STARS),
    "words_any": _words,
    "words_all": _words,
    "words_none": _words,
    "actionable": _one_of(ACTIONABLE),
    "spam": _flag,
    "phishing": _flag,
}


def validate(conditions: Mapping[str, object]) -> None:
    """Raises ValueError, with one sentence for a person, if a rule with these conditions makes no sense.

    network, source, language, topic, tone, visibility, kind and actionable take a text or a list of texts of
    which one must fit; urgency_min, reach_min and rating_max (stars of a review) a number; words_any, words_all and
    words_none words or phrases, matched as whole words whatever their case and accents; spam and phishing true or
    false.
    """
    for key, value in conditions.items():
        check = CONDITIONS.get(key)
        if check is None:
            told = {"key": key, "known": ", ".join(CONDITIONS)}
            raise ValueError(_("There is no condition '%(key)s': choose from %(known)s.") % told)
        check(key, value)
    banned = _terms(conditions, "words_none")
    for folded_term, term in _terms(conditions, "words_all").items():
        if folded_term in banned:
            raise ValueError(
                _("'%(term)s' is both asked for and ruled out: nothing could ever match.") % {"term": term}
            )
    wanted = _terms(conditions, "words_any")
    if wanted and wanted.keys() <= banned.keys():
        raise ValueError(_("Every word asked for is also ruled out: nothing could ever match."))


def _texts(key: str, value: object) -> tuple[str, ...]:
    items = (value,) if isinstance(value, str) else value
    if not isinstance(items, list | tuple) or not all(isinstance(item, str) and item for item in items):
        raise ValueError(_("%(key)s takes a text or a list of texts, not %(value)r.") % {"key": key, "value": value})
    if not items:
        raise ValueError(_("%(key)s is empty: leave it out, or say what it should be.") % {"key": key})
    return tuple(items)


def _terms(conditions: Mapping[str, object], key: str) -> dict[str, str]:
    """The words of one condition, each as it is compared and as it was written."""
    if key not in conditions:
        return {}
    return {" ".join(folded(term)): term for term in _texts(key, conditions[key])}


class _Compiled:
    """One rule with its words ready to compare."""

    __slots__ = ("actionable", "all", "any", "keys", "none", "reason", "rule", "topics", "worded")

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.keys = [key for key in CONDITIONS if key in rule.conditions]
        self.any = _terms(rule.conditions, "words_any")
        self.all = _terms(rule.conditions, "words_all")
        self.none = _terms(rule.conditions, "words_none")
        self.worded = bool(self.any or self.all or self.none)
        self.topics = _texts("topic", rule.conditions["topic"]) if "topic" in rule.conditions else ()
        self.actionable = _ANSWERS[rule.actionable or "undecided"]
        self.reason = rule.reason or _USUAL_REASONS.get(rule.actionable or "", "")

    def words_fit(self, found: set[str]) -> bool:
        return (
            (not self.any or not found.isdisjoint(self.any))
            and (not self.all or self.all.keys() <= found)
            and (not self.none or found.isdisjoint(self.none))
        )

    def why(self, facts: Facts, found: set[str]) -> str:
        """The rule and each condition with what matched it, for `mentions.telling`."""
        met = [self._met(key, facts, found) for key in self.keys]
        return kept("rule", self.rule.id, self.rule.name, self.rule.version, met)

    def _met(self, key: str, facts: Facts, found: set[str]) -> tuple[object, ...]:
        match key:
            case "topic":
                return key, [topic for topic in self.topics if topic in facts.topics]
            case "tone":
                return key, facts.sentiment
            case "urgency_min":
                return key, facts.urgency, self.rule.conditions[key]
            case "reach_min":
                return key, facts.followers, self.rule.conditions[key]
            case "rating_max":
                return key, facts.rating, self.rule.conditions[key]
            case "words_any":
                return key, *_some([term for fold, term in self.any.items() if fold in found])
            case "words_all":
                return key, *_some([*self.all.values()])
            case "words_none":
                return key, *_some([*self.none.values()])
            case "spam" | "phishing":
                return key, bool(self.rule.conditions[key])
            case _:
                return key, getattr(facts, key)


_ANSWERS: Final[Mapping[str, bool | None]] = {"true": True, "false": False, "undecided": None}
_USUAL_REASONS: Final = {"true": "needs an answer", "false": "no reply needed"}
_NAMES_SHOWN: Final = 5
_BY_DEFAULT: Final = kept("default")


def _some(terms: list[str]) -> tuple[list[str], int]:
    """The first of many words, and how many more there are."""
    return terms[:_NAMES_SHOWN], max(len(terms) - _NAMES_SHOWN, 0)


class Router:
    """An ordered list of rules, ready to decide. Made by `compile_rules`; safe to share between threads."""

    def __init__(self, rules: Sequence[Rule], default_queue_id: int | None) -> None:
        self._rules = [_Compiled(rule) for rule in rules]
        self._default_queue_id = default_queue_id
        self._network = self._by_value("network")
        self._source = self._by_value("source")
        self._visibility = self._by_value("visibility")
        self._kind = self._by_value("kind")
        self._language = self._by_value("language")
        self._tone = self._by_value("tone")
        self._actionable = self._by_value("actionable")
        self._topic, self._any_topic = self._by_value("topic")
        self._urgency = [self._up_to("urgency_min", level) for level in range(HIGHEST_URGENCY + 1)]
        self._steps = sorted({_whole(rule.conditions.get("reach_min", 0)) for rule in rules} | {0})
        self._reach = [self._up_to("reach_min", step) for step in self._steps]
        self._rating = [self._at_least("rating_max", stars) for stars in range(MOST_STARS + 2)]
        self._spam = [self._flagged("spam", wanted) for wanted in (False, True)]
        self._phishing = [self._flagged("phishing", wanted) for wanted in (False, True)]
        self._vocabulary = Vocabulary(
            {term for each in self._rules for terms in (each.any, each.all, each.none) for term in terms}
        )
        self._wordless = sum(1 << bit for bit, each in enumerate(self._rules) if not (each.any or each.all))
        self._asked: dict[str, int] = {}
        for bit, each in enumerate(self._rules):
            for term in (*each.any, *each.all):
                self._asked[term] = self._asked.get(term, 0) | 1 << bit

    def decide(self, facts: Facts) -> Decision:
        """The first rule whose conditions all hold; without one, the default queue."""
        topics = self._any_topic
        for topic in facts.topics:
            topics |= self._topic.get(topic, 0)
        left = topics & self._urgency[min(max(facts.urgency, 0), HIGHEST_URGENCY)]
        left &= self._reach[bisect_right(self._steps, max(facts.followers, 0)) - 1]
        # What has no stars has more than any rule asks for.
        left &= self._rating[MOST_STARS + 1 if facts.rating is None else facts.rating]
        left &= self._spam[facts.spam] & self._phishing[facts.phishing]
        for (named, unnamed), value in (
            (self._network, facts.network),
            (self._source, facts.source),
            (self._visibility, facts.visibility),
            (self._kind, facts.kind),
            (self._language, facts.language),
            (self._tone, facts.sentiment),
            (self._actionable, facts.actionable),
        ):
            left &= named.get(value, unnamed)
        found: set[str] = set()
        looked = False
        while left:
            lowest = left & -left
            rule = self._rules[lowest.bit_length() - 1]
            if rule.worded and not looked:
                found, looked = self._vocabulary.found(facts.text), True
                left &= self._asking(found)
                continue
            if rule.words_fit(found):
                return self._decided(rule, facts, found)
            left ^= lowest
        return Decision(
            self._default_queue_id,
            DEFAULT_PRIORITY,
            (),
            _ANSWERS.get(facts.actionable),
            facts.actionable_reason,
            None,
            None,
            _BY_DEFAULT,
        )

    def _asking(self, found: set[str]) -> int:
        """The rules that these words leave possible: those that ask for one of them, or for none."""
        possible = self._wordless
        for term in found:
            possible |= self._asked.get(term, 0)
        return possible

    def _decided(self, compiled: _Compiled, facts: Facts, found: set[str]) -> Decision:
        rule = compiled.rule
        overruled = bool(rule.actionable)
        return Decision(
            rule.queue_id,
            rule.priority,
            rule.tags,
            compiled.actionable if overruled else _ANSWERS.get(facts.actionable),
            compiled.reason if overruled else facts.actionable_reason,
            rule.id,
            rule.version,
            compiled.why(facts, found),
        )

    def _by_value(self, key: str) -> tuple[dict[str, int], int]:
        """For each value that some rule names, the rules that accept it; and those that accept any value."""
        unnamed = self._mask(lambda rule: key not in rule.conditions)
        named: dict[str, int] = {}
        for bit, compiled in enumerate(self._rules):
            if key in compiled.rule.conditions:
                for value in _texts(key, compiled.rule.conditions[key]):
                    named[value] = named.get(value, unnamed) | 1 << bit
        return named, unnamed

    def _up_to(self, key: str, level: int) -> int:
        return self._mask(lambda rule: _whole(rule.conditions.get(key, 0)) <= level)

    def _at_least(self, key: str, level: int) -> int:
        return self._mask(lambda rule: key not in rule.conditions or _whole(rule.conditions[key]) >= level)

    def _flagged(self, key: str, wanted: bool) -> int:
        return self._mask(lambda rule: rule.conditions.get(key, wanted) is wanted)

    def _mask(self, accepts: Callable[[Rule], bool]) -> int:
        return sum(1 << bit for bit, compiled in enumerate(self._rules) if accepts(compiled.rule))


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0


def compile_rules(rules: Iterable[Rule], default_queue_id: int | None = None) -> Router:
    """A router over `rules` in the order given; what none of them takes goes to the default queue.

    Raises ValueError, naming the rule, if its conditions are not valid.
    """
    ordered = list(rules)
    for rule in ordered:
        try:
            validate(rule.conditions)
            CONDITIONS["actionable"]("actionable", rule.actionable or "undecided")
        except ValueError as error:
            told = {"number": rule.id, "name": rule.name, "error": error}
            raise ValueError(_("Rule %(number)d '%(name)s': %(error)s") % told) from error
    return Router(ordered, default_queue_id)

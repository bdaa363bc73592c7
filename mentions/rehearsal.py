"""What rules would do before they do it: with the posts that are stored, and with one text that a person types."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from mentions import routing, rulebook, sla, triage
from mentions.models import Mention, Origin, Source
from mentions.routing import Decision, Facts, Rule
from mentions.storable import clean_text
from mentions.triage import Item, Labels

MOST_READ: Final = 50_000
LONGEST_S: Final = 4.0
EXAMPLES: Final = 10
_TONES: Final = {-1: "negative", 0: "neutral", 1: "positive", None: "unknown"}
_FIELDS: Final = (
    *("pk", "occurred_at", "network", "source_id", "visibility", "language", "topics", "sentiment", "urgency"),
    *("author__followers", "content__text", "kind", "rating", "spam", "phishing"),
    *("labels__actionable__value", "labels__actionable__reason"),
)


@dataclass(frozen=True, slots=True)
class Moved:
    """A stored post that the draft would have treated otherwise, with both decisions."""

    mention: Mention
    before: Decision
    after: Decision


@dataclass(frozen=True, slots=True)
class Preview:
    """What a draft of the rules would have done with the posts since `since`, beside the rules that decide now.

    `moves` counts posts by (queue now, queue then), `same_queue` those that stay and get another priority, tags or
    answer to whether they need one. `taken` is how many the rule in question takes. `whole` is False if there were
    more posts than could be read; `since` is then the oldest that was.
    """

    read: int
    since: datetime
    whole: bool
    taken: int
    same_queue: int
    moves: tuple[tuple[tuple[int, int], int], ...]
    examples: tuple[Moved, ...]

    @property
    def moved(self) -> int:
        """How many would have gone to another queue."""
        return sum(count for _, count in self.moves)


@dataclass(frozen=True, slots=True)
class Tried:
    """What would happen to a text now: its labels, the facts that rules look at, the decision, and what is due."""

    labels: Labels
    facts: Facts
    decision: Decision
    queue_id: int
    dues: tuple[tuple[str, sla.Due], ...]


def preview(rules: Iterable[Rule], *, rule_id: int, days: int, now: datetime) -> Preview:
    """Run a draft of the active rules and those that decide now over the newest posts of these days."""
    book = rulebook.read()
    draft = routing.compile_rules(rules, book.default_queue)
    since = now - timedelta(days=days)
    posts = Mention.objects.filter(
        occurred_at__gte=since, origin=Origin.LIVE, content__isnull=False, conversation__isnull=False
    )
    newest = posts.order_by("-occurred_at", "-id").values_list(*_FIELDS)
    stands_for = {source.pk: str(source.settings.get("stands_for") or source.slug) for source in Source.objects.all()}
    until = time.monotonic() + LONGEST_S
    moves: Counter[tuple[int, int]] = Counter()
    examples: list[tuple[int, Decision, Decision]] = []
    read = taken = same_queue = 0
    last, whole = now, True
    for row in newest[: MOST_READ + 1].iterator(chunk_size=2000):
        if read == MOST_READ or (read % 500 == 499 and time.monotonic() > until):
            whole = False
            break
        read += 1
        last = row[1]
        facts = _facts(row, stands_for)
        before, after = book.router.decide(facts), draft.decide(facts)
        taken += after.rule_id == rule_id
        if _deed(before) == _deed(after):
            continue
        if before.queue_id != after.queue_id:
            moves[before.queue_id or book.default_queue, after.queue_id or book.default_queue] += 1
        else:
            same_queue += 1
        if len(examples) < EXAMPLES:
            examples.append((row[0], before, after))
    shown = Mention.objects.select_related("content", "author").in_bulk([pk for pk, _, _ in examples])
    return Preview(
        read=read,
        since=since if whole else last,
        whole=whole,
        taken=taken,
        same_queue=same_queue,
        moves=tuple(sorted(moves.items(), key=lambda move: -move[1])),
        examples=tuple(Moved(shown[pk], before, after) for pk, before, after in examples if pk in shown),
    )


def _facts(row: tuple[Any, ...], stands_for: Mapping[int, str]) -> Facts:
    """What routing looks at in a stored post, a row of `_FIELDS`; a person's corrections have their effect."""
    _pk, _at, network, source, visibility, language, topics, tone, urgency, followers, text, kind, rating, *said = row
    spam, phishing, needed, reason = said
    return Facts(
        network=network,
        source=stands_for[source],
        visibility=visibility,
        language=language,
        topics=frozenset(topics),
        sentiment=_TONES[tone],
        urgency=urgency,
        followers=followers or 0,
        text=text,
        kind=kind,
        rating=rating,
        spam=spam,
        phishing=phishing,
        actionable=needed or "undecided",
        actionable_reason=reason or "",
    )


def try_text(
    text: str, *, network: str, source: str, followers: int, visibility: str, kind: str, now: datetime
) -> Tried:
    """What the rules that decide now would do with this text if it arrived at `now`; nothing is stored."""
    book = rulebook.read()
    words = clean_text(text)
    item = Item(text=words, kind=kind, visibility=visibility, followers=followers, network=network)
    labels = triage.assess([item], book.brand)[0]
    facts = Facts(
        network=network,
        source=source,
        visibility=visibility,
        language=labels.language.value,
        topics=frozenset(topic.value for topic in labels.topics),
        sentiment=labels.sentiment.value,
        urgency=int(labels.urgency.value),
        followers=followers,
        text=words,
        kind=kind,
        spam=labels.spam.value == "true",
        phishing=labels.phishing.value == "true",
        actionable=labels.actionable.value,
        actionable_reason=labels.actionable.reason,
    )
    decision = book.router.decide(facts)
    queue = decision.queue_id or book.default_queue
    dues = []
    if decision.actionable is not False:
        targets: tuple[sla.Target, ...] = ("first_response", "resolution")
        for target in targets:
            due = sla.due(book.policies[queue], target, now, decision.priority)
            if due is not None:
                dues.append((str(target), due))
    return Tried(labels, facts, decision, queue, tuple(dues))


def _deed(decision: Decision) -> tuple[object, ...]:
    return decision.queue_id, decision.priority, decision.tags, decision.actionable

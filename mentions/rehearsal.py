"""What rules would do before they do it: with the posts that are stored, and with one text that a person types."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mentions import routing, rulebook, sla, triage
from mentions.models import Mention, Origin
from mentions.posts import clean_text
from mentions.routing import Decision, Facts, Rule
from mentions.triage import Item, Labels

MOST_READ: Final = 50_000
LONGEST_S: Final = 4.0
EXAMPLES: Final = 10
_TONES: Final = {-1: "negative", 0: "neutral", 1: "positive", None: "unknown"}
_FIELDS: Final = (
    *("network", "visibility", "kind", "language", "sentiment", "topics", "urgency", "spam", "phishing", "labels"),
    *("occurred_at", "conversation_id", "source__slug", "source__settings", "author__followers", "author__handle"),
    *("author__name", "author__network", "content__text"),
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
    posts = (
        Mention.objects.filter(
            occurred_at__gte=since, origin=Origin.LIVE, content__isnull=False, conversation__isnull=False
        )
        .select_related("content", "author", "source")
        .only(*_FIELDS)
        .order_by("-occurred_at", "-id")
    )
    until = time.monotonic() + LONGEST_S
    moves: Counter[tuple[int, int]] = Counter()
    examples: list[Moved] = []
    read = taken = same_queue = 0
    last, whole = now, True
    for mention in posts[: MOST_READ + 1].iterator(chunk_size=2000):
        if read == MOST_READ or (read % 500 == 499 and time.monotonic() > until):
            whole = False
            break
        read += 1
        last = mention.occurred_at
        facts = facts_of(mention)
        before, after = book.router.decide(facts), draft.decide(facts)
        taken += after.rule_id == rule_id
        if _deed(before) == _deed(after):
            continue
        if before.queue_id != after.queue_id:
            moves[before.queue_id or book.default_queue, after.queue_id or book.default_queue] += 1
        else:
            same_queue += 1
        if len(examples) < EXAMPLES:
            examples.append(Moved(mention, before, after))
    counted = tuple(sorted(moves.items(), key=lambda move: -move[1]))
    return Preview(read, since if whole else last, whole, taken, same_queue, counted, tuple(examples))


def facts_of(mention: Mention) -> Facts:
    """What routing looks at in a stored post; a person's corrections have their effect."""
    needed = mention.labels.get("actionable") or {}
    return Facts(
        network=mention.network,
        source=str(mention.source.settings.get("stands_for") or mention.source.slug),
        visibility=mention.visibility,
        language=mention.language,
        topics=frozenset(mention.topics),
        sentiment=_TONES[mention.sentiment],
        urgency=mention.urgency,
        followers=mention.author.followers,
        text=mention.content.text,
        kind=mention.kind,
        spam=mention.spam,
        phishing=mention.phishing,
        actionable=str(needed.get("value", "undecided")),
        actionable_reason=str(needed.get("reason", "")),
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

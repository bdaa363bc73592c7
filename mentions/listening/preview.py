"""What a search would have heard in the posts that are stored, and what asking for it would cost, before it is kept."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from mentions import networks
from mentions.listening import pacing
from mentions.listening.matching import Matcher, marked
from mentions.listening.noting import subject
from mentions.listening.searches import POLL_EVERY_S
from mentions.listening.translating import translate
from mentions.models import Mention, Origin, Source
from mentions.sources import quota

MOST_READ: Final = 50_000
LONGEST_S: Final = 4.0
EXAMPLES: Final = 8
_DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Example:
    """A stored post that fits: its words in pieces, each with whether it is one that was found."""

    mention: Mention
    pieces: tuple[tuple[str, bool], ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """How many of the `read` public posts since `since` fit. `whole` is False if there were more than could be read.

    `a_day` reckons from what was read; posts that only this search would bring are not among them.
    """

    found: int
    read: int
    since: datetime
    whole: bool
    a_day: float
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class Cost:
    """What asking through one account takes: its questions and calls a day, and the price where one is set.

    `share` is the part of what the network lets the account ask a day, in percent; None where it names no bound.
    """

    account: Source
    network: str
    texts: tuple[str, ...]
    exact: bool
    why: tuple[str, ...]
    calls_a_day: int
    share: float | None
    cost_a_month: float | None
    cost_of_a_post: float | None
    currency: str


def preview(matcher: Matcher, *, days: int, now: datetime) -> Preview:
    """Compare a query with the newest public posts of these days."""
    since = now - timedelta(days=days)
    posts = (
        Mention.objects.filter(occurred_at__gte=since, origin=Origin.LIVE, visibility="public", content__isnull=False)
        .select_related("content")
        .only(
            *("occurred_at", "network", "language", "url", "conversation", "content__text"),
            *("content__author_handle", "content__author_name"),
        )
        .order_by("-occurred_at", "-id")
    )
    until = time.monotonic() + LONGEST_S
    found = read = 0
    last = now
    examples: list[Example] = []
    whole = True
    for mention in posts[: MOST_READ + 1].iterator(chunk_size=2000):
        if read == MOST_READ or (read % 500 == 499 and time.monotonic() > until):
            whole = False
            break
        read += 1
        last = mention.occurred_at
        words = matcher.match(subject(mention))
        if words is None:
            continue
        found += 1
        if len(examples) < EXAMPLES:
            examples.append(Example(mention, tuple(marked(mention.content.text, words)), words))
    seen = days if whole else max((now - last).total_seconds() / _DAY_S, 1 / 24)
    return Preview(found, read, since if whole else last, whole, found / seen, tuple(examples))


def costs(matcher: Matcher, accounts: Sequence[Source]) -> list[Cost]:
    """What it would take to ask for it through each of these accounts."""
    return [_cost(matcher, account) for account in accounts]


def _cost(matcher: Matcher, account: Source) -> Cost:
    told = translate(matcher.node, account.network)
    network = networks.get(account.network)
    apart = pacing.apart(account, more=len(told.texts)).total_seconds()
    calls = int(len(told.texts) * _DAY_S / max(POLL_EVERY_S, network.poll_every_s, apart))
    rate = network.search_rate or quota.rate_of(account)
    price, each_post = (account.settings.get(name) for name in ("price_per_call", "price_per_post"))
    return Cost(
        account=account,
        network=network.title,
        texts=told.texts,
        exact=told.exact,
        why=told.why,
        calls_a_day=calls,
        share=100 * calls * rate.per_s / (rate.calls * _DAY_S) if rate else None,
        cost_a_month=calls * 30 * float(price) if price is not None else None,
        cost_of_a_post=float(each_post) if each_post is not None else None,
        currency=str(account.settings.get("currency", "")),
    )

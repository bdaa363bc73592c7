"""A stream of posts with duplicates, edits and deletions out of order; what must be true at its end; its sender."""

from __future__ import annotations

import hashlib
import itertools
import json
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from queue import Empty, SimpleQueue
from typing import Any

import httpx

from mentions.networks.townsquare import PREFIX, signed
from tests.faults.bank import SECRET, Bank

BEGAN = datetime(2026, 11, 20, 8, tzinfo=UTC)
WORDS = (
    *("card", "declined", "app", "fee", "branch", "loan", "transfer", "phone", "thanks", "please"),
    *("help", "why", "again", "today", "never", "love"),
)


@dataclass(frozen=True)
class Change:
    """Something that happened on the network: a post, an edit of one, or its deletion. `at` orders a post's edits."""

    key: str
    author: str
    what: str
    text: str
    at: datetime

    def event(self) -> dict[str, Any]:
        """As Town Square tells it."""
        post: dict[str, Any] = {"id": self.key}
        if self.what == "created":
            post |= {"author": {"id": self.author, "handle": self.author}, "text": self.text}
            post |= {"created_at": self.at.isoformat()}
        elif self.what == "edited":
            post |= {"text": self.text, "edited_at": self.at.isoformat()}
        return {"id": f"{self.key}-{self.what}", "type": f"post.{self.what}", "post": post}

    def item(self) -> dict[str, Any]:
        """In the contract's form, for the API."""
        named = {"network": "townsquare", "external_id": PREFIX + self.key}
        if self.what == "created":
            return named | {
                "author": {"id": PREFIX + self.author, "handle": self.author},
                "text": self.text,
                "created_at": self.at.isoformat(),
            }
        if self.what == "edited":
            return named | {"op": "edit", "text": self.text, "edited_at": self.at.isoformat()}
        return named | {"op": "delete"}


@dataclass
class Stream:
    """The changes in the order in which they happened, and the parcels in which they are sent."""

    changes: list[Change]
    parcels: list[list[Change]]

    @property
    def posts(self) -> int:
        return sum(change.what == "created" for change in self.changes)

    @property
    def authors(self) -> Counter[str]:
        """How many posts each author wrote."""
        return Counter(change.author for change in self.changes if change.what == "created")

    def ends_as(self) -> dict[str, str | None]:
        """The state that the changes lead to, reckoned in their order and by nothing of the product."""
        texts: dict[str, str | None] = {}
        for change in self.changes:
            texts[PREFIX + change.key] = None if change.what == "deleted" else change.text
        return texts


def digest(state: Mapping[str, str | None]) -> str:
    """One line for a whole state."""
    return hashlib.sha256(json.dumps(sorted(state.items()), ensure_ascii=False).encode()).hexdigest()


def letters(number: int) -> str:
    """A number without digits, of which nothing is ever masked."""
    return "".join("bcdfghjklm"[int(digit)] for digit in str(number))


def make_stream(posts: int, seed: int) -> Stream:
    """`posts` posts of many authors; a third is edited or deleted, a fifth sent again, all of it out of order."""
    chance = random.Random(seed)
    authors = [f"author{n}" for n in range(max(3, posts // 6))]
    changes: list[Change] = []
    for number in range(posts):
        key, author, at = f"stream-{letters(number)}", chance.choice(authors), BEGAN + timedelta(seconds=number)
        says = lambda: " ".join(chance.choices(WORDS, k=chance.randint(2, 14)))  # noqa: E731
        changes.append(Change(key, author, "created", f"{says()} {key}", at))
        for edit in range(chance.choice([0, 0, 0, 0, 1, 1, 2, 3])):
            later = at + timedelta(seconds=edit + 1)
            changes.append(Change(key, author, "edited", f"{says()} {key} again {letters(edit)}", later))
        if chance.random() < 0.07:
            changes.append(Change(key, author, "deleted", "", at + timedelta(seconds=60)))
    sent = [*changes, *chance.choices(changes, k=len(changes) // 5)]
    places = {id(change): place for place, change in enumerate(changes)}
    sent.sort(key=lambda change: places[id(change)] + chance.random() * 150)
    parcels = []
    rest = iter(sent)
    while parcel := list(itertools.islice(rest, chance.randint(1, 12))):
        parcels.append(parcel)
    return Stream(changes, parcels)


@dataclass
class Sender:
    """Sends parcels by webhook and by the API, each again and again until it was acknowledged."""

    bank: Bank
    parcels: list[list[Change]]
    hands: int = 6
    pause: float = 0.0
    tries: int = 0
    answers: Counter[int] = field(default_factory=Counter)
    refused: list[str] = field(default_factory=list)
    _waiting: SimpleQueue[tuple[int, list[Change]]] = field(default_factory=SimpleQueue)
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> Sender:
        for numbered in enumerate(self.parcels):
            self._waiting.put(numbered)
        self._threads = [threading.Thread(target=self._work, args=(hand,), daemon=True) for hand in range(self.hands)]
        for thread in self._threads:
            thread.start()
        return self

    @property
    def left(self) -> int:
        return self._waiting.qsize()

    @property
    def busy(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    def _work(self, hand: int) -> None:
        chance = random.Random(hand)
        with httpx.Client(timeout=20, trust_env=False) as client:
            while True:
                try:
                    number, parcel = self._waiting.get_nowait()
                except Empty:
                    return
                by_hook = chance.random() < 0.5
                while not self._sent(client, number, parcel, by_hook=by_hook):
                    threading.Event().wait(chance.uniform(0.02, 0.3))
                threading.Event().wait(self.pause)

    def _sent(self, client: httpx.Client, number: int, parcel: list[Change], *, by_hook: bool) -> bool:
        self.tries += 1
        try:
            answer = self._by_hook(client, number, parcel) if by_hook else self._by_api(client, parcel)
        except httpx.HTTPError:
            self.answers[0] += 1
            return False
        self.answers[answer.status_code] += 1
        if answer.status_code != 200:
            return False
        if answer.json()["rejected"]:
            self.refused.append(answer.text[:300])
        return True

    def _by_hook(self, client: httpx.Client, number: int, parcel: list[Change]) -> httpx.Response:
        body = json.dumps({"events": [change.event() for change in parcel]}).encode()
        return client.post(self.bank.hook, content=body, headers=signed(SECRET, f"parcel-{number}", body))

    def _by_api(self, client: httpx.Client, parcel: list[Change]) -> httpx.Response:
        return client.post(
            f"{self.bank.product.url}api/v1/posts",
            json=[change.item() for change in parcel],
            headers={"authorization": f"Bearer {self.bank.api_token}"},
        )


def until(happened: Callable[[], object], seconds: float, every: float = 0.1) -> bool:
    """Look again and again; False if it has not happened in time."""
    deadline = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > deadline:
            return False
        threading.Event().wait(every)
    return True

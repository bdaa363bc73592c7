"""The live stream: customers who write to Town Square as anybody can, over its HTTP API, and what else is heard.

Nothing here touches the product's tables. `Stream.tick` is one turn of a small loop; what could not be delivered is
tried again in the next turns.
"""

import heapq
import json
import logging
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import httpx
from django.conf import settings

from config.demo import chorus, wire
from config.demo.chorus import Spoken
from config.demo.customers import Customer
from config.demo.rhythm import Moment
from config.demo.texts import VOICES
from config.demo.writing import Written, after, impatient

log = logging.getLogger(__name__)

SQUARE: Final = "town-square"
NEWS: Final = "news"
STREAM_FILE: Final = "demo-stream.json"
# A fresh start catches up on this much.
AT_FIRST: Final = timedelta(minutes=4)
# Whoever has just started it sees at least this many posts arrive within this time, whatever the hour.
WELCOME: Final = 8
WELCOME_WITHIN_S: Final = 150
LONGEST_GAP: Final = timedelta(minutes=10)
TRIES: Final = 5
AT_ONCE: Final = 40
WATCHED: Final = 300
WATCHED_FOR: Final = timedelta(hours=3)
LOOKED_AT: Final = timedelta(seconds=45)

EDITS: Final = 0.015
DELETES: Final = 0.012
COMES_BACK: Final = 0.25
GROWS_IMPATIENT: Final = 0.1


def posts_due(now: datetime, since: datetime, rng: random.Random) -> list[Spoken]:
    """What people begin to write between two times, in order."""
    return list(chorus.spoken(since, now, rng))


@dataclass(order=True, slots=True)
class Errand:
    """One call to make at a time: a new post, or the change of an old one."""

    at: datetime
    number: int
    method: str = field(compare=False)
    address: str = field(compare=False)
    body: dict[str, Any] | None = field(compare=False)
    spoken: Spoken | None = field(compare=False, default=None)
    tries: int = field(compare=False, default=0)


@dataclass(slots=True)
class Watched:
    """A post of ours on Town Square whose writer looks now and then whether the bank has answered."""

    key: str
    who: Customer
    theme: str
    private: bool
    until: datetime
    look_at: datetime


class Stream:
    """Everybody outside the bank."""

    def __init__(self, client: httpx.Client | None = None, rng: random.Random | None = None) -> None:
        self.rng = rng or random.Random()
        base = settings.LOCAL_URL.rstrip("/")
        self.client = client or httpx.Client(base_url=base, timeout=10, trust_env=False)
        path = Path(settings.DATA_DIR) / STREAM_FILE
        self.keys: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
        self.since: datetime | None = None
        self.errands: list[Errand] = []
        self.watched: list[Watched] = []
        self.numbered = 0

    def tick(self, now: datetime | None = None) -> bool:
        """Write what is due by now. Says whether more is waiting."""
        moment = now or datetime.now(UTC)
        since = self.since or self._welcome(moment)
        self.since = moment
        for spoken in posts_due(moment, max(since, moment - LONGEST_GAP), self.rng):
            self._speak(spoken, moment)
        self._look(moment)
        for _ in range(AT_ONCE):
            if not self.errands or self.errands[0].at > moment:
                return False
            self._run(heapq.heappop(self.errands), moment)
        return bool(self.errands and self.errands[0].at <= moment)

    def _welcome(self, now: datetime) -> datetime:
        """Have some posts ready for the first minutes; returns since when the rest is made up for."""
        for _ in range(WELCOME):
            at = now + timedelta(seconds=self.rng.uniform(1, WELCOME_WITHIN_S))
            self._speak(chorus.speak(Moment(at), self.rng), at)
        return now - AT_FIRST

    # --- Errands ---

    def _plan(
        self, at: datetime, method: str, address: str, body: dict[str, Any] | None, spoken: Spoken | None = None
    ) -> None:
        self.numbered += 1
        heapq.heappush(self.errands, Errand(at, self.numbered, method, address, body, spoken))

    def _speak(self, spoken: Spoken, now: datetime) -> None:
        if spoken.source == SQUARE:
            self._write(now, spoken.who, spoken.written, spoken.private, spoken=spoken)
        elif spoken.source == NEWS:
            printed = {"paper": spoken.who.name, "headline": spoken.written.text}
            self._plan(now, "POST", "/sandbox/api/articles", printed, spoken)
        elif spoken.source in self.keys:
            name = f"{spoken.source}-{wire.key(self.rng)}"
            self._plan(now, "POST", "/api/v1/posts", wire.elsewhere(spoken, name, self.rng), spoken)

    def _write(
        self,
        at: datetime,
        who: Customer,
        written: Written,
        private: bool,
        *,
        parent: str | None = None,
        spoken: Spoken | None = None,
    ) -> None:
        body: dict[str, Any] = {"handle": who.handle, "text": written.text}
        if private:
            body["private"] = True
        if parent:
            body["in_reply_to"] = parent
        if spoken is not None and spoken.picture:
            body["image"] = spoken.picture
        self._plan(at, "POST", "/sandbox/api/posts", body, spoken)

    def _run(self, errand: Errand, now: datetime) -> None:
        headers = {}
        if errand.address.startswith("/api/") and errand.spoken is not None:
            headers["Authorization"] = f"Bearer {self.keys[errand.spoken.source]}"
        try:
            answer = self.client.request(errand.method, errand.address, json=errand.body, headers=headers)
        except httpx.HTTPError:
            answer = None
        if answer is None or answer.status_code == 429 or answer.status_code >= 500:
            errand.tries += 1
            if errand.tries < TRIES:
                errand.at = now + timedelta(seconds=5 * errand.tries)
                heapq.heappush(self.errands, errand)
            return
        if answer.is_success and errand.spoken is not None and errand.spoken.source == SQUARE:
            self._written(errand.spoken, str(answer.json()["id"]), now)
        elif not answer.is_success and answer.status_code != 404:
            log.info("a post of the demonstration was refused: %s", answer.status_code)

    def _written(self, spoken: Spoken, key: str, now: datetime) -> None:
        """The post stands: its writer may change it, take it back, or wait for an answer."""
        address = f"/sandbox/api/posts/{key}"
        lot = self.rng.random()
        soon = now + timedelta(seconds=self.rng.uniform(40, 600))
        if lot < EDITS:
            self._plan(soon, "PUT", address, {"text": f"{spoken.written.text} (edit: typo)"[:500]})
        elif lot < EDITS + DELETES:
            self._plan(soon, "DELETE", address, None)
        elif len(self.watched) < WATCHED and spoken.written.theme in {
            theme.key for theme in VOICES[spoken.who.language] if theme.tone != "positive"
        }:
            self.watched.append(
                Watched(key, spoken.who, spoken.written.theme, spoken.private, now + WATCHED_FOR, now + LOOKED_AT)
            )

    # --- Waiting for the bank ---

    def _look(self, now: datetime) -> None:
        """Some of those who wait look whether they were answered, and say something about it."""
        due = [watched for watched in self.watched if watched.look_at <= now][:5]
        for watched in due:
            replies = self._replies(watched.key)
            watched.look_at = now + LOOKED_AT * self.rng.uniform(1, 4)
            if replies:
                self.watched.remove(watched)
                self._come_back(watched, replies[-1], now)
            elif watched.until <= now:
                self.watched.remove(watched)
                if self.rng.random() < GROWS_IMPATIENT:
                    words = impatient(watched.who, self.rng)
                    self._write(now, watched.who, words, watched.private, parent=watched.key)

    def _replies(self, key: str) -> list[str]:
        try:
            answer = self.client.get(f"/sandbox/api/posts/{key}")
        except httpx.HTTPError:
            return []
        return [str(reply["id"]) for reply in answer.json().get("replies", [])] if answer.is_success else []

    def _come_back(self, watched: Watched, reply: str, now: datetime) -> None:
        theme = next((t for t in VOICES[watched.who.language] if t.key == watched.theme), None)
        if theme is None or self.rng.random() > COMES_BACK:
            return
        words = after(theme, watched.who, self.rng)
        if words is not None:
            at = now + timedelta(seconds=self.rng.uniform(60, 1500))
            self._write(at, watched.who, words, watched.private, parent=reply)

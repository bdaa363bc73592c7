"""A month of the bank's life: what was written, how it was routed, who answered when.

Posts go in through the one door, `intake`, a few hours at a time; what the desk did with them follows in bulk
(`ledger`). The last days stand on Town Square too, so that what is still open can be answered there.
"""

import heapq
import json
import random
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection

from agents import access, guard, scrutiny
from agents.models import Team, User
from config.demo import bank, chorus, desk, rhythm, shifts, wire
from config.demo.bank import BANK
from config.demo.chorus import Spoken
from config.demo.customers import Customer, everybody, plain
from config.demo.ledger import Answer, Ledger, Open, waiting
from config.demo.present import VISITED
from config.demo.texts import VOICES
from config.demo.texts.answers import MATTERS
from config.demo.texts.answers import answer as worded
from config.demo.wire import Square
from config.demo.writing import Written, after, impatient, opening
from mentions import intake, networks, rulebook
from mentions.intake import Batch, store
from mentions.models import Queue, Source
from mentions.sandbox.models import Person, Post

SQUARE: Final = "town-square"
CHUNK: Final = timedelta(hours=3)
# What is older and settled no longer stands on Town Square.
ON_THE_SQUARE: Final = timedelta(days=4)
LAG: Final = timedelta(seconds=2)
SECONDS_BETWEEN: Final = 15

COMES_BACK: Final = 0.13
COMES_IN_PRIVATE: Final = 0.35
# Of what its customer will come back to so much is left open for them, so long.
STAYS_OPEN: Final = 0.6
LEFT_FOR: Final = timedelta(hours=20)
GROWS_IMPATIENT: Final = 0.08
SECOND_PAIR_OF_EYES: Final = ("sefa", "yusuf", "hinemoa")


def plan(days: int, now: datetime, seed: str) -> Iterator[Spoken]:
    """What people began to write in the days before `now`, in order."""
    return chorus.spoken(now - timedelta(days=days), now, random.Random(seed))


def write(now: datetime, days: int) -> bool:
    """Write the history before `now`, in the caller's transaction; False if it was written before."""
    if Person.objects.filter(folded=everybody()[0].handle.lower()).exists():
        return False
    _Month(now, days).write()
    return True


@dataclass(order=True, slots=True)
class _Later:
    """A post that follows from what happened before."""

    at: datetime
    number: int
    who: Customer = field(compare=False)
    written: Written = field(compare=False)
    private: bool = field(compare=False)
    thread: str | None = field(compare=False, default=None)
    parent: str | None = field(compare=False, default=None)


class _Month:
    """The writing of one history."""

    def __init__(self, now: datetime, days: int) -> None:
        self.now, self.start = now, now - timedelta(days=days)
        self.rng = random.Random(f"history {now.date().isoformat()}")
        self.spoken = plan(days, now, f"spoken {now.date().isoformat()}")
        self.ahead = next(self.spoken, None)
        self.later: list[_Later] = []
        self.scheduled = 0
        self.elsewhere = 0
        self.posts: dict[str, Square] = {}
        self.themes: dict[str, str] = {}
        self.works: dict[int, desk.Work] = {}
        self.load: Counter[str] = Counter()
        self.impatient: set[int] = set()
        self.base_url = f"{settings.LOCAL_URL.rstrip('/')}/sandbox"
        self.sources = {source.slug: source for source in Source.objects.all()}
        self.queues = {queue.pk: queue for queue in Queue.objects.all()}
        self.users = {user.username: user for user in User.objects.all()}
        self.owners = {self.users[person.username].pk: person for person in bank.PEOPLE}
        self.home = {pk: access.home_team(pk) for pk in self.queues}
        self.guarding: dict[tuple[str, int], tuple[Team, str]] = {}
        self.book = rulebook.current()
        self.ledger = Ledger(LAG)
        self.bank = Person.objects.get(folded=BANK.handle)
        self.people = self._people()

    def write(self) -> None:
        """Chunk after chunk: posts in, work done."""
        end = self.start
        while end < self.now:
            end = min(end + CHUNK, self.now)
            self._hear(end)
            self._work(end)
        _spread_receipts(self.now)
        _sit_down(self.now)
        self._put_on_the_square()

    # --- What is written ---

    def _hear(self, end: datetime) -> None:
        """Everything written until `end` goes through intake, source by source in one transaction."""
        items: dict[str, list[dict[str, Any]]] = {}
        told: list[dict[str, Any]] = []
        while self.ahead is not None and self.ahead.at < end:
            spoken, self.ahead = self.ahead, next(self.spoken, None)
            if spoken.source == SQUARE:
                told.append(self._on_square(spoken.at, spoken.who, spoken.written, spoken.private, spoken.picture))
            else:
                self.elsewhere += 1
                name = f"{spoken.source}-h{self.elsewhere}"
                items.setdefault(spoken.source, []).append(wire.elsewhere(spoken, name, self.rng))
        while self.later and self.later[0].at < end:
            then = heapq.heappop(self.later)
            told.append(self._on_square(then.at, then.who, then.written, then.private, "", then.thread, then.parent))
        body = json.dumps({"account": BANK.handle, "events": told}).encode()
        items[SQUARE] = networks.get("townsquare").parse(body)
        batches = [Batch(self.sources[slug], found) for slug, found in items.items() if found]
        if batches:
            intake.receive_all(batches, now=end)

    def _on_square(
        self,
        at: datetime,
        who: Customer,
        written: Written,
        private: bool,
        picture: str,
        thread: str | None = None,
        parent: str | None = None,
    ) -> dict[str, Any]:
        name = wire.key(self.rng, 24 if private else 12)
        person = self.people[who.number]
        own = f"dm{person}" if private else name
        post = Square(name, thread or own, at, who, person, written.text, private, parent, picture)
        self.posts[f"ts:{name}"] = post
        self.themes[f"ts:{name}"] = written.theme
        return post.event(self.base_url)

    def _schedule(
        self, at: datetime, to: Square, written: Written | None, *, private: bool, parent: str | None
    ) -> None:
        if written is not None and at < self.now:
            self.scheduled += 1
            thread = to.thread if private == to.private else None
            heapq.heappush(self.later, _Later(at, self.scheduled, to.who, written, private, thread, parent))

    # --- What was done about it ---

    def _work(self, end: datetime) -> None:
        """Everything that the desk has finished by `end`."""
        if end.astimezone(rhythm.ZONE).hour < CHUNK // timedelta(hours=1):
            self.load.clear()
        finished: list[tuple[Open, desk.Work]] = []
        for about in waiting():
            work = self.works.get(about.id)
            if work is None:
                work = self.works[about.id] = self._planned(about)
                self.load[work.person.username] += 1
            if work.ended_at + desk.SECOND_LOOK * 2 < end:
                finished.append((about, work))
            elif about.since < end - timedelta(minutes=90) and about.id not in self.impatient:
                self._maybe_impatient(about, end)
        self.ledger.reserve(len(finished))
        for about, work in finished:
            del self.works[about.id]
            policy = self.book.policies[about.queue]
            if work.outcome == "answered":
                self._answer(about, work, end)
            elif work.outcome == "settled":
                self.ledger.settle(
                    about,
                    person=self.users[work.person.username].pk,
                    woken_at=work.claimed_at,
                    at=work.ended_at,
                    hours=policy.calendar,
                )
            else:
                home = self.home[about.queue]
                self.ledger.dismiss(
                    about,
                    person=self.users[work.person.username].pk,
                    team=home.pk if home else None,
                    at=work.ended_at,
                    why=work.why,
                    hours=policy.calendar,
                )
        if finished:
            self.ledger.write()

    def _planned(self, about: Open) -> desk.Work:
        seen = desk.Waiting(
            about.id,
            self.queues[about.queue].slug,
            about.priority,
            about.actionable,
            about.language,
            about.visibility == "private",
            about.since,
            about.source == self.sources[SQUARE].pk,
        )
        policy = self.book.policies[about.queue]
        if about.owner is not None:
            asks = about.stretch_due is not None
            return desk.again(seen, policy, self.rng, self.owners[about.owner], asks=asks)
        today = about.since.astimezone(rhythm.ZONE).date()
        strain = sum(burst.rate(about.since) for burst in rhythm.bursts(today))
        progress = (about.since - self.start) / (self.now - self.start)
        # The month saw new people settle in: answers come a little faster towards its end.
        slower = (1.2 - 0.3 * progress) * (1 + strain / 4)
        return desk.work(seen, policy, self.rng, slower=slower, load=self.load)

    def _maybe_impatient(self, about: Open, end: datetime) -> None:
        self.impatient.add(about.id)
        said = self.posts.get(about.target_external)
        # Who praised the bank waits for nothing.
        if said is not None and about.actionable is not False and self.rng.random() < GROWS_IMPATIENT:
            at = end + timedelta(minutes=self.rng.uniform(0, 60))
            self._schedule(at, said, impatient(said.who, self.rng), private=said.private, parent=said.id)

    def _answer(self, about: Open, work: desk.Work, end: datetime) -> None:
        said = self.posts[about.target_external]
        theme = self.themes[about.target_external]
        user = self.users[work.person.username]
        team, guard_version = self._guarded(user, about.queue)
        first = said.who.name.split()[0] if plain(said.who.name) else said.who.name
        text = worded(
            MATTERS.get(theme, ""),
            about.language,
            self.rng,
            first=first,
            sign=work.person.first[0] + work.person.last[0],
            private=said.private,
        )
        second = approved_at = None
        if team.profile.four_eyes and not said.private:
            second = self.users[self.rng.choice([name for name in SECOND_PAIR_OF_EYES if name != user.username])].pk
            approved_at = work.ended_at + desk.SECOND_LOOK * self.rng.uniform(0.3, 1.4)
        home = self.home[about.queue]
        name = wire.key(self.rng, 24 if said.private else 12)
        answer = Answer(
            person=user.pk,
            team=home.pk if home else None,
            claimed_at=work.claimed_at,
            written_at=work.ended_at,
            left_after=timedelta(seconds=self.rng.uniform(2, SECONDS_BETWEEN)),
            disposition=work.why,
            text=text,
            key=uuid.UUID(int=self.rng.getrandbits(128), version=4),
            external_id=f"ts:{name}",
            url=f"{self.base_url}/posts/{name}/",
            guard_version=guard_version,
            handle=self.sources[SQUARE].handle,
            second=second,
            approved_at=approved_at,
        )
        back = self._come_back(said, theme, name, max(answer.sent_at, end))
        if back is not None and self._stays_open(about, work.person, back):
            answer = replace(answer, until=answer.sent_at + LEFT_FOR)
        self.ledger.answer(about, answer, self.book.policies[about.queue])
        self.posts[answer.external_id] = Square(
            name, said.thread, answer.sent_at, said.who, self.bank.key, text, said.private, said.id, "", str(answer.key)
        )

    def _stays_open(self, about: Open, person: bank.Person, back: datetime) -> bool:
        """Whether somebody who will be there then waits for the customer; whom visitors sign in as waits for nobody."""
        promised = self.book.policies[about.queue].next_response_s is not None
        there = person.username not in VISITED and shifts.at_work(person, back + desk.SECOND_LOOK * 3)
        return about.case is None and promised and there and self.rng.random() < STAYS_OPEN

    def _come_back(self, said: Square, theme: str, answered_by: str, since: datetime) -> datetime | None:
        """The customer thanks or complains again, at the time returned; or moves to a private message."""
        known = next((t for t in VOICES[said.who.language] if t.key == theme), None)
        at = since + timedelta(minutes=self.rng.expovariate(1 / 40))
        if known is None:
            return None
        if self.rng.random() < COMES_BACK:
            words = after(known, said.who, self.rng)
            self._schedule(at, said, words, private=said.private, parent=answered_by)
            return None if words is None else at
        if known.private and not said.private and self.rng.random() < COMES_IN_PRIVATE:
            written = opening(known, said.who, self.rng, private=True, about={})
            self._schedule(at, said, written, private=True, parent=None)
        return None

    def _guarded(self, user: User, queue: int) -> tuple[Team, str]:
        """The team whose profile binds this person here, and the version of the guard under it."""
        known = self.guarding.get((user.username, queue))
        if known is None:
            team = access.guarded_by(user, self.queues[queue])
            verdict = guard.check(guard.Draft("Thank you!"), scrutiny.policy(team))
            known = self.guarding[user.username, queue] = (team, verdict.version)
        return known

    # --- Town Square's own side ---

    def _people(self) -> dict[int, str]:
        """Everybody has an account on Town Square; its key by the customer's number."""
        people = [
            Person(
                key=wire.key(self.rng),
                handle=who.handle,
                folded=who.handle.lower(),
                name=who.name,
                followers=who.followers,
                verified=who.verified,
                avatar=1 + who.number % 7,
                joined_at=self.start - timedelta(days=self.rng.randrange(10, 2000)),
            )
            for who in everybody()
        ]
        Person.objects.bulk_create(people, batch_size=2000)
        return {who.number: person.key for who, person in zip(everybody(), people, strict=True)}

    def _put_on_the_square(self) -> None:
        """The last days' posts and answers, so that the open ones can be answered where they were written."""
        still_open = {about.target_external for about in waiting()}
        since = self.now - ON_THE_SQUARE
        recent = [post for name, post in self.posts.items() if post.at >= since or name in still_open]
        persons = dict(Person.objects.values_list("key", "pk"))
        with connection.cursor() as cursor:
            ids = dict(
                zip((post.id for post in recent), store.reserve(cursor, "sandbox_post", len(recent)), strict=True)
            )
        rows = []
        for post in recent:
            bank_wrote = post.client_key is not None
            row = Post(
                id=ids[post.id],
                key=post.id,
                author_id=persons[post.person],
                private=post.private,
                in_reply_to_id=ids.get(post.parent or ""),
                thread=post.thread,
                image=post.picture,
                created_at=post.at,
                client_key=post.client_key,
            )
            if post.private:
                row.recipient_id = persons[self.people[post.who.number]] if bank_wrote else self.bank.pk
            row.text = post.text
            rows.append(row)
        Post.objects.bulk_create(rows, batch_size=2000)


def _spread_receipts(now: datetime) -> None:
    """Intake stamped each batch with one time of receipt; every post in fact came seconds after it was written."""
    lag = "make_interval(secs => 0.9 + (id %% 37) * 0.07)"
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE mentions_mention SET received_at = least(occurred_at + {lag}, %s)", [now])
        cursor.execute(f"UPDATE mentions_stretch SET received_at = least(started_at + {lag}, %s)", [now])
        cursor.execute(
            f"UPDATE mentions_conversation SET received_at = least(opened_at + {lag}, %s), "
            f"queued_at = least(coalesce(waiting_since, opened_at) + {lag}, %s), "
            "closed_at = CASE WHEN state = 'closed' AND reply_count = 0 AND actionable_by = 'rule' "
            f"THEN least(opened_at + {lag}, %s) ELSE closed_at END",
            [now, now, now],
        )
        cursor.execute(
            "UPDATE mentions_author a SET first_seen_at = m.first FROM "
            "(SELECT author_id, min(occurred_at) AS first FROM mentions_mention GROUP BY author_id) m "
            "WHERE m.author_id = a.id"
        )


def _sit_down(now: datetime) -> None:
    """Who worked was there: from minutes before the first claim of a shift to some after its last, with a break."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO commandcenter_presence (person_id, started_at, seen_at) "
            "SELECT owner_id, min(claimed_at) - interval '12 minutes', "
            "least(%s, max(claimed_at) + interval '25 minutes') FROM ("
            "SELECT *, count(*) FILTER (WHERE fresh) OVER (PARTITION BY owner_id ORDER BY claimed_at) AS shift FROM ("
            "SELECT owner_id, claimed_at, claimed_at - lag(claimed_at) OVER (PARTITION BY owner_id "
            "ORDER BY claimed_at) > interval '3 hours' AS fresh FROM agents_case) c) s GROUP BY owner_id, shift",
            [now],
        )
        cursor.execute(
            "INSERT INTO commandcenter_absence (person_id, reason, started_at, ended_at) "
            "SELECT person_id, 'break', started_at + (seen_at - started_at) / 2, "
            "started_at + (seen_at - started_at) / 2 + interval '35 minutes' FROM commandcenter_presence "
            "WHERE seen_at - started_at > interval '5 hours'"
        )

"""What people have in hand at the moment at which the demonstration begins, by the same verbs as at any later one.

`colleagues` goes on with it. Whoever is first of a role has nothing in hand: it is them whom visitors sign in as.
"""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from agents import access, cases, replies, returns
from agents.models import Case, ReplyState, User
from commandcenter.models import Absence
from config.demo import bank, shifts
from config.demo.bank import Person
from config.demo.customers import Customer, everybody, plain
from config.demo.texts.answers import answer as worded
from config.demo.texts.answers import matter_of
from mentions.models import Conversation, Origin, State

IN_HAND: Final = 3
LOOKED_AT: Final = 150
# Of what waits so much is in somebody's hands.
SHARE: Final = 0.5
VISITED: Final = frozenset(
    next(person.username for person in bank.PEOPLE if person.role == role)
    for role in {person.role for person in bank.PEOPLE}
)


def write(now: datetime) -> None:
    """Claims for everybody at work, one conversation that waits for its customer, one answer for its second reader."""
    rng = random.Random(f"present {now.date().isoformat()}")
    _wake(now)
    customers = {who.handle: who for who in everybody()}
    users = {user.username: user for user in User.objects.filter(is_active=True)}
    waiting = [one for one in _waiting() if one.author.handle in customers]
    _second_look(waiting, customers, users, now, rng)
    in_hand = Case.objects.filter(ended_at=None, conversation__state=State.CLAIMED)
    load = Counter(in_hand.values_list("owner__username", flat=True))
    held: list[tuple[Conversation, User]] = []
    for found in waiting:
        if len(held) >= SHARE * len(waiting):
            break
        person = _free(found.queue.slug, load, now)
        if person is None or Conversation.objects.get(pk=found.pk).state != State.WAITING:
            continue
        ago = timedelta(seconds=rng.uniform(40, 900))
        cases.claim(found.pk, by=users[person.username], now=max(now - ago, found.queued_at))
        load[person.username] += 1
        held.append((found, users[person.username]))
    for found, user in held:
        if found.queue.policy.pause_when_pending and found.actionable:
            note = "Asked for the day of the payment"
            cases.pend(
                found.pk, on=State.PENDING_CUSTOMER, until=now + timedelta(hours=20), by=user, note=note, now=now
            )
            break
    _away(users, load, now)


def _wake(now: datetime) -> None:
    """Whose customer came back a moment ago is in its owner's hands since then, as far as these hold it.

    Where nobody looked for as long as a lease lasts, it waits in its queue again.
    """
    back = Conversation.objects.filter(state=State.PENDING_CUSTOMER, wake_at__lte=now)
    load: Counter[int] = Counter()
    for found in back.order_by("-last_inbound_at"):
        since = min(found.last_inbound_at + timedelta(seconds=4), now)
        Conversation.objects.filter(pk=found.pk).update(wake_at=since)
        returns.wake(found.pk, now=since)
        case = Case.objects.select_related("owner").get(conversation=found, ended_at=None)
        if returns.expire(case.pk, now=min(since + cases.LEASE, now)):
            continue
        if load[case.owner_id] >= IN_HAND:
            cases.release(found.pk, by=case.owner, now=now)
            continue
        Case.objects.filter(pk=case.pk).update(lease_until=now + cases.LEASE)
        load[case.owner_id] += 1


def _away(users: dict[str, User], load: Counter[str], now: datetime) -> None:
    """Of those at work who have nothing in hand, two are not at their desks."""
    free = [
        person
        for person in shifts.WORKERS
        if person.username not in VISITED and not load[person.username] and shifts.at_work(person, now)
    ]
    for person, reason, minutes in zip(free, (Absence.Reason.BREAK, Absence.Reason.TRAINING), (11, 47), strict=False):
        Absence.objects.create(
            person=users[person.username], reason=reason, started_at=now - timedelta(minutes=minutes)
        )


def _waiting() -> Iterable[Conversation]:
    """What waits, the most urgent first."""
    found = Conversation.objects.filter(state=State.WAITING, origin=Origin.LIVE, source__sending=True)
    return found.select_related("author", "queue__policy", "source").order_by("priority", "due_at", "id")[:LOOKED_AT]


def _free(queue: str, load: Counter[str], now: datetime) -> Person | None:
    """Who is at work, knows the queue and has least in hand."""
    crew = (person for person in shifts.crew(queue) if person.username not in VISITED and shifts.at_work(person, now))
    able = [person for person in crew if load[person.username] < IN_HAND]
    return min(able, key=lambda person: (person.role != "agent", load[person.username]), default=None)


def _second_look(
    waiting: Iterable[Conversation],
    customers: dict[str, Customer],
    users: dict[str, User],
    now: datetime,
    rng: random.Random,
) -> None:
    """Somebody has written an answer that a second person has to read."""
    for found, user in _to_be_read(waiting, users):
        cases.claim(found.pk, by=user, now=max(now - timedelta(minutes=9), found.queued_at))
        name = customers[found.author.handle].name
        reply = replies.submit(
            found.pk,
            text=worded(
                matter_of(found.tags),
                found.language,
                rng,
                first=name.split()[0] if plain(name) else name,
                sign=user.first_name[0] + user.last_name[0],
                private=False,
            ),
            visibility=found.visibility,
            seen_version=Conversation.objects.get(pk=found.pk).version,
            client_key=uuid4(),
            by=user,
            now=now - timedelta(minutes=2),
        )
        if reply.state == ReplyState.AWAITING_APPROVAL:
            return
        cases.release(found.pk, by=user, now=now)


def _to_be_read(waiting: Iterable[Conversation], users: dict[str, User]) -> Iterator[tuple[Conversation, User]]:
    """Public conversations of teams whose answers two people read, and who of the crew would answer each."""
    for found in waiting:
        for person in shifts.crew(found.queue.slug):
            user = users[person.username]
            if (
                found.actionable
                and found.visibility == "public"
                and person.username not in VISITED
                and access.guarded_by(user, found.queue).profile.four_eyes
            ):
                yield found, user
                break

"""The other people at work: they claim, answer and close by the same verbs as anybody at the console.

They leave alone what is not theirs: a person who has signed in lately is real, so nothing is done in their name, and
whoever is not one of the demonstration's own customers is left to the person who plays along.
"""

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final, TypeVar
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.utils import timezone

from agents import approving, cases, replies
from agents.cases import Refused
from agents.models import Case, Reply, ReplyState, User
from commandcenter import presence
from config.demo import bank, desk, history
from config.demo.customers import Customer, everybody, plain
from config.demo.texts.answers import answer as worded
from config.demo.texts.answers import matter_of
from mentions import rulebook
from mentions.models import Conversation, Origin, State, Visibility

log = logging.getLogger(__name__)

REAL_FOR: Final = timedelta(hours=12)
AT_ONCE: Final = 5
LOOKED_AT: Final = 400
# Of the answers that could bring a question back so many leave their conversation open for it, so long.
STAYS_OPEN: Final = 0.3
LEFT_FOR: Final = timedelta(hours=3)
# How long a second person takes to read what waits for approval.
READING: Final = timedelta(minutes=20)
# What somebody had in hand when this process began is written within this time.
RESUMED_S: Final = 420
ATTENDED: Final = timedelta(seconds=40)
GLANCE: Final = timedelta(seconds=5)
SITS_BEFORE: Final = timedelta(minutes=15)

# What becomes of a conversation that somebody has in hand, and of one whose customer did not come back.
HEARD: Final[tuple[desk.Outcome, str]] = ("answered", "solved")
UNHEARD: Final[tuple[desk.Outcome, str]] = ("settled", "no_response")

T = TypeVar("T")


@dataclass(slots=True)
class Plan:
    """What a colleague means to do with a conversation, and how far they are."""

    work: desk.Work
    customer: Customer
    case: int | None = None
    reply: int | None = None
    attended_at: datetime | None = None


class Colleagues:
    """Everybody at work who is not real."""

    def __init__(self, rng: random.Random | None = None) -> None:
        self.rng = rng or random.Random()
        self.plans: dict[int, Plan] = {}
        self.customers = {who.handle: who for who in everybody()}
        self.people = {person.username: person for person in bank.PEOPLE}
        self.recovered = False
        self.sat_at: datetime | None = None

    def tick(self, now: datetime | None = None) -> bool:
        """Do what is due by now. Says whether more is waiting."""
        moment = now or timezone.now()
        users = self._simulated(moment)
        self._take_up(users, moment)
        self._plan(moment)
        done = 0
        for pk, plan in list(self.plans.items()):
            if done >= AT_ONCE:
                return True
            user = users.get(plan.work.person.username)
            if user is None:
                del self.plans[pk]
            elif self._due(plan, moment):
                done += 1
                self._step(pk, plan, user, moment)
        self._approve(users, moment)
        self._sit(users, moment)
        return False

    def _sit(self, users: Mapping[str, User], now: datetime) -> None:
        """Whoever is about to work, or does, has a console open."""
        if self.sat_at is not None and now - self.sat_at < presence.EVERY:
            return
        self.sat_at = now
        busy = {plan.work.person.username for plan in self.plans.values() if plan.work.claimed_at - SITS_BEFORE <= now}
        presence.seen([users[name].pk for name in busy if name in users], now)

    def _simulated(self, now: datetime) -> dict[str, User]:
        """Those in whose name something may be done."""
        found = User.objects.filter(username__in=list(self.people), is_active=True)
        return {user.username: user for user in found.exclude(last_login__gt=now - REAL_FOR)}

    def _take_up(self, users: dict[str, User], now: datetime) -> None:
        """Go on with what colleagues have in hand, of before this process began or because it woke.

        Where nobody waits it was answered and its customer asked no more. What is not from one of our customers goes
        back to its queue when this process begins.
        """
        held = Case.objects.filter(
            ended_at=None, owner__in=list(users.values()), conversation__state=State.CLAIMED
        ).exclude(conversation__in=list(self.plans))
        for case in held.select_related("owner", "conversation__author"):
            about = case.conversation
            customer = self.customers.get(about.author.handle)
            sent = Reply.objects.filter(case=case, state__in=replies.ON_ITS_WAY).values_list("pk", flat=True).first()
            if customer is not None:
                person = self.people[case.owner.username]
                done = now + timedelta(seconds=self.rng.uniform(20, RESUMED_S))
                asks = sent is not None or about.waiting_since is not None
                outcome, why = HEARD if asks else UNHEARD
                work = desk.Work(person, case.claimed_at, done, outcome, why)
                self.plans[about.pk] = Plan(work, customer, case.pk, sent)
            elif sent is None and not self.recovered:
                _tried(partial(cases.release, about.pk, by=case.owner))
        self.recovered = True

    def _plan(self, now: datetime) -> None:
        """Decide about what has come in since."""
        book = rulebook.current()
        waiting = (
            Conversation.objects.filter(state=State.WAITING, origin=Origin.LIVE, source__rival="")
            .exclude(pk__in=list(self.plans))
            .select_related("author", "queue", "source")
            .order_by("-id")[:LOOKED_AT]
        )
        for found in waiting:
            customer = self.customers.get(found.author.handle)
            if customer is None:
                continue
            seen = desk.Waiting(
                found.pk,
                found.queue.slug,
                found.priority,
                found.actionable,
                found.language,
                found.visibility == Visibility.PRIVATE,
                found.waiting_since or found.last_inbound_at,
                found.source.sending,
            )
            work = desk.work(seen, book.policies[found.queue_id], self.rng)
            late = max(now - work.claimed_at, timedelta(0))
            if late:
                # Overslept: it is taken up over the next minutes, not all at once.
                late += timedelta(seconds=self.rng.uniform(5, 900))
            moved = desk.Work(work.person, work.claimed_at + late, work.ended_at + late, work.outcome, work.why)
            self.plans[found.pk] = Plan(moved, customer)

    @staticmethod
    def _due(plan: Plan, now: datetime) -> bool:
        if plan.work.outcome == "dismissed":
            return now >= plan.work.ended_at
        if plan.case is None:
            return now >= plan.work.claimed_at
        if plan.reply is None and now >= plan.work.ended_at:
            return True
        return plan.attended_at is None or now - plan.attended_at >= (ATTENDED if plan.reply is None else GLANCE)

    def _step(self, pk: int, plan: Plan, user: User, now: datetime) -> None:
        if plan.work.outcome == "dismissed":
            del self.plans[pk]
            if Conversation.objects.filter(pk=pk, state=State.WAITING).exists():
                _tried(lambda: cases.dismiss(pk, why=plan.work.why, by=user))
        elif plan.case is None:
            claimed = _tried(lambda: cases.claim(pk, by=user))
            if claimed is None:
                del self.plans[pk]
            else:
                plan.case = claimed.pk
        elif plan.work.outcome == "settled" and now >= plan.work.ended_at:
            del self.plans[pk]
            _tried(lambda: cases.close(pk, disposition=plan.work.why, by=user))
        elif plan.reply is None and now >= plan.work.ended_at:
            self._write(pk, plan, user)
        else:
            self._attend(pk, plan, user, now)

    def _write(self, pk: int, plan: Plan, user: User) -> None:
        """Send what the work was for; what the guard stops goes back to the queue."""
        conversation = Conversation.objects.get(pk=pk)
        name = plan.customer.name
        text = worded(
            matter_of(conversation.tags),
            conversation.language,
            self.rng,
            first=name.split()[0] if plain(name) else name,
            sign=plan.work.person.first[0] + plan.work.person.last[0],
            private=conversation.visibility == Visibility.PRIVATE,
        )
        reply = _tried(
            lambda: replies.submit(
                pk,
                text=text,
                visibility=conversation.visibility,
                seen_version=conversation.version,
                client_key=uuid4(),
                by=user,
            )
        )
        if reply is None or reply.state == ReplyState.DRAFT:
            self._give_back(pk, user)
        else:
            plan.reply = reply.pk

    def _attend(self, pk: int, plan: Plan, user: User, now: datetime) -> None:
        """Keep the case while writing or while the reply is on its way; once that is out, close it or wait."""
        state = Reply.objects.filter(pk=plan.reply).values_list("state", flat=True).first() if plan.reply else None
        if state == ReplyState.SENT:
            del self.plans[pk]
            if self._stays_open(pk):
                until = timezone.now() + LEFT_FOR
                _tried(lambda: cases.pend(pk, on=State.PENDING_CUSTOMER, until=until, by=user))
            else:
                _tried(lambda: cases.close(pk, disposition=plan.work.why, by=user))
        elif state is None or state in replies.ON_ITS_WAY:
            plan.attended_at = now
            case = plan.case
            assert case is not None
            if _tried(lambda: cases.renew(case, by=user, focused=state is None)) is None:
                del self.plans[pk]
        else:
            self._give_back(pk, user)

    def _stays_open(self, pk: int) -> bool:
        """Whether a first answer leaves its conversation to the customer, who may have something to add."""
        first = Conversation.objects.filter(
            pk=pk, reply_count=1, waiting_since=None, queue__policy__next_response_s__isnull=False
        )
        return self.rng.random() < STAYS_OPEN and first.exists()

    def _give_back(self, pk: int, user: User) -> None:
        del self.plans[pk]
        _tried(lambda: cases.release(pk, by=user))

    def _approve(self, users: Mapping[str, User], now: datetime) -> None:
        """Second persons read what their colleagues wrote; what a real person wrote waits for a real one."""
        readers = [users[name] for name in history.SECOND_PAIR_OF_EYES if name in users]
        waiting = Reply.objects.filter(
            state=ReplyState.AWAITING_APPROVAL, author__in=list(users.values()), submitted_at__lte=now - READING
        )
        for reply in waiting.select_related("author")[:AT_ONCE]:
            reader = next((one for one in readers if one.pk != reply.author_id), None)
            if reader is not None:
                _tried(partial(approving.approve, reply, digest=reply.digest, by=reader))


def _tried(verb: Callable[[], T]) -> T | None:
    """What the verb returns, or None if the house refused: somebody was quicker, or sending is off."""
    try:
        return verb()
    except (Refused, PermissionDenied) as refused:
        log.debug("a colleague was refused: %s", refused)
        return None

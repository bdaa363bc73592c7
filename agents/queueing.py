"""Queues and teams as people change them: nothing with a history is ever deleted, and no open work is left behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from agents import access, guarding, proposals
from agents.models import Case, RegulatoryProfile, Team, TeamQueue, User
from mentions import editions, events, ruling, scrub
from mentions.editions import NotSaved
from mentions.events import SYSTEM, Actor, Fact
from mentions.models import Conversation, Queue, RoutingRule, SlaPolicy, State, Stretch

QUEUE: Final = "queue"
TEAM: Final = "team"
_AT_ONCE: Final = 500
_BATCHES: Final = 20  # while a person waits; the listener takes the rest


@dataclass(frozen=True, slots=True)
class QueueWanted:
    """A queue as a person wants it. `home` is the team that its work is counted for, `helpers` who works it too."""

    name: str
    policy_id: int
    home: int | None
    helpers: frozenset[int] = frozenset()
    position: int | None = None


@dataclass(frozen=True, slots=True)
class TeamWanted:
    """A team as a person wants it: its people and the profile that its replies are held to."""

    name: str
    profile_id: int
    people: frozenset[int] = frozenset()


def queue_state(queue: Queue) -> dict[str, Any]:
    """A queue as an edition keeps it."""
    teams = dict(TeamQueue.objects.filter(queue=queue).values_list("team_id", "home"))
    return {
        "name": queue.name,
        "policy": queue.policy_id,
        "position": queue.position,
        "default": queue.is_default,
        "home": next((team for team, home in teams.items() if home), None),
        "helpers": sorted(team for team, home in teams.items() if not home),
        "retired": queue.retired_at is not None,
        "successor": queue.successor_id,
    }


def team_state(team: Team) -> dict[str, Any]:
    """A team as an edition keeps it."""
    return {
        "name": team.name,
        "profile": team.profile_id,
        "people": sorted(team.people.values_list("pk", flat=True)),
        "retired": team.retired_at is not None,
    }


def save_queue(
    wanted: QueueWanted, *, by: User, queue: Queue | None = None, seen: int | None = None, now: datetime | None = None
) -> Queue:
    """Keep a queue, new or as it is wanted from now on. Raises `NotSaved`, and `Stale` if others changed it."""
    access.require(by, "set up")
    moment = now or timezone.now()
    name = scrub.typed(wanted.name, 80)
    if not name:
        raise NotSaved(_("Give the queue a name."))
    if not SlaPolicy.objects.filter(pk=wanted.policy_id).exists():
        raise NotSaved(_("Choose what is promised there."))
    teams = wanted.helpers | ({wanted.home} if wanted.home is not None else set())
    if Team.objects.filter(pk__in=teams, retired_at=None).count() != len(teams):
        raise NotSaved(_("Choose teams that work."))
    with transaction.atomic():
        editions.lock(QUEUE, queue.pk if queue else 0, seen=seen)
        row = Queue.objects.select_for_update().get(pk=queue.pk) if queue else Queue(slug=_free_slug(Queue, name))
        if row.retired_at is not None:
            raise NotSaved(_("It has been retired."))
        before = queue_state(row) if queue else None
        if Queue.objects.filter(name__iexact=name, retired_at=None).exclude(pk=row.pk).exists():
            raise NotSaved(_("There is a queue of this name already."))
        row.name, row.policy_id = name, wanted.policy_id
        if wanted.position is not None:
            row.position = wanted.position
        elif queue is None:
            row.position = (Queue.objects.aggregate(last=Max("position"))["last"] or 0) + 10
        if queue is None:
            row.is_default = not Queue.objects.filter(is_default=True).exists()
        row.save()
        if before is not None:
            _keep_its_guard(before, {"home": wanted.home, "helpers": wanted.helpers})
        TeamQueue.objects.filter(queue=row).delete()
        TeamQueue.objects.bulk_create(
            TeamQueue(team_id=team, queue=row, home=team == wanted.home) for team in sorted(teams)
        )
        what = "changed" if queue else "made"
        editions.keep(QUEUE, row.pk, before=before, after=queue_state(row), what=what, by=by.pk, now=moment)
    return row


def make_default(queue: Queue, *, by: User, now: datetime | None = None) -> None:
    """Let this queue take what no rule takes."""
    access.require(by, "set up")
    moment = now or timezone.now()
    with transaction.atomic():
        rows = {row.pk: row for row in Queue.objects.select_for_update().order_by("pk")}
        chosen = rows[queue.pk]
        if chosen.retired_at is not None:
            raise NotSaved(_("It has been retired."))
        require_strict(chosen)
        for row in sorted((row for row in rows.values() if row.is_default or row is chosen), key=lambda r: r is chosen):
            before = queue_state(row)
            row.is_default = row is chosen
            row.save(update_fields=["is_default"])
            editions.keep(QUEUE, row.pk, before=before, after=queue_state(row), what="changed", by=by.pk, now=moment)


def retire(queue: Queue, *, to: Queue | None, by: User, now: datetime | None = None) -> int:
    """Take a queue out of use; what is open there goes to `to`, and so does what comes back later. Returns how many.

    Raises `NotSaved` for the default queue, one that rules still send to, where nothing was chosen, and where `to` is
    answered behind a weaker guard.
    """
    access.require(by, "set up")
    moment = now or timezone.now()
    with transaction.atomic():
        editions.lock(QUEUE, queue.pk, seen=None)
        editions.lock(ruling.SUBJECT, seen=None)
        # These two rows alone: whoever seals events writes to the others all the time.
        wanted = [queue.pk, to.pk] if to else [queue.pk]
        rows = {row.pk: row for row in Queue.objects.select_for_update().filter(pk__in=wanted).order_by("pk")}
        row = rows[queue.pk]
        heir = rows.get(to.pk) if to else None
        if row.is_default:
            raise NotSaved(_("The default queue takes what no rule takes. Make another queue the default first."))
        if row.retired_at is not None:
            raise NotSaved(_("It has been retired already."))
        if heir is None or heir.retired_at is not None or heir.pk == row.pk:
            raise NotSaved(_("Choose a queue that is worked, where its conversations go."))
        rules = list(RoutingRule.objects.filter(queue=row, active=True).values_list("name", flat=True))
        if rules:
            raise NotSaved(_("These rules still send to it: %(rules)s.") % {"rules": ", ".join(rules)})
        before = queue_state(row)
        _keep_its_guard(before, queue_state(heir))
        row.retired_at, row.successor = moment, heir
        row.save(update_fields=["retired_at", "successor"])
        editions.keep(QUEUE, row.pk, before=before, after=queue_state(row), what="retired", by=by.pk, now=moment)
    moved = 0
    for _n in range(_BATCHES):
        batch = move_on(by=Actor.person(by.pk), now=moment)
        moved += batch
        if batch < _AT_ONCE:
            break
    return moved


def move_on(*, by: Actor = SYSTEM, now: datetime | None = None) -> int:
    """Take what is open in a retired queue to its successor; some at a time. Returns how many were moved.

    A post that was being stored while the queue retired, or a customer who comes back, is found by this within seconds.
    Whoever has a conversation keeps it; the clock runs on.
    """
    moment = now or timezone.now()
    retired = dict(Queue.objects.filter(successor__isnull=False).values_list("pk", "successor_id"))
    if not retired:
        return 0
    with transaction.atomic():
        stray = Conversation.objects.select_for_update(of=("self",)).filter(queue__in=retired)
        found = list(stray.exclude(state=State.CLOSED).order_by("pk")[:_AT_ONCE])
        if not found:
            return 0
        held = dict(Case.objects.filter(conversation__in=found, ended_at=None).values_list("conversation_id", "pk"))
        facts: list[Fact] = []
        moved: dict[int, list[int]] = {}
        for conversation in found:
            before, heir = conversation.queue_id, _heir(retired, conversation.queue_id)
            conversation.queue_id = heir
            conversation.version += 1
            moved.setdefault(heir, []).append(conversation.pk)
            facts.append(
                Fact(
                    "conversation.moved",
                    moment,
                    by,
                    origin=conversation.origin,
                    conversation_id=conversation.pk,
                    queue_id=heir,
                    case_id=held.get(conversation.pk),
                    source_id=conversation.source_id,
                    data={"from_queue": before, "version": conversation.version},
                )
            )
        Conversation.objects.bulk_update(found, ["queue", "version"])
        for heir, those in moved.items():
            Stretch.objects.filter(conversation__in=those, stopped_at=None).update(queue=heir)
        events.record_many(facts)
    return len(found)


def save_team(
    wanted: TeamWanted, *, by: User, team: Team | None = None, seen: int | None = None, now: datetime | None = None
) -> Team:
    """Keep a team, new or as it is wanted from now on. Raises `NotSaved`, and `Stale` if others changed it."""
    access.require(by, "set up")
    moment = now or timezone.now()
    name = scrub.typed(wanted.name, 80)
    if not name:
        raise NotSaved(_("Give the team a name."))
    if not RegulatoryProfile.objects.filter(pk=wanted.profile_id).exists():
        raise NotSaved(_("Choose what its replies are held to."))
    with transaction.atomic():
        editions.lock(TEAM, team.pk if team else 0, seen=seen)
        row = Team.objects.select_for_update().get(pk=team.pk) if team else Team(slug=_free_slug(Team, name))
        if row.retired_at is not None:
            raise NotSaved(_("It has been retired."))
        if Team.objects.filter(name__iexact=name, retired_at=None).exclude(pk=row.pk).exists():
            raise NotSaved(_("There is a team of this name already."))
        before = team_state(row) if team else None
        if before is not None and before["profile"] != wanted.profile_id:
            raise_unless_as_strict(row.profile, wanted.profile_id)
        row.name, row.profile_id = name, wanted.profile_id
        row.save()
        gone = row.people.filter(is_active=False).values_list("pk", flat=True) if team else []
        row.people.set(User.objects.filter(pk__in=wanted.people | set(gone)))
        what = "changed" if team else "made"
        editions.keep(TEAM, row.pk, before=before, after=team_state(row), what=what, by=by.pk, now=moment)
    return row


def raise_unless_as_strict(now: RegulatoryProfile, then: int) -> None:
    """Raises `NotSaved` if a team would get a weaker guard without a second person."""
    other = RegulatoryProfile.objects.get(pk=then)
    if proposals.needed() and guarding.weaker(guarding.state(now), guarding.state(other)):
        raise NotSaved(
            _("The guard of %(name)s is weaker. Have that guard made as strict first, or this one weakened by two.")
            % {"name": other.name}
        )


def require_strict(queue: Queue) -> None:
    """Raises `NotSaved` where one person would send more posts to a queue with a weaker guard than the default's."""
    default = Queue.objects.filter(is_default=True).first()
    if default is not None and proposals.needed() and not guarding.as_strict(queue, than=default):
        raise NotSaved(
            _("Replies from %(queue)s leave behind a weaker guard. Have it made as strict first.")
            % {"queue": queue.name}
        )


def _keep_its_guard(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Raises `NotSaved` if a queue's work would be answered behind a weaker guard than binds there now.

    Both are states of queues: the same one, or the one that takes its work over. What binds is the guard of the home,
    and where there is none, that of every helper.
    """
    home = before["home"]
    if home is not None and after["home"] is None and proposals.needed():
        raise NotSaved(_("Choose a home team: without one, any guard could come to bind the replies."))
    bound = Team.objects.select_related("profile").filter(pk__in=before["helpers"] if home is None else [home])
    new = set(after["helpers"]) - {home, *before["helpers"]}
    if after["home"] not in (None, home):
        new.add(after["home"])
    for team in Team.objects.filter(pk__in=new).order_by("pk"):
        for one in bound:
            raise_unless_as_strict(one.profile, team.profile_id)


def retire_team(team: Team, *, by: User, now: datetime | None = None) -> None:
    """Take a team out of use. Raises `NotSaved` while it is the home of a queue or has people."""
    access.require(by, "set up")
    moment = now or timezone.now()
    with transaction.atomic():
        editions.lock(TEAM, team.pk, seen=None)
        row = Team.objects.select_for_update().get(pk=team.pk)
        homes = TeamQueue.objects.filter(team=row, home=True, queue__retired_at=None)
        if homes.exists():
            names = ", ".join(homes.values_list("queue__name", flat=True))
            raise NotSaved(_("Give these queues another home first: %(queues)s.") % {"queues": names})
        if row.people.filter(is_active=True).exists():
            raise NotSaved(_("Let its people go to another team first."))
        before = team_state(row)
        TeamQueue.objects.filter(team=row, home=False).delete()
        row.retired_at = row.retired_at or moment
        row.save(update_fields=["retired_at"])
        editions.keep(TEAM, row.pk, before=before, after=team_state(row), what="retired", by=by.pk, now=moment)


def _heir(retired: dict[int, int], queue: int) -> int:
    """The queue at the end of a line of successors; it ends, since one retires only to a queue that is worked."""
    while queue in retired:
        queue = retired[queue]
    return queue


def _free_slug(model: type[Queue] | type[Team], name: str) -> str:
    """An address of its own for a new row; it stays when the name changes, since links and reports hold it."""
    base = slugify(name)[:32] or "unnamed"
    taken = set(model.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    return next(slug for n in range(1, len(taken) + 2) if (slug := base if n == 1 else f"{base}-{n}") not in taken)

"""The head of an open conversation: who, where, how urgent, why here, and what this person can do with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents import access, forms, zones
from agents.cases import DISMISSALS, DISPOSITIONS, ELSEWHERE, PENDING
from agents.desk import lists, thread, words
from agents.desk.lists import Person
from agents.desk.reading import NEWEST, Reading
from agents.joining import DUPLICATE
from agents.models import User
from agents.weighing import PRIORITIES
from mentions import naming, networks, telling
from mentions.models import Conversation, Origin, Queue, State


@dataclass(frozen=True, slots=True)
class Head:
    """A conversation as its page shows it; see console.html."""

    id: int
    number: str
    url: str
    version: int
    events: int | None
    state: str
    state_words: str
    visibility: str
    visibility_words: str
    author: thread.Writer
    network: str
    network_title: str
    source_title: str
    queue_title: str
    priority: int
    priority_words: str
    priorities: list[dict[str, Any]]
    weighed: str
    muted: str
    tags: list[str]
    dues: list[words.Due]
    due: words.Due | None
    why: str
    actionable: dict[str, Any]
    owner: Person | None
    mine: bool
    lease_until: datetime | None
    pending: dict[str, Any] | None
    closed: dict[str, Any] | None
    thread: list[thread.Item]
    can: dict[str, bool]
    exercise: bool = False
    read_only: bool = False
    dispositions: list[dict[str, Any]] = field(default_factory=list)
    queues: list[dict[str, Any]] = field(default_factory=list)
    takers: dict[str, Any] = field(default_factory=dict)
    people: list[dict[str, Any]] = field(default_factory=list)
    pending_presets: list[dict[str, str]] = field(default_factory=list)
    pending_min: str = ""
    pending_zone: str = ""
    came_back: str = ""


def head(reading: Reading, given: Mapping[str, str] | None = None) -> Head:
    """Everything about a conversation that its pane shows to this person, who is `given` back what was refused."""
    # Read before the rest: what these events tell of is then certain to be shown.
    events = len(reading.history)
    conversation, user, case, owner = reading.conversation, reading.user, reading.case, reading.owner
    can = permitted(conversation, owner, user)
    due = words.due(conversation, reading.now)
    queues = _queues(conversation, given or {}) if can["transfer"] else []
    read_only = not networks.offers(conversation.source.network, "publish")
    return Head(
        id=conversation.pk,
        exercise=conversation.origin == Origin.DRILL,
        number=conversation.number,
        url=reverse("agents:conversation", args=[conversation.pk]),
        version=conversation.version,
        events=events if events < NEWEST else None,
        state=conversation.state,
        state_words=str(State(conversation.state).label).capitalize(),
        visibility=conversation.visibility,
        visibility_words=words.audience(conversation.visibility, conversation.source.network),
        author=thread.writer(conversation.author),
        network=conversation.source.network,
        network_title=naming.network(conversation.source.network),
        source_title=conversation.source.name,
        queue_title=conversation.queue.name,
        priority=conversation.priority,
        priority_words=str(words.PRIORITIES[conversation.priority]),
        priorities=[
            {"value": n, "title": words.priority(n), "current": n == conversation.priority} for n in PRIORITIES
        ],
        weighed=_weighed(reading),
        muted=muted_words(reading),
        tags=conversation.tags,
        dues=words.dues(conversation, reading.now),
        due=due,
        why=telling.why(conversation.routed_why),
        actionable={
            "value": conversation.actionable,
            "words": words.ACTIONABLE[conversation.actionable],
            "reason_words": naming.judged(conversation.actionable_reason),
            "otherwise": _judgements(conversation) if can["dismiss"] else [],
        },
        owner=lists.person(owner) if owner else None,
        mine=reading.mine,
        lease_until=case.lease_until if case and conversation.state == State.CLAIMED else None,
        pending=_pending(conversation, user),
        closed=_closed(reading),
        thread=thread.thread(reading),
        can=can,
        dispositions=_endings(read_only=read_only),
        read_only=read_only,
        came_back=reading.came_back,
        queues=queues,
        takers=_takers(reading, queues, given or {}) if queues else {},
        people=[{"id": p.pk, "title": str(p)} for p in reading.colleagues] if can["assign"] else [],
        **_waking(user, reading.now),
    )


def permitted(conversation: Conversation, owner: User | None, user: User) -> dict[str, bool]:
    """What this person can do with the conversation as it stands; the verbs ask again."""
    works = access.may(user, "work cases")
    leads = access.may(user, "assign cases")
    mine = owner is not None and owner.pk == user.pk
    is_open = conversation.state != State.CLOSED
    hold = works and is_open and (mine or (leads and owner is not None))
    return {
        "claim": works and conversation.state == State.WAITING,
        "release": hold,
        "transfer": works and is_open and (owner is None or mine or leads),
        "assign": leads and is_open,
        "pending": hold,
        "take_up": hold and conversation.state in PENDING,
        "close": hold,
        "dismiss": works and is_open and (owner is None or mine or leads),
        "need": works and (owner is None or mine or leads) and _may_need(conversation),
        "reopen": works and not is_open,
        "note": works,
        "reply": works and mine and is_open,
        "next": works,
        "correct": works,
        "weigh": works and is_open and (owner is None or mine or leads),
        "mute": access.may(user, "mute authors"),
    }


def _weighed(reading: Reading) -> str:
    """By whose word it has its priority or tags, where a person's word stands; empty where rules said both."""
    conversation = reading.conversation
    by_hand = {
        "was_priority": (conversation.priority_by, words.priority(conversation.priority)),
        "tagged": (conversation.tags_by, ", ".join(conversation.tags) or _("no tags")),
    }
    said = []
    for told, (whose, what) in by_hand.items():
        last = next((e for e in reading.history if e.kind == "conversation.weighed" and e.data.get(told)), None)
        if whose != "rule":
            who = words.who(last, reading.people) if last else _("a colleague")
            said.append(_("%(what)s, by the word of %(who)s") % {"what": what, "who": who})
    return "; ".join(said)


def muted_words(reading: Reading) -> str:
    """Until when and why its author is muted, and by whom; empty if they are not."""
    mute = reading.mute
    if mute is None:
        return ""
    until = mute.until.astimezone(zones.of(reading.user))
    who = User.objects.filter(pk=mute.by).first() or _("a former colleague")
    about = {"who": who, "until": date_format(until, "j M Y, H:i T"), "reason": mute.reason}
    return _("Muted by %(who)s until %(until)s: %(reason)s") % about


def _may_need(conversation: Conversation) -> bool:
    """Whether it can be called back: nobody has decided, or somebody did and was wrong."""
    undecided = conversation.actionable is None and conversation.state != State.CLOSED
    return undecided or conversation.actionable is False


def _judgements(conversation: Conversation) -> list[dict[str, Any]]:
    """What a person may say instead of what holds on whether an open conversation needs an answer."""
    told: list[tuple[str, Any]] = []
    if conversation.actionable is not True:
        told.append(("needed", _("It needs an answer")))
    if conversation.actionable is not None:
        told.append(("undecided", _("Undecided: nobody can tell yet")))
    told += [(key, DISMISSALS[why][1]) for key, why in forms.DISMISSALS.items()]
    return [{"value": key, "title": title} for key, title in told]


def _endings(*, read_only: bool) -> list[dict[str, Any]]:
    """Why it may be closed: what cannot be answered where it stands was answered elsewhere, and nothing else is."""
    unfit = {"answered", "moved_private"} if read_only else {ELSEWHERE}
    fitting = {key: title for key, title in DISPOSITIONS.items() if key not in unfit}
    usual = ELSEWHERE if read_only else "answered"
    return [{"value": key, "title": title, "selected": key == usual} for key, title in fitting.items()]


def of_many(user: User) -> dict[str, Any]:
    """What can be chosen for several conversations at once: where they go, to whom, and why they are closed."""
    if not access.may(user, "work cases"):
        return {}
    leads = access.may(user, "assign cases")
    queues = Queue.objects.filter(retired_at=None).values_list("pk", "name")
    return {
        "queues": [{"id": pk, "title": name} for pk, name in queues],
        "people": [{"id": p.pk, "title": str(p)} for p in access.workers_of_queues(user)] if leads else [],
        "dispositions": [
            {"value": key, "title": title} for key, title in DISPOSITIONS.items() if key not in (ELSEWHERE, DUPLICATE)
        ],
    }


def _pending(conversation: Conversation, user: User) -> dict[str, Any] | None:
    if conversation.state not in PENDING:
        return None
    return {
        "whom_words": str(State(conversation.state).label).capitalize(),
        "until": conversation.wake_at,
        "local": f"{conversation.wake_at.astimezone(zones.of(user)):%Y-%m-%dT%H:%M}" if conversation.wake_at else "",
        "reason": conversation.pending_note,
    }


def _closed(reading: Reading) -> dict[str, Any] | None:
    conversation = reading.conversation
    if conversation.closed_at is None:
        return None
    closing = next((e for e in reading.history if e.kind == "conversation.closed"), None)
    by = words.who(closing, reading.people) if closing else _("a rule")
    return {
        "at": conversation.closed_at,
        "by": by,
        "disposition_words": words.disposition(conversation.disposition).capitalize(),
    }


def _queues(conversation: Conversation, given: Mapping[str, str]) -> list[dict[str, Any]]:
    """Where it can go; its own first, for a colleague there."""
    open_queues = dict(Queue.objects.filter(retired_at=None).values_list("pk", "name"))
    own = {conversation.queue_id: open_queues.pop(conversation.queue_id, conversation.queue.name)}
    chosen = given.get("queue") or str(conversation.queue_id)
    return [
        {"id": pk, "title": name, "current": pk == conversation.queue_id, "chosen": str(pk) == chosen}
        for pk, name in (own | open_queues).items()
    ]


def _takers(reading: Reading, queues: Sequence[dict[str, Any]], given: Mapping[str, str]) -> dict[str, Any]:
    chosen = next((queue["id"] for queue in queues if queue["chosen"]), reading.conversation.queue_id)
    if chosen == reading.conversation.queue_id:
        return takers(reading.conversation, chosen, reading.colleagues, given.get("person", ""))
    people = access.colleagues(reading.user, access.any_queue(chosen))
    return takers(reading.conversation, chosen, people, given.get("person", ""))


def takers(conversation: Conversation, queue_id: int, people: Iterable[User], chosen: str = "") -> dict[str, Any]:
    """Who can be handed it in a queue; in its own somebody has to be named, or nothing would change."""
    named = [{"id": p.pk, "title": str(p), "chosen": str(p.pk) == chosen} for p in people]
    return {"people": named, "required": queue_id == conversation.queue_id}


def _waking(user: User, now: datetime) -> dict[str, Any]:
    """Times to wake a pending conversation, in the person's zone."""
    here = now.astimezone(zones.of(user))
    tomorrow = (here + timedelta(days=1)).replace(hour=9, minute=0)
    monday = (here + timedelta(days=7 - here.weekday())).replace(hour=9, minute=0)
    presets = [
        # Two hours by the clock on the wall are one or three in the night in which it is put on or back.
        (_("In 2 hours"), (now + timedelta(hours=2)).astimezone(here.tzinfo)),
        (_("Tomorrow 09:00"), tomorrow),
        (_("Monday 09:00"), monday),
    ]
    return {
        "pending_presets": [
            {"title": title, "value": f"{at:%Y-%m-%dT%H:%M}", "exact": at.astimezone(UTC).isoformat()}
            for title, at in presets
        ],
        "pending_min": f"{here:%Y-%m-%dT%H:%M}",
        "pending_zone": here.tzname() or "",
    }

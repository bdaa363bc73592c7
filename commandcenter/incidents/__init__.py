"""Incidents: a crisis with an owner, a statement, clocks and a record of who did what when.

Every change is a verb here: one transaction, one line of the incident's timeline, one event. What walls and
senders ask is `active` and `paused`. Those of an exercise are marked, show on walls as an exercise and hold
nothing up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, alerts, guard, hold, scrutiny
from agents.cases import Refused
from agents.models import AlertKind, RegulatoryProfile, Team, User
from commandcenter.incidents import clocks
from commandcenter.models import Drill, Incident, IncidentClock, IncidentEntry, Severity, Suggestion
from mentions import events, scrub
from mentions.events import Actor
from mentions.models import Conversation, Origin

_WORST_FIRST = {Severity.CRITICAL: 0, Severity.MAJOR: 1, Severity.MINOR: 2}
MOMENTS = ("aware_at", "determined_at", "classified_at")


def active(now: datetime | None = None) -> Incident | None:
    """The incident that takes over the walls: the worst open one, of equal ones the newest; None if all is calm.

    A real one goes before any of an exercise. `now` looks back: what was open at that moment.
    """
    found = Incident.objects.select_related("owner", "drill")
    if now is None:
        found = found.filter(closed_at=None)
    else:
        found = found.filter(opened_at__lte=now).exclude(closed_at__lte=now)
    return min(found, key=lambda i: (i.drill_id is not None, _WORST_FIRST[Severity(i.severity)], -i.pk), default=None)


def running() -> tuple[bool, bool]:
    """Whether a real incident is on, and if not, whether one of an exercise is."""
    found = active()
    return found is not None and found.drill_id is None, found is not None and found.drill_id is not None


def paused() -> bool:
    """Whether an incident holds what is scheduled; the same as `agents.hold.holds`, for this layer."""
    return hold.holds()


def find(pk: int) -> Incident:
    """One incident with its people. Raises `Http404`."""
    found = Incident.objects.select_related("owner", "opened_by", "closed_by", "profile", "drill").filter(pk=pk).first()
    if found is None:
        raise Http404("no such incident")
    return found


def open_(
    *,
    key: UUID,
    name: str,
    by: User,
    severity: str = Severity.MAJOR,
    topic: str = "",
    place: str = "",
    since: datetime | None = None,
    profile: RegulatoryProfile | None = None,
    conversation: Conversation | None = None,
    suggestion: Suggestion | None = None,
    now: datetime | None = None,
) -> Incident:
    """Declare an incident; whoever declares it owns it until it is handed over, and what is scheduled is held.

    The same `key` again, the same suggestion, or a conversation that an open incident holds already, is the same
    incident: two who press at once get one. Raises `Refused` without a name.
    """
    access.require(by, "run incidents")
    moment = now or timezone.now()
    name = scrub.typed_line(name, 120)
    if not name:
        raise Refused(_("Give the incident a name that everybody will understand."))
    with transaction.atomic():
        known = _already(key, conversation, suggestion)
        if known is not None:
            return known
        drill = Drill.objects.filter(ended_at=None).first() if _of_exercise(conversation) else None
        incident, made = Incident.objects.get_or_create(
            key=key,
            defaults={
                "name": name,
                "severity": Severity(severity),
                "owner": by,
                "opened_by": by,
                "opened_at": moment,
                "since": min(since or moment, moment),
                "aware_at": moment,
                "topic": topic,
                "place": place,
                "profile": profile or usual_profile(by),
                "drill": drill,
            },
        )
        if not made:
            return incident
        for rule in incident.profile.clocks if incident.profile else ():
            IncidentClock.objects.create(incident=incident, key=rule["key"], rule=rule)
        if suggestion is not None:
            Suggestion.objects.filter(pk=suggestion.pk).update(incident=incident)
        _write(
            incident,
            "incident.opened",
            _("Declared as %(severity)s") % {"severity": incident.get_severity_display()},
            by,
            moment,
        )
        if conversation is not None:
            _link(incident, conversation, by, moment)
        if drill is None:
            about = {"name": incident.name, "severity": incident.severity, "path": f"/incidents/{incident.pk}/"}
            alerts.raise_(AlertKind.INCIDENT, f"incident:{incident.pk}", about, now=moment)
            if hold.start(incident.pk, by=by, now=moment):
                _write(incident, "incident.paused", _("Scheduled posts are held"), by, moment)
    return incident


def note(incident: Incident, text: str, *, by: User, now: datetime | None = None) -> IncidentEntry | None:
    """Write a line of the timeline: what somebody learned, decided or did. Raises `Refused` when it is empty."""
    words = scrub.typed(text, 2000)
    if not words:
        raise Refused(_("Write what happened."))
    return _change(incident, by, now, lambda row, moment: ("incident.noted", words))


def tell_strangers(incident: Incident, words: str, *, by: User, now: datetime | None = None) -> None:
    """A line of the timeline about what strangers read on the bank's screens because of it."""
    _change(incident, by, now, lambda row, moment: ("incident.notice", words))


def describe(incident: Incident, *, name: str, severity: str, by: User, now: datetime | None = None) -> None:
    """Change name or severity."""
    words = scrub.typed_line(name, 120)
    if not words:
        raise Refused(_("Give the incident a name that everybody will understand."))

    def change(row: Incident, moment: datetime) -> tuple[str, str] | None:
        said = []
        if row.name != words:
            said.append(_("Renamed from “%(old)s” to “%(new)s”") % {"old": row.name, "new": words})
        if row.severity != severity:
            old, row.severity = row.get_severity_display(), Severity(severity)
            said.append(_("From %(old)s to %(new)s") % {"old": old, "new": row.get_severity_display()})
        row.name = words
        return ("incident.described", ". ".join(said)) if said else None

    _change(incident, by, now, change)


def hand_over(incident: Incident, to: User, *, by: User, now: datetime | None = None) -> None:
    """Give it to another owner, who may run incidents. Handing it to its owner changes nothing."""
    access.require(to, "run incidents")

    def change(row: Incident, moment: datetime) -> tuple[str, str] | None:
        if row.owner_id == to.pk:
            return None
        row.owner = to
        return "incident.handed_over", _("Owner is now %(who)s") % {"who": to}

    _change(incident, by, now, change)


def state(incident: Incident, text: str, *, by: User, now: datetime | None = None) -> guard.Verdict:
    """Set the holding statement. What the guard blocks is not set; look at the verdict.

    What the guard wants a second person for is kept with its finding in view: the statement is what colleagues
    copy from, and a reply made of it goes through the guard and its approval again.
    """
    verdict = checked(text, by=by)
    if verdict.outcome == "block":
        return verdict

    def change(row: Incident, moment: datetime) -> tuple[str, str] | None:
        words = text.strip()
        if row.holding == words:
            return None
        row.holding, row.findings = words, [asdict(finding) for finding in verdict.findings]
        return "incident.statement", (
            _("Holding statement: %(text)s") % {"text": words} if words else _("Holding statement taken back")
        )

    _change(incident, by, now, change)
    return verdict


def checked(text: str, *, by: User) -> guard.Verdict:
    """What the guard says of a statement that goes to everybody, by the policy of the person's team."""
    team = _team(by)
    policy = scrutiny.policy(team) if team else guard.GuardPolicy()
    return guard.check(guard.Draft(text=text, visibility="public", network="", handle=""), policy)


def promise_update(incident: Incident, at: datetime | None, *, by: User, now: datetime | None = None) -> None:
    """Say when the room hears more; None says that no update is promised."""

    def change(row: Incident, moment: datetime) -> tuple[str, str] | None:
        if row.next_update_at == at:
            return None
        row.next_update_at = at
        said = _("Next update at %(time)s") if at else _("No next update is promised")
        return "incident.update_promised", said % ({"time": timezone.localtime(at).strftime("%H:%M %Z")} if at else {})

    _change(incident, by, now, change)


def pause(incident: Incident, *, by: User, now: datetime | None = None) -> None:
    """Hold everything that is scheduled while it runs. An exercise holds nothing up."""

    def change(row: Incident, moment: datetime) -> tuple[str, str] | None:
        if row.drill_id is not None:
            raise Refused(_("An exercise does not stop what the bank has scheduled."))
        return ("incident.paused", _("Scheduled posts are held")) if hold.start(row.pk, by=by, now=moment) else None

    _change(incident, by, now, change)


def resume(incident: Incident, *, by: User, now: datetime | None = None) -> None:
    """Let what is scheduled go on, as far as this incident is concerned."""

    def change(row: Incident, moment: datetime) -> tuple[str, str] | None:
        lifted = hold.lift(row.pk, by=by, now=moment)
        return ("incident.resumed", _("Scheduled posts go on")) if lifted else None

    _change(incident, by, now, change)


def link(incident: Incident, conversation: Conversation, *, by: User, now: datetime | None = None) -> None:
    """Put a conversation beside it. One of an exercise belongs to an incident of an exercise and the other way."""
    access.require(by, "run incidents")
    with transaction.atomic():
        row = _locked(incident)
        if (row.drill_id is not None) != _of_exercise(conversation):
            raise Refused(_("An exercise and the real thing are kept apart."))
        if not row.conversations.filter(pk=conversation.pk).exists():
            _link(row, conversation, by, now or timezone.now())


def set_moment(incident: Incident, field: str, at: datetime | None, *, by: User, now: datetime | None = None) -> None:
    """Say when it was known (`aware_at`), or decided that it must be reported (`determined_at`, `classified_at`)."""
    names = {
        "aware_at": _("Known to us"),
        "determined_at": _("Found to be a notification incident"),
        "classified_at": _("Classified as major"),
    }

    def change(row: Incident, moment: datetime) -> tuple[str, str] | None:
        if at is not None and at > moment:
            raise Refused(_("That time has not come yet."))
        if field == "aware_at" and at is None:
            raise Refused(_("Somebody has known of it: say since when."))
        if getattr(row, field) == at:
            return None
        setattr(row, field, at)
        said = f"{names[field]}: " + (timezone.localtime(at).strftime("%Y-%m-%d %H:%M %Z") if at else _("taken back"))
        return "incident.moment", said

    _change(incident, by, now, change)


def meet(clock: IncidentClock, *, by: User, now: datetime | None = None) -> None:
    """Say that what a clock asks for has been done; the second to say so changes nothing."""

    def change(row: Incident, moment: datetime) -> tuple[str, str] | None:
        met = IncidentClock.objects.filter(pk=clock.pk, incident=row, done_at=None).update(done_at=moment, done_by=by)
        return ("incident.reported", _("Done: %(what)s") % {"what": clock.rule["name"]}) if met else None

    _change(clock.incident, by, now, change)


def close(incident: Incident, *, lesson: str, by: User, now: datetime | None = None) -> None:
    """End it. Its hold is lifted; `lesson` is what was learned and stands in the after-report."""

    def change(row: Incident, moment: datetime) -> tuple[str, str] | None:
        hold.lift(row.pk, by=by, now=moment)
        alerts.over(AlertKind.INCIDENT, f"incident:{row.pk}", now=moment)
        row.closed_at, row.closed_by = moment, by
        row.lesson, row.next_update_at = scrub.typed(lesson, 4000), None
        return "incident.closed", _("Closed")

    _change(incident, by, now, change)


def end_with_exercise(incident: Incident, *, by: User, now: datetime) -> None:
    """Close one of an exercise that is taken away; `by` ended the exercise, or began it, or owns the incident."""
    incident.closed_at, incident.closed_by, incident.next_update_at = now, by, None
    incident.save()
    _write(incident, "incident.closed", _("Closed with the exercise"), by, now)


def usual_profile(by: User) -> RegulatoryProfile | None:
    """The profile whose clocks an incident of this person gets: their team's, else the one with the most clocks."""
    team = _team(by)
    if team is not None and team.profile.clocks:
        return team.profile
    return max(RegulatoryProfile.objects.order_by("pk"), key=lambda profile: len(profile.clocks), default=None)


def runners() -> list[User]:
    """Those who may own an incident."""
    may = User.objects.filter(is_active=True, role__in=access.ACTIONS["run incidents"])
    return list(may.order_by("first_name", "last_name", "pk"))


def due(clock: IncidentClock, incident: Incident) -> clocks.Due:
    """Where a clock of the incident stands; see `clocks.Due`."""
    moments = {name: getattr(incident, name) for name in MOMENTS}
    done = {other.key: other.done_at for other in incident.clocks.all()}
    return clocks.due(clock.rule, moments, done)


Change = Callable[[Incident, datetime], tuple[str, str] | None]


def _change(incident: Incident, by: User, now: datetime | None, change: Change) -> IncidentEntry | None:
    """One change of an open incident behind its lock: the row, its line and its event, or nothing."""
    access.require(by, "run incidents")
    moment = now or timezone.now()
    with transaction.atomic():
        row = _locked(incident)
        told = change(row, moment)
        if told is None:
            return None
        row.save()
        return _write(row, *told, by, moment)


def _locked(incident: Incident) -> Incident:
    row = Incident.objects.select_for_update(of=("self",)).get(pk=incident.pk)
    if row.closed_at is not None:
        raise Refused(_("This incident is closed."))
    return row


def _write(incident: Incident, kind: str, text: str, by: User, at: datetime) -> IncidentEntry:
    entry = IncidentEntry.objects.create(incident=incident, at=at, by=by, event=kind, text=text)
    origin = Origin.DRILL if incident.drill_id is not None else Origin.LIVE
    about = {"incident": incident.pk, "entry": entry.pk, "severity": str(incident.severity)}
    events.record(kind, at=at, by=Actor.person(by.pk), origin=origin, data=about)
    return entry


def _link(incident: Incident, conversation: Conversation, by: User, at: datetime) -> None:
    incident.conversations.add(conversation)
    _write(incident, "incident.linked", _("%(number)s belongs to it") % {"number": conversation.number}, by, at)


def _already(key: UUID, conversation: Conversation | None, suggestion: Suggestion | None) -> Incident | None:
    """The incident that this very press, conversation or suggestion has become; their rows are locked on the way."""
    if suggestion is not None:
        row = Suggestion.objects.select_for_update().get(pk=suggestion.pk)
        if row.incident_id is not None:
            return Incident.objects.get(pk=row.incident_id)
    if conversation is not None:
        Conversation.objects.select_for_update(of=("self",)).get(pk=conversation.pk)
        known = Incident.objects.filter(conversations=conversation.pk, closed_at=None).order_by("pk").first()
        if known is not None:
            return known
    return Incident.objects.filter(key=key).first()


def _of_exercise(conversation: Conversation | None) -> bool:
    return conversation is not None and conversation.origin == Origin.DRILL


def _team(by: User) -> Team | None:
    return by.teams.select_related("profile").order_by("pk").first()

"""What an administrator sees first: what is still missing, then every source with how it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from agents import access, foreign, proposals
from agents.access import signed_in
from agents.models import RegulatoryProfile, Site, Team, TeamQueue, User
from agents.setup import frame
from agents.setup.sources import listed
from mentions.models import Queue, RoutingRule, SlaPolicy, Source


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a house needs before it can work, and where it is done. Some are only good advice."""

    title: str
    why: str
    url: str
    done: bool
    advice: bool = False


@require_GET
@signed_in("set up")
def index(request: HttpRequest) -> HttpResponse:
    """The checklist while something is missing, and every source with its state in words."""
    found = steps()
    context = {
        "rows": listed(timezone.now()),
        "foreign": foreign.unexplained()[:10],
        "steps": found,
        "missing": sum(not step.done and not step.advice for step in found),
        "advised": sum(not step.done and step.advice for step in found),
    }
    return frame.page(request, "overview", "index.html", context)


def steps() -> list[Step]:
    """From an empty installation to a house that works, in the order in which each stands on those before."""
    return [*_promising(), *_staffing(), *_listening(), *_advice()]


def _promising() -> Iterator[Step]:
    """When it works, what it promises, and what its replies are held to."""
    promised = SlaPolicy.objects.filter(queues__retired_at=None, queues__isnull=False, first_response_s__isnull=False)
    yield Step(
        _("Say when you work"),
        _("Calendars hold hours and holidays; sites are where people sit. Due times follow from both."),
        reverse("agents:promises"),
        Site.objects.exists(),
    )
    yield Step(
        _("Say what you promise"),
        _("An SLA policy with a first response. Until then nothing is ever due."),
        reverse("agents:promises"),
        promised.exists(),
    )
    yield Step(
        _("Say what replies are held to"),
        _("A guard with the hosts that replies may link to; without one nobody can reply."),
        reverse("agents:guards"),
        RegulatoryProfile.objects.exclude(allowed_hosts=[]).exists(),
    )


def _staffing() -> Iterator[Step]:
    """Who answers where, and who approves."""
    homes = TeamQueue.objects.filter(home=True).values("queue")
    agents = User.objects.filter(is_active=True, role__in=access.ACTIONS["work cases"])
    approvers = User.objects.filter(is_active=True, role__in=access.ACTIONS["approve replies"])
    homeless = list(Queue.objects.filter(retired_at=None).exclude(pk__in=homes).values_list("name", flat=True)[:4])
    teams = Team.objects.filter(retired_at=None).exists()
    why = _("A queue without a team is seen by nobody who could answer.")
    if teams and homeless:
        why = f"{why} {_('Without one:')} {', '.join(homeless)}."
    yield Step(
        _("Make teams, and give each queue a home"),
        why,
        reverse("agents:queues_setup"),
        teams and not homeless,
    )
    yield Step(
        _("Invite the people who answer"),
        _("At least one agent or supervisor in a team that works the default queue."),
        reverse("agents:people"),
        agents.filter(teams__queues__is_default=True).exists(),
    )
    yield Step(
        _("Invite those who approve"),
        _("A reply that needs a second person waits for a supervisor or a compliance officer."),
        reverse("agents:people"),
        approvers.exists(),
    )


def _listening() -> Iterator[Step]:
    """Where posts come from, and whether replies may go back."""
    live = Source.objects.filter(rival="", search=None, disconnected_at=None, active=True).exclude(origin="canary")
    yield Step(
        _("Connect a source"),
        _("It reads at once. The rules below decide where its posts go."),
        reverse("agents:connect"),
        live.exists(),
    )
    yield Step(
        _("Let it send"),
        _("A new source only reads, until you have tried it and switch sending on."),
        reverse("agents:setup") + "#sources-title",
        live.filter(sending=True).exists(),
    )


def _advice() -> Iterator[Step]:
    """What a house can do without, and does better with."""
    deciders = User.objects.filter(is_active=True, role__in=proposals.DECIDERS)
    yield Step(
        _("Write the first rules"),
        _("Without any rule everything goes to the default queue."),
        reverse("agents:rules"),
        RoutingRule.objects.filter(active=True).exists(),
        advice=True,
    )
    yield Step(
        _("Have two who agree"),
        _("With a second administrator or a compliance officer, what weakens the house takes two."),
        reverse("agents:people"),
        deciders.count() > 1,
        advice=True,
    )
    yield Step(
        _("Name a mail server"),
        _("Without EMAIL_HOST no alert, report or invitation is mailed; links are shown to you to pass on."),
        reverse("agents:alert_setup"),
        bool(settings.EMAIL_HOST) or settings.DEMO,
        advice=True,
    )

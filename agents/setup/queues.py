"""Queues and the teams that work them: made, changed and retired, never deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents import queueing
from agents.access import person, signed_in
from agents.models import RegulatoryProfile, Team, TeamQueue, User
from agents.queueing import QueueWanted, TeamWanted
from agents.setup import frame
from mentions import editions
from mentions.models import Queue, RoutingRule, SlaPolicy, State

_TITLES = {
    "name": gettext_lazy("Name"),
    "policy": gettext_lazy("SLA policy"),
    "position": gettext_lazy("Position"),
    "default": gettext_lazy("Default"),
    "home": gettext_lazy("Home team"),
    "helpers": gettext_lazy("Other teams"),
    "retired": gettext_lazy("Retired"),
    "successor": gettext_lazy("Its work goes to"),
    "profile": gettext_lazy("Guard"),
    "people": gettext_lazy("People"),
}


class QueueForm(forms.Form):
    """A queue as a person wants it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    policy = forms.TypedChoiceField(label=gettext_lazy("SLA policy"), coerce=int)
    home = forms.TypedChoiceField(
        label=gettext_lazy("Home team"),
        coerce=int,
        required=False,
        empty_value=None,
        help_text=gettext_lazy("Its work is counted for this team, whose guard binds replies of everybody else."),
    )
    helpers = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Teams that see it and work it too"), coerce=int, required=False
    )
    position = forms.IntegerField(
        label=gettext_lazy("Position in the list"), required=False, min_value=0, max_value=30_000
    )

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        teams = [(team.pk, team.name) for team in Team.objects.filter(retired_at=None)]
        _choices(self, "policy", [(policy.pk, policy.name) for policy in SlaPolicy.objects.order_by("name")])
        _choices(self, "home", [("", _("none yet")), *teams])
        _choices(self, "helpers", teams)

    def wanted(self) -> QueueWanted:
        """The queue as it is wanted."""
        given = self.cleaned_data
        return QueueWanted(
            name=given["name"],
            policy_id=given["policy"],
            home=given["home"],
            helpers=frozenset(given["helpers"]) - {given["home"]},
            position=given["position"],
        )


class TeamForm(forms.Form):
    """A team as a person wants it."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    profile = forms.TypedChoiceField(
        label=gettext_lazy("Guard"), coerce=int, help_text=gettext_lazy("What its replies are held to.")
    )
    people = forms.TypedMultipleChoiceField(label=gettext_lazy("People"), coerce=int, required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        profiles = RegulatoryProfile.objects.order_by("name")
        _choices(self, "profile", [(profile.pk, profile.name) for profile in profiles])
        people = User.objects.filter(is_active=True).order_by("first_name", "last_name", "username")
        _choices(self, "people", [(each.pk, f"{each}, {each.get_role_display()}") for each in people])

    def wanted(self) -> TeamWanted:
        """The team as it is wanted."""
        given = self.cleaned_data
        return TeamWanted(given["name"], given["profile"], frozenset(given["people"]))


@require_GET
@signed_in("set up")
def index(request: HttpRequest) -> HttpResponse:
    """Every queue and every team."""
    open_ = Count("conversations", filter=~Q(conversations__state=State.CLOSED), distinct=True)
    queues = Queue.objects.select_related("policy__calendar", "successor").annotate(open_now=open_)
    works: dict[int, list[TeamQueue]] = {}
    for each in TeamQueue.objects.select_related("team").order_by("-home", "team__name"):
        works.setdefault(each.queue_id, []).append(each)
    rules = dict(
        RoutingRule.objects.filter(active=True).values_list("queue").annotate(n=Count("pk")).values_list("queue", "n")
    )
    teams = (
        Team.objects.select_related("profile")
        .prefetch_related("queues")
        .annotate(members=Count("people", filter=Q(people__is_active=True), distinct=True))
    )
    context = {
        "queues": [
            {"it": queue, "teams": works.get(queue.pk, []), "rules": rules.get(queue.pk, 0)}
            for queue in queues
            if queue.retired_at is None
        ],
        "retired": [queue for queue in queues if queue.retired_at is not None],
        "teams": [team for team in teams if team.retired_at is None],
        "retired_teams": [team for team in teams if team.retired_at is not None],
    }
    return frame.page(request, "queues", "queues.html", context)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def new(request: HttpRequest) -> HttpResponse:
    """A new queue."""
    return _queue(request, None)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One queue: its name, promise and teams, its history, and how it retires."""
    return _queue(request, _found(pk))


@require_POST
@signed_in("set up")
def retire(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a queue out of use; what is open there goes elsewhere."""
    queue = _found(pk)
    heir = Queue.objects.filter(pk=frame.number(request.POST.get("to")) or 0).first()

    def deed() -> str:
        moved = queueing.retire(queue, to=heir, by=person(request))
        words = ngettext("Retired; %(n)d conversation went along.", "Retired; %(n)d conversations went along.", moved)
        return words % {"n": moved}

    return _retired(request, deed, lambda why: _queue(request, queue, notice=why))


@require_POST
@signed_in("set up")
def default(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a queue take what no rule takes."""
    queue = _found(pk)
    done = _("What no rule takes comes here now.")
    return frame.do(
        request, lambda: queueing.make_default(queue, by=person(request)), done, "agents:queue_setup", queue.pk
    )


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def new_team(request: HttpRequest) -> HttpResponse:
    """A new team."""
    return _team(request, None)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def team(request: HttpRequest, pk: int) -> HttpResponse:
    """One team: its people and what its replies are held to."""
    return _team(request, _found_team(pk))


@require_POST
@signed_in("set up")
def retire_team(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a team out of use."""
    found = _found_team(pk)

    def deed() -> str:
        queueing.retire_team(found, by=person(request))
        return _("Retired. Its figures stay.")

    return _retired(request, deed, lambda why: _team(request, found, notice=why))


def _retired(request: HttpRequest, deed: Callable[[], str], page: Callable[[str], HttpResponse]) -> HttpResponse:
    """Do it and say so on the list, or show what stands against it on the thing's own page."""
    try:
        messages.success(request, deed())
    except editions.NotSaved as why:
        return page(str(why))
    return HttpResponseRedirect(reverse("agents:queues_setup"))


def _queue(request: HttpRequest, queue: Queue | None, *, notice: str = "") -> HttpResponse:
    state = queueing.queue_state(queue) if queue is not None else {"helpers": []}
    fields = ("name", "policy", "home", "helpers", "position")
    form = QueueForm(_typed(request, notice), initial={name: state[name] for name in fields if name in state})

    def save(seen: int | None) -> object:
        return queueing.save_queue(form.wanted(), by=person(request), queue=queue, seen=seen)

    beside: dict[str, Any] = {"queue": queue}
    if queue is not None:
        beside |= {
            "others": Queue.objects.filter(retired_at=None).exclude(pk=queue.pk),
            "open_now": queue.conversations.exclude(state=State.CLOSED).count(),
            "rules": RoutingRule.objects.filter(queue=queue, active=True).order_by("position"),
        }
    return _page(request, "queue.html", form, (queueing.QUEUE, queue.pk if queue else 0), save, beside, notice)


def _team(request: HttpRequest, team: Team | None, *, notice: str = "") -> HttpResponse:
    state = queueing.team_state(team) if team is not None else {}
    fields = ("name", "profile", "people")
    form = TeamForm(_typed(request, notice), initial={name: state[name] for name in fields if name in state})

    def save(seen: int | None) -> object:
        return queueing.save_team(form.wanted(), by=person(request), team=team, seen=seen)

    beside: dict[str, Any] = {"team": team}
    if team is not None:
        worked = TeamQueue.objects.filter(team=team).select_related("queue")
        beside["queues"] = worked.order_by("-home", "queue__position")
    return _page(request, "team.html", form, (queueing.TEAM, team.pk if team else 0), save, beside, notice)


def _typed(request: HttpRequest, notice: str) -> Any:
    """What was sent to be kept; after another deed on the same page nothing was."""
    return request.POST if request.method == "POST" and not notice else None


def _page(
    request: HttpRequest,
    template: str,
    form: forms.Form,
    about: tuple[str, int],
    save: Callable[[int | None], object],
    beside: dict[str, Any],
    notice: str,
) -> HttpResponse:
    """The page of a queue or team, or the way back once what was typed there is kept.

    `about` is its subject among the editions and its key, 0 for a new one; `save` keeps it unless somebody else has
    changed it since the edition that it is given.
    """
    subject, key = about
    status, since = 422 if notice or form.is_bound else 200, None
    edition = frame.number(request.POST.get("edition")) if form.is_bound else editions.number(subject, key)
    if form.is_bound and form.is_valid():
        done = frame.attempt(form, lambda: save(edition))
        if done is True:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("agents:queues_setup"))
        since = frame.since(done, subject, key, _told())
        if since:
            status, edition = 409, editions.number(subject, key)
    context = {"form": form, "notice": notice, "since": since, "edition": edition} | beside
    if key:
        context["history"] = frame.history(editions.of(subject, key), _told())
    return frame.page(request, "queues", template, context, status=status)


def _told() -> Any:
    """Differences of queues and teams, with names in place of keys."""
    teams = dict(Team.objects.values_list("pk", "name"))
    named: dict[str, dict[int, str]] = {
        "policy": dict(SlaPolicy.objects.values_list("pk", "name")),
        "home": teams,
        "helpers": teams,
        "successor": dict(Queue.objects.values_list("pk", "name")),
        "profile": dict(RegulatoryProfile.objects.values_list("pk", "name")),
        "people": {user.pk: str(user) for user in User.objects.all()},
    }

    def titled(state: dict[str, Any]) -> dict[str, Any]:
        shown = dict(state)
        for name, titles in named.items():
            value = state.get(name)
            if isinstance(value, list):
                shown[name] = [titles.get(key, str(key)) for key in value]
            elif value is not None:
                shown[name] = titles.get(value, str(value))
        return shown

    return lambda before, after: frame.plain(titled(before), titled(after), _TITLES)


def _choices(form: forms.Form, name: str, choices: list[Any]) -> None:
    field = form.fields[name]
    assert isinstance(field, forms.ChoiceField)
    field.choices = choices


def _found(pk: int) -> Queue:
    queue = Queue.objects.select_related("policy", "successor").filter(pk=pk).first()
    if queue is None:
        raise Http404("no such queue")
    return queue


def _found_team(pk: int) -> Team:
    found = Team.objects.select_related("profile").filter(pk=pk).first()
    if found is None:
        raise Http404("no such team")
    return found

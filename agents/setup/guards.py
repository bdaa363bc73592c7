"""What replies are held to: each rule's action, listed hosts, branches and numbers; and what it says of a reply."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from agents import access, guard, guarding, proposals
from agents.access import person, signed_in
from agents.guard.verdict import STRENGTH
from agents.guarding import ACTIONS
from agents.models import Proposal, RegulatoryProfile
from agents.setup import frame
from agents.setup.rules import listed
from mentions import editions

OUTCOMES = {
    "block": ("block", gettext_lazy("It does not leave")),
    "approve": ("risk", gettext_lazy("It waits for a second person")),
    "warn": ("risk", gettext_lazy("It leaves, with a warning")),
    "pass": ("ok", gettext_lazy("It may leave")),
}
_TITLES = {
    "name": gettext_lazy("Name"),
    "actions": gettext_lazy("Rules"),
    "hosts": gettext_lazy("Hosts"),
    "branches": gettext_lazy("Branches"),
    "phones": gettext_lazy("Telephone numbers"),
    "undo_s": gettext_lazy("Seconds for undo"),
    "four_eyes": gettext_lazy("Every public reply needs a second person"),
}


class GuardForm(forms.Form):
    """A profile as a person writes it, with one choice for each rule, none below what the rule allows.

    One that is `fixed` is only read: whatever was sent, it says what is kept.
    """

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    four_eyes = forms.BooleanField(label=gettext_lazy("Every public reply needs a second person"), required=False)
    undo_s = forms.IntegerField(label=gettext_lazy("Seconds for undo"), min_value=0, max_value=guarding.LONGEST_UNDO_S)
    hosts = forms.CharField(
        label=gettext_lazy("Hosts that replies may link to"),
        required=False,
        max_length=20_000,
        help_text=gettext_lazy("One a line, exactly: bank.example allows www.bank.example too, and no other."),
    )
    branches = forms.CharField(
        label=gettext_lazy("Branches, as people call them"),
        required=False,
        max_length=20_000,
        help_text=gettext_lazy("Named in public beside a person, a branch tells where they bank."),
    )
    phones = forms.CharField(
        label=gettext_lazy("Telephone numbers of the bank"),
        required=False,
        max_length=20_000,
        help_text=gettext_lazy("Any other number in a reply is taken for a person's and blocked."),
    )

    def __init__(self, *arguments: Any, fixed: bool = False, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.fixed = fixed
        for key, rule in guard.RULES.items():
            offered = [(action, title) for action, title in ACTIONS.items() if STRENGTH[action] >= STRENGTH[rule.floor]]
            self.fields[f"rule_{key}"] = forms.ChoiceField(
                label=str(rule.title), choices=offered, required=False, help_text=str(rule.why)
            )
        for field in self.fields.values():
            field.disabled = fixed

    def rules(self) -> list[dict[str, Any]]:
        """Each rule with its field; of several in a row that have one reason the first says it."""
        found: list[dict[str, Any]] = []
        last = ""
        for key, rule in guard.RULES.items():
            why = str(rule.why)
            found.append(
                {
                    "rule": rule,
                    "field": self[f"rule_{key}"],
                    "fixed": rule.floor == "block",
                    "why": "" if why == last else why,
                }
            )
            last = why
        return found

    def wanted(self) -> dict[str, Any]:
        """The profile's state as it is wanted."""
        given = self.cleaned_data
        return {
            "name": given["name"],
            "actions": {key: given[f"rule_{key}"] or rule.default for key, rule in guard.RULES.items()},
            "hosts": listed(given["hosts"]),
            "branches": listed(given["branches"]),
            "phones": listed(given["phones"]),
            "undo_s": given["undo_s"],
            "four_eyes": given["four_eyes"],
        }


@require_GET
@signed_in("read the guard")
def index(request: HttpRequest) -> HttpResponse:
    """Every profile with the teams that it binds."""
    return _index(request)


@require_http_methods(["GET", "POST"])
@signed_in("set up")
def new(request: HttpRequest) -> HttpResponse:
    """A new profile, as strict as another or with every rule as it comes; its form is on the page of all."""
    if request.method == "GET":
        return HttpResponseRedirect(reverse("agents:guards"))
    like = RegulatoryProfile.objects.filter(pk=frame.number(request.POST.get("like")) or 0).first()
    try:
        made = guarding.copy(like, request.POST.get("name", "")[:80], by=person(request))
    except editions.NotSaved as why:
        return _index(request, notice=str(why), status=422)
    return HttpResponseRedirect(reverse("agents:guard", args=[made.pk]))


@require_http_methods(["GET", "POST"])
@signed_in("read the guard")
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One profile: try a reply under it as it is written here, then save it. Others than administrators only try."""
    user = person(request)
    changes, tries = access.may(user, "set up"), request.POST.get("do") == "try"
    if request.method == "POST" and not tries:
        access.require(user, "set up")
    profile = RegulatoryProfile.objects.filter(pk=pk).first()
    if profile is None:
        raise Http404("no such profile")
    state = guarding.state(profile)
    form = GuardForm(request.POST or None, initial=_as_kept(state), fixed=not changes)
    edition = editions.number(guarding.SUBJECT, pk)
    reply = request.POST.get("reply", "")[:5000]
    visibility = "private" if request.POST.get("visibility") == "private" else "public"
    context: dict[str, Any] = {
        "profile": profile,
        "form": form,
        "reply": reply,
        "visibility": visibility,
        "may_change": changes,
    }
    status = 200
    if request.method == "POST":
        edition = frame.number(request.POST.get("edition")) or 0
        status = 422
        if form.is_valid():
            wanted = form.wanted()
            if tries:
                done = frame.attempt(form, lambda: context.update(verdict=_tried(wanted, reply, visibility)))
                status = 200 if done is True else 422
            else:
                said: list[Proposal | None] = []
                done = frame.attempt(form, lambda: said.append(guarding.save(profile, wanted, by=user, seen=edition)))
                if done is True:
                    if said[0] is None:
                        messages.success(request, _("Saved. It binds the next reply."))
                    else:
                        messages.warning(request, _("This is weaker than before, so a second person has to agree."))
                    return HttpResponseRedirect(reverse("agents:guard", args=[pk]))
                context["since"] = frame.since(done, guarding.SUBJECT, pk, told)
                if context["since"]:
                    status, edition = 409, editions.number(guarding.SUBJECT, pk)
    context |= {
        "edition": edition,
        "history": frame.history(editions.of(guarding.SUBJECT, pk), told),
        "teams": profile.teams.filter(retired_at=None),
        "waiting": Proposal.objects.filter(kind=Proposal.Kind.GUARD, subject=pk, decided_at=None).first(),
        "two": proposals.needed(),
    }
    return frame.page(request, "guard", "guard.html", context, status=status)


def proposed(proposal: Proposal) -> list[str]:
    """What a weaker guard would let through, in words."""
    profile = RegulatoryProfile.objects.get(pk=proposal.subject)
    name = {"name": profile.name}
    head = _("The guard of %(name)s becomes weaker") % name
    if proposal.decided_at is not None:
        return [head]
    return [head, *guarding.weaker(guarding.state(profile), proposal.change["wanted"])]


def told(before: Any, after: Any) -> list[str]:
    """How two states of a profile differ, in words."""
    old, new = guarding.policy(before), guarding.policy(after)
    lines = [
        _("%(rule)s: %(before)s → %(after)s")
        % {"rule": rule.title, "before": ACTIONS[old.action(key)], "after": ACTIONS[new.action(key)]}
        for key, rule in guard.RULES.items()
        if old.action(key) != new.action(key)
    ]
    was, now = ({name: value for name, value in state.items() if name != "actions"} for state in (before, after))
    return lines + frame.plain(was, now, _TITLES)


def _index(request: HttpRequest, *, notice: str = "", status: int = 200) -> HttpResponse:
    profiles = RegulatoryProfile.objects.prefetch_related("teams").annotate(n=Count("teams")).order_by("name")
    rows = []
    for profile in profiles:
        policy = guarding.policy(guarding.state(profile))
        counts = {action: sum(policy.action(key) == action for key in guard.RULES) for action in ACTIONS}
        rows.append({"it": profile, "counts": [(ACTIONS[action], n) for action, n in counts.items() if n]})
    may_change = access.may(person(request), "set up")
    context = {"rows": rows, "notice": notice, "two": proposals.needed(), "may_change": may_change}
    return frame.page(request, "guard", "guards.html", context, status=status)


def _tried(wanted: dict[str, Any], reply: str, visibility: str) -> dict[str, Any]:
    """What the guard says of a reply under the profile as it stands in the form, with the words marked."""
    draft = guard.Draft(
        text=reply, visibility="private" if visibility == "private" else "public", network="", handle=""
    )
    verdict = guard.check(draft, guarding.policy(wanted))
    outcome = (
        "approve" if verdict.outcome in ("pass", "warn") and wanted["four_eyes"] and visibility == "public" else ""
    )
    state, said = OUTCOMES[outcome or verdict.outcome]
    pieces, last = [], 0
    for finding in verdict.findings:
        if finding.start >= last:
            pieces += [(reply[last : finding.start], False), (reply[finding.start : finding.end], True)]
            last = finding.end
    pieces.append((reply[last:], False))
    return {
        "state": state,
        "words": said,
        "pieces": [piece for piece in pieces if piece[0]],
        "findings": [
            {"title": guard.RULES[each.rule].title, "action": ACTIONS[each.action], "it": each}
            for each in verdict.findings
        ],
        "four_eyes": bool(outcome),
    }


def _as_kept(state: dict[str, Any]) -> dict[str, Any]:
    policy = guarding.policy(state)
    lines = {name: "\n".join(state[name]) for name in ("hosts", "branches", "phones")}
    actions = {f"rule_{key}": policy.action(key) for key in guard.RULES}
    return {"name": state["name"], "undo_s": state["undo_s"], "four_eyes": state["four_eyes"]} | lines | actions

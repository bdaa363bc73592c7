"""People: who may come in, as what, and who has left; and the page on which each of them chooses a password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth import authenticate
from django.contrib.auth.forms import PasswordChangeForm, SetPasswordForm
from django.contrib.auth.views import INTERNAL_RESET_SESSION_TOKEN, PasswordChangeView, PasswordResetConfirmView
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse, reverse_lazy
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from agents import proposals, proving, staff
from agents.access import person, signed_in
from agents.models import Proposal, Role, Site, Team, User
from agents.proving import AFewAtOnce
from agents.setup import frame, guards, programs
from agents.setup.promise_forms import zones
from agents.staff import Outcome, Wanted
from mentions import naming, scrub
from mentions.editions import NotSaved
from mentions.triage.language import LANGUAGES

AT_ONCE = 50
_DOES = {
    Role.AGENT: gettext_lazy("works the queues of their teams"),
    Role.SUPERVISOR: gettext_lazy("works, assigns, approves replies, runs incidents and walls"),
    Role.MANAGER: gettext_lazy("reads every report, runs incidents and walls"),
    Role.COMPLIANCE: gettext_lazy("approves replies, sees every team, agrees to changes of the set-up"),
    Role.ADMINISTRATOR: gettext_lazy("sets everything up, works nothing"),
}


class PersonForm(forms.Form):
    """A person as an administrator wants them; a new one has a username too."""

    username = forms.CharField(label=gettext_lazy("Username"), max_length=60)
    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), required=False)
    role = forms.ChoiceField(label=gettext_lazy("Role"))
    teams = forms.TypedMultipleChoiceField(label=gettext_lazy("Teams"), coerce=int, required=False)
    site = forms.TypedChoiceField(label=gettext_lazy("Site"), coerce=int, required=False, empty_value=None)
    zone = forms.ChoiceField(label=gettext_lazy("Time zone, if not the site's"), required=False)
    languages = forms.MultipleChoiceField(label=gettext_lazy("Languages they answer in"), required=False)

    def __init__(self, *arguments: Any, kept: User | None, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if kept is not None:
            del self.fields["username"]
        teams = Team.objects.filter(Q(retired_at=None) | Q(people=kept) if kept else Q(retired_at=None)).distinct()
        offered: dict[str, list[Any]] = {
            "role": [(role.value, f"{role.label.capitalize()}: {_DOES[role]}") for role in Role],
            "teams": [(team.pk, team.name) for team in teams],
            "site": [("", _("none")), *((site.pk, site.name) for site in Site.objects.order_by("name"))],
            "zone": [("", _("the site's")), *((zone, zone.replace("_", " ")) for zone in zones())],
            "languages": sorted(((code, naming.language(code)) for code in LANGUAGES), key=lambda choice: choice[1]),
        }
        for name, choices in offered.items():
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = choices

    def wanted(self) -> Wanted:
        """The person as they are wanted."""
        given = self.cleaned_data
        return Wanted(
            first_name=given["first_name"],
            last_name=given["last_name"],
            email=given["email"],
            role=given["role"],
            teams=frozenset(given["teams"]),
            site=given["site"],
            zone=given["zone"],
            languages=tuple(given["languages"]),
        )


@require_GET
@signed_in("set up")
def index(request: HttpRequest) -> HttpResponse:
    """Everybody or those of a name, those who have left last."""
    asked = scrub.typed_line(request.GET.get("q", ""), 100)
    named = Q()
    for word in asked.split():
        named &= (
            Q(first_name__icontains=word)
            | Q(last_name__icontains=word)
            | Q(username__icontains=word)
            | Q(email__icontains=word)
        )
    people = (
        User.objects.filter(named)
        .select_related("site")
        .prefetch_related("teams")
        .annotate(open_now=Count("cases", filter=Q(cases__ended_at=None), distinct=True))
        .order_by("-is_active", "first_name", "last_name", "username")
    )
    page = Paginator(people, AT_ONCE).get_page(request.GET.get("page"))
    rows = [
        {
            "it": user,
            "languages": [naming.language(code) for code in user.languages],
            "waits": user.is_active and not user.has_usable_password(),
        }
        for user in page
    ]
    context = {"rows": rows, "page": page, "q": asked, "found": page.paginator.count}
    return frame.page(request, "people", "people.html", context)


@require_http_methods(["GET", "POST"])
@signed_in("set up", anew=("GET", "POST"))
def new(request: HttpRequest) -> HttpResponse:
    """Invite somebody: they choose their password behind a link."""
    form = PersonForm(request.POST or None, kept=None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            made: list[Outcome] = []
            name, wanted, by = form.cleaned_data["username"], form.wanted(), person(request)
            if frame.attempt(form, lambda: made.append(staff.invite(name, wanted, by=by))) is True:
                return _one(request, made[0].person, outcome=made[0])
    return frame.page(request, "people", "person_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@signed_in("set up", anew=("POST",))
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: name, role, teams, and the way in and out."""
    user = _found(pk)
    if request.method == "GET":
        return _one(request, user)
    form = PersonForm(request.POST, kept=user)
    if not form.is_valid():
        return _one(request, user, form=form, status=422)
    said: list[Outcome] = []
    wanted, seen, by = form.wanted(), request.POST.get("seen", ""), person(request)
    if frame.attempt(form, lambda: said.append(staff.change(user, wanted, seen=seen, by=by))) is not True:
        return _one(request, _found(pk), form=form, status=422)
    if said[0].proposal is not None:
        messages.warning(request, _("Saved, except the role: a second person has to agree to that."))
    else:
        messages.success(request, _("Saved."))
    return HttpResponseRedirect(reverse("agents:person", args=[pk]))


@require_POST
@signed_in("set up", anew=("POST",))
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """A link to a new password, shown once or mailed."""
    user = _found(pk)
    try:
        outcome = staff.new_link(user, by=person(request))
    except NotSaved as why:
        return _one(request, user, notice=str(why), status=422)
    return _one(request, _found(pk), outcome=outcome)


@require_POST
@signed_in("set up")
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Deactivate somebody, at once."""
    user = _found(pk)
    try:
        released = staff.leave(user, by=person(request))
    except NotSaved as why:
        return _one(request, user, notice=str(why), status=422)
    words_ = ngettext(
        "Deactivated. %(n)d conversation went back to its queue.",
        "Deactivated. %(n)d conversations went back to their queues.",
        released,
    )
    messages.success(request, words_ % {"n": released})
    return HttpResponseRedirect(reverse("agents:person", args=[pk]))


@require_POST
@signed_in("set up", anew=("POST",))
def come_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Reactivate somebody."""
    user = _found(pk)
    try:
        proposal = staff.come_back(user, by=person(request))
    except NotSaved as why:
        return _one(request, user, notice=str(why), status=422)
    if proposal is not None:
        return _one(request, _found(pk), outcome=Outcome(user, proposal=proposal))
    messages.success(request, _("Reactivated."))
    return HttpResponseRedirect(reverse("agents:person", args=[pk]))


@require_POST
@signed_in("set up")
def sign_out(request: HttpRequest, pk: int) -> HttpResponse:
    """End every session of a person."""
    user = _found(pk)
    done = _("Signed out everywhere.")
    return frame.do(request, lambda: staff.sign_out(user, by=person(request)), done, "agents:person", pk)


@require_GET
@signed_in("agree to changes")
def waiting(request: HttpRequest) -> HttpResponse:
    """What waits for a second person."""
    return _waiting(request)


@require_POST
@signed_in("agree to changes", anew=("POST",))
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Agree, or refuse; whoever asked may take it back, and fetches the secret that was agreed to."""
    by = person(request)
    found = Proposal.objects.filter(pk=pk).first()
    if found is None:
        raise Http404("no such proposal")
    try:
        if request.POST.get("answer") == "agree":
            if code := proposals.agree(pk, by=by):
                return _waiting(request, code=code)
            messages.success(request, _("Agreed."))
        elif request.POST.get("answer") == "fetch":
            if secret := proposals.fetch(pk, by=by):
                return _waiting(request, secret=secret)
            messages.success(request, _("The link was mailed."))
        else:
            proposals.refuse(pk, by=by)
            messages.success(request, _("It stays as it is."))
    except NotSaved as why:
        return _waiting(request, notice=str(why), status=409)
    return HttpResponseRedirect(reverse("agents:proposals"))


class CodeForm(SetPasswordForm):  # type: ignore[type-arg]
    """A password of one's own behind a link that two agreed to: its code comes from the other one of them."""

    code = forms.CharField(
        label=gettext_lazy("The code from the person who agreed"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}),
    )
    field_order = ("code",)

    def __init__(self, *arguments: Any, code: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._code = code

    def clean_code(self) -> str:
        """It has to be the one."""
        given = "".join(self.cleaned_data["code"].split()).upper()
        if not constant_time_compare(given, self._code):
            raise forms.ValidationError(_("That is not the code."))
        return given


class ChoosePassword(AFewAtOnce, PasswordResetConfirmView):
    """Where a link leads: one's own password, twice, and the code where it needs one. The link is dead afterwards."""

    template_name = "agents/password.html"
    token_generator = staff.TOKENS
    success_url = reverse_lazy("login")
    post_reset_login = False

    def get_user(self, uidb64: str) -> User | None:
        """Whose link it is; nobody who has left."""
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None

    def get_form_class(self) -> type[SetPasswordForm[User]]:
        """With the code that a second person was shown, where the link was agreed to."""
        return CodeForm if self._code() else SetPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """What the form compares with."""
        given = super().get_form_kwargs()
        return given | {"code": code} if (code := self._code()) else given

    def _code(self) -> str | None:
        return staff.code_for(self.request.session.get(INTERNAL_RESET_SESSION_TOKEN, ""))

    def form_valid(self, form: SetPasswordForm[User]) -> HttpResponse:
        """Keep the password, and what it ends."""
        with transaction.atomic():
            response = super().form_valid(form)
            staff.chosen(form.user)
        messages.success(self.request, _("That is your password now. Sign in with it."))
        return response


class OwnPasswordForm(PasswordChangeForm):
    """Another password, with the one they have, which is counted like one at the door."""

    def __init__(self, *arguments: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._request = request

    def clean_old_password(self) -> str:
        """It has to be theirs."""
        given = self.cleaned_data["old_password"]
        if authenticate(self._request, username=self.user.get_username(), password=given) != self.user:
            raise forms.ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return str(given)


class OwnPassword(AFewAtOnce, PasswordChangeView):
    """Where everybody changes their own password, with the one they have. Their other sessions end.

    Whoever does not know it is at somebody else's desk: as many wrong ones as lock a name end every session.
    """

    template_name = "agents/own_password.html"
    success_url = reverse_lazy("agents:home")
    form_class = OwnPasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the request that attempts are counted by."""
        return super().get_form_kwargs() | {"request": self.request}

    def form_invalid(self, form: Any) -> HttpResponse:
        """A wrong password is an event; too many are the end."""
        if form.has_error("old_password", "password_incorrect"):
            proving.refused(form.user, locked=getattr(self.request, "axes_locked_out", False))
        return super().form_invalid(form)

    def form_valid(self, form: Any) -> HttpResponse:
        """Keep the password; this session goes on."""
        with transaction.atomic():
            staff.chosen(form.user)
            response = super().form_valid(form)
        messages.success(self.request, _("That is your password now. You are signed out everywhere else."))
        return response


def _one(
    request: HttpRequest,
    user: User,
    *,
    form: PersonForm | None = None,
    outcome: Outcome | None = None,
    notice: str = "",
    status: int = 200,
) -> HttpResponse:
    state = staff.state(user)
    context = {
        "user_shown": user,
        "form": form or PersonForm(kept=user, initial=state),
        "seen": staff.mark(user),
        "outcome": outcome,
        "notice": notice,
        "open_now": user.cases.filter(ended_at=None).count(),
        "mine": user.pk == person(request).pk,
        "waiting": Proposal.objects.filter(decided_at=None, subject=user.pk).exclude(kind=Proposal.Kind.GUARD).first(),
        "has_password": user.has_usable_password(),
    }
    return frame.page(request, "people", "person.html", context, status=status)


def _waiting(
    request: HttpRequest, *, code: str = "", secret: str = "", notice: str = "", status: int = 200
) -> HttpResponse:
    by = person(request)
    rows = [
        {"it": proposal, "words": _said(proposal), "mine": proposal.asked_by_id == by.pk}
        for proposal in proposals.waiting()
    ]
    decided = Proposal.objects.exclude(decided_at=None).select_related("asked_by", "decided_by").order_by("-pk")[:20]
    context = {
        "rows": rows,
        "decided": [{"it": proposal, "words": _said(proposal)} for proposal in decided],
        "owed": [{"it": proposal, "words": _said(proposal)} for proposal in proposals.owed_to(by)],
        "code": code,
        "secret": secret,
        "notice": notice,
        "needed": proposals.needed(),
    }
    return frame.page(request, "second", "proposals.html", context, status=status)


def _said(proposal: Proposal) -> list[str]:
    """What is asked, in words; of a weaker guard each thing that it lets through."""
    if proposal.kind == Proposal.Kind.GUARD:
        return guards.proposed(proposal)
    user = User.objects.filter(pk=proposal.subject).first()
    name = {"name": f"{user} ({user.username}, {user.email or _('no e-mail')})" if user else "?"}
    if proposal.kind == Proposal.Kind.TOKEN:
        return programs.proposed(proposal, name["name"])
    if proposal.kind == Proposal.Kind.LINK and proposal.change.get("return"):
        return [_("%(name)s comes back, and gets a link to a new password") % name]
    if proposal.kind == Proposal.Kind.LINK:
        return [_("%(name)s gets a link to a new password") % name]
    role = proposal.change["role"]
    said = [_("%(name)s becomes: %(role)s") % (name | {"role": Role(role).label})]
    if user and staff.rises(user, role):
        said.append(_("They choose another password behind a link, since one person alone let them in."))
    return said


def _found(pk: int) -> User:
    user = User.objects.filter(pk=pk).first()
    if user is None:
        raise Http404("nobody of this number")
    return user

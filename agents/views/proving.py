"""Where somebody who is signed in gives their password again, before what would hurt most in other hands."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import REDIRECT_FIELD_NAME, authenticate
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.generic import FormView

from agents import proving
from agents.access import person


class PasswordForm(forms.Form):
    """The password of the person of a request, counted like one at the door."""

    password = forms.CharField(label=gettext_lazy("Password"), strip=False, max_length=4096)

    def __init__(self, *arguments: Any, request: HttpRequest, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._request = request

    def clean_password(self) -> str:
        """It has to be theirs."""
        given, user = self.cleaned_data["password"], person(self._request)
        if authenticate(self._request, username=user.get_username(), password=given) != user:
            raise forms.ValidationError(_("That is not your password."), code="wrong")
        return str(given)


class Prove(LoginRequiredMixin, proving.AFewAtOnce, FormView):  # type: ignore[type-arg]
    """The password once more, and back to the page."""

    template_name = "agents/prove.html"
    form_class = PasswordForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """With the request that attempts are counted by."""
        return super().get_form_kwargs() | {"request": self.request}

    def get_context_data(self, **context: Any) -> dict[str, Any]:
        """Where it leads back to, and what waits meanwhile."""
        return super().get_context_data(**context, next=self._back(), kept=self.request.POST.get("kept", ""))

    def form_valid(self, form: PasswordForm) -> HttpResponse:
        """It was theirs: good for a few minutes, and for what waits."""
        proving.noted(self.request)
        back = self._back()
        return proving.on_with(self.request, self.request.POST.get("kept", ""), back) or HttpResponseRedirect(back)

    def form_invalid(self, form: PasswordForm) -> HttpResponse:
        """A wrong one is an event; too many end every session."""
        if form.has_error("password", "wrong"):
            proving.refused(person(self.request), locked=getattr(self.request, "axes_locked_out", False))
        return super().form_invalid(form)

    def _back(self) -> str:
        asked = self.request.POST.get(REDIRECT_FIELD_NAME) or self.request.GET.get(REDIRECT_FIELD_NAME, "")
        safe = url_has_allowed_host_and_scheme(asked, allowed_hosts=None)
        return asked if safe and asked.startswith("/") else reverse("agents:home")

"""The emergency entrance: Django's admin, with what this house has made for it and nothing else.

What other applications would put here goes round the rules: a row of the job scheduler runs any function of the
program, a group gives rights that no role has, a lock-out that is deleted leaves no trace.
"""

from __future__ import annotations

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy

from agents.access import may
from agents.models import User


class Entrance(AdminSite):
    """For administrators alone, whatever flags a row carries."""

    site_header = site_title = gettext_lazy("Glasshouse: emergency entrance")
    index_title = gettext_lazy("To look at when nothing else answers; changes are made in the set-up pages")
    site_url = "/setup/"
    enable_nav_sidebar = False

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Let in what was made for this house."""
        from mentions.admin import LookOnlyAdmin

        if admin_class is not None and issubclass(admin_class, LookOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        """Whether the person's role sets up."""
        return isinstance(request.user, User) and may(request.user, "set up")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Where everybody signs in: a second form would be a second way past what that one counts."""
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next", reverse("admin:index")))

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Where everybody changes theirs, which is an event."""
        return HttpResponseRedirect(reverse("agents:own_password"))

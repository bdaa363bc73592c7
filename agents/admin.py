"""The emergency entrance to people, teams, sites, profiles and approved texts. Every save is an event."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import tokens
from agents.models import ApiToken, Macro, RegulatoryProfile, Role, Site, Team, TeamQueue, User
from mentions.admin import RecordedAdmin


class TeamQueueInline(admin.TabularInline):  # type: ignore[type-arg]
    """The queues that a team works."""

    model = TeamQueue
    extra = 1


@admin.register(Team)
class TeamAdmin(RecordedAdmin):
    """Teams, their profile and their queues."""

    inlines = [TeamQueueInline]
    list_display = ["name", "profile"]


@admin.register(User)
class PersonAdmin(UserAdmin, RecordedAdmin):  # type: ignore[type-arg]
    """People; who is an administrator may come in here, nobody else."""

    list_display = ["username", "first_name", "role", "site", "is_active"]
    list_filter = ["role", "is_active", "teams"]
    fieldsets = [
        (None, {"fields": ["username", "password", "first_name", "last_name", "email"]}),
        (gettext_lazy("Work"), {"fields": ["role", "teams", "site", "zone", "is_active"]}),
    ]
    filter_horizontal = ["teams"]

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """The role decides who may come in here."""
        assert isinstance(obj, User)
        obj.is_staff = obj.is_superuser = obj.role == Role.ADMINISTRATOR
        super().save_model(request, obj, form, change)


@admin.register(ApiToken)
class ApiTokenAdmin(RecordedAdmin):
    """Keys of programs; the secret is shown once, when it is made."""

    fields = ["name", "scopes", "source", "teams", "expires_at", "revoked_at"]
    list_display = ["name", "hint", "scopes", "source", "expires_at", "revoked_at"]

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Make a secret for a new token, and forget what was remembered of an old one."""
        assert isinstance(obj, ApiToken)
        if not change:
            secret = tokens.fresh_secret()
            obj.digest, obj.hint = tokens.digest(secret), secret[-4:]
            messages.warning(request, _("The token, shown this once: %(secret)s") % {"secret": secret})
        super().save_model(request, obj, form, change)
        transaction.on_commit(tokens.forget)


@admin.register(Site)
class SiteAdmin(RecordedAdmin):
    """Places with people and screens."""

    list_display = ["name", "zone", "calendar"]


@admin.register(RegulatoryProfile)
class RegulatoryProfileAdmin(RecordedAdmin):
    """What a team's regulators demand."""

    list_display = ["name", "version", "four_eyes", "undo_s"]
    readonly_fields = ["version"]

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """A changed profile is a new version, named in every verdict of the guard."""
        assert isinstance(obj, RegulatoryProfile)
        if change and form.changed_data:
            obj.version += 1
        super().save_model(request, obj, form, change)


@admin.register(Macro)
class MacroAdmin(RecordedAdmin):
    """Approved texts."""

    list_display = ["name", "team", "language", "approved_at", "expires_at"]

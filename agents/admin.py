"""What the emergency entrance shows of people, teams, profiles and keys. They are changed in the set-up pages."""

from __future__ import annotations

from django.contrib import admin

from agents.models import ApiToken, Macro, RegulatoryProfile, Site, Team, User
from mentions.admin import LookOnlyAdmin


@admin.register(Team)
class TeamAdmin(LookOnlyAdmin):
    """Teams and their profile."""

    fields = ["slug", "name", "profile"]
    list_display = ["name", "profile", "retired_at"]


@admin.register(User)
class PersonAdmin(LookOnlyAdmin):
    """People; of a password not even the hash is shown."""

    fields = [
        "username",
        "first_name",
        "last_name",
        "email",
        "role",
        "teams",
        "site",
        "zone",
        "is_active",
        "last_login",
    ]
    list_display = ["username", "first_name", "role", "site", "is_active"]
    list_filter = ["role", "is_active", "teams"]


@admin.register(ApiToken)
class ApiTokenAdmin(LookOnlyAdmin):
    """Keys of programs."""

    fields = ["name", "hint", "scopes", "source", "teams", "expires_at", "revoked_at"]
    list_display = ["name", "hint", "scopes", "source", "expires_at", "revoked_at", "last_used_at"]


@admin.register(Site)
class SiteAdmin(LookOnlyAdmin):
    """Places with people and screens."""

    list_display = ["name", "zone", "calendar"]


@admin.register(RegulatoryProfile)
class RegulatoryProfileAdmin(LookOnlyAdmin):
    """What a team's regulators demand."""

    list_display = ["name", "version", "four_eyes", "undo_s"]


@admin.register(Macro)
class MacroAdmin(LookOnlyAdmin):
    """Approved texts."""

    list_display = ["name", "team", "language", "approved_at", "expires_at"]

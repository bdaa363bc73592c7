"""What the emergency entrance shows of what decides. It is changed in the set-up pages, which know the rules."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

from mentions.models import Calendar, Queue, RoutingRule, SlaPolicy, Source


class LookOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows to look at when nothing else answers: nobody adds, changes or removes one past the rules of its pages."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False


@admin.register(RoutingRule)
class RoutingRuleAdmin(LookOnlyAdmin):
    """Ordered rules."""

    list_display = ["position", "name", "queue", "priority", "version", "active"]
    list_display_links = ["name"]


@admin.register(Calendar)
class CalendarAdmin(LookOnlyAdmin):
    """Working hours and holidays."""

    list_display = ["name", "zone"]


@admin.register(Queue)
class QueueAdmin(LookOnlyAdmin):
    """Queues and the promises made in them."""

    list_display = ["position", "name", "policy", "is_default", "retired_at"]
    list_display_links = ["name"]


@admin.register(SlaPolicy)
class SlaPolicyAdmin(LookOnlyAdmin):
    """Targets."""

    list_display = ["name", "calendar", "first_response_s", "next_response_s", "resolution_s"]


@admin.register(Source)
class SourceAdmin(LookOnlyAdmin):
    """Connected accounts; their secrets are not shown to anybody."""

    list_display = ["name", "network", "handle", "active", "sending", "last_ok_at", "last_error"]

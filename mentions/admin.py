"""What the emergency entrance shows of what decides. It is changed in the set-up pages, which know the rules."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import CharField, Model, TextField
from django.forms.models import model_to_dict
from django.http import HttpRequest
from django.utils import timezone

from mentions import editions, events, scrub
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


class KeptAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that have no page of their own: every change is an edition and an event of the person who made it."""

    actions = None

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save, and keep what it says now; private numbers that were typed here are kept nowhere."""
        _scrub(obj)
        with transaction.atomic():
            before = _state(type(obj)._base_manager.get(pk=obj.pk)) if change else None  # noqa: SLF001
            super().save_model(request, obj, form, change)
            self._keep(request, obj, before, "changed" if change else "made")

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete it; its editions stay."""
        with transaction.atomic():
            data = {"subject": obj._meta.model_name, "id": obj.pk}  # noqa: SLF001
            events.record("setup.removed", at=timezone.now(), by=editions.actor(request.user.pk), data=data)
            super().delete_model(request, obj)

    @staticmethod
    def _keep(request: HttpRequest, obj: Model, before: Any, what: str) -> None:
        editions.keep(
            str(obj._meta.model_name),  # noqa: SLF001
            obj.pk,
            before=before,
            after=_state(obj),
            what=what,
            by=request.user.pk,
            now=timezone.now(),
        )


def _scrub(obj: Model) -> None:
    for field in obj._meta.concrete_fields:  # noqa: SLF001
        value = getattr(obj, field.attname)
        if isinstance(field, TextField):
            setattr(obj, field.attname, scrub.typed(value))
        elif isinstance(field, CharField) and not field.choices:
            setattr(obj, field.attname, scrub.typed_line(value, field.max_length or len(value)))


def _state(obj: Model) -> Any:
    return json.loads(json.dumps(model_to_dict(obj), cls=DjangoJSONEncoder))


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

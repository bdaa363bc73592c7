"""The emergency entrance to what decides: queues, rules, promises, calendars, sources. Every save is an event."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone

from mentions import events, hooks, routing, rulebook, sla
from mentions.events import Actor
from mentions.models import Calendar, Queue, RoutingRule, SlaPolicy, Source


class RecordedAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """An admin whose every change is an event of the person who made it, in the same transaction."""

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """Save and record which fields changed; their values stay out of the event."""
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            self.tell(request, obj, "changed" if change else "added", sorted(form.changed_data))

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete and record it."""
        with transaction.atomic():
            self.tell(request, obj, "removed", [])
            super().delete_model(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """One at a time only, since a bulk deletion passes by `delete_model`."""
        return obj is not None and super().has_delete_permission(request, obj)

    def tell(self, request: HttpRequest, obj: Model, what: str, fields: list[str]) -> None:
        """One event, and processes read anew what decides."""
        events.record(
            f"setup.{what}",
            at=timezone.now(),
            by=Actor("person", request.user.pk),
            data={"model": obj._meta.label_lower, "id": obj.pk, "fields": fields},  # noqa: SLF001
        )
        transaction.on_commit(rulebook.forget)
        transaction.on_commit(hooks.forget)


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """A routing rule whose conditions can be evaluated."""

    class Meta:
        model = RoutingRule
        exclude = ()

    def clean_conditions(self) -> Any:
        """Conditions as `mentions.routing` reads them."""
        conditions = self.cleaned_data["conditions"] or {}
        try:
            routing.validate(conditions)
        except (ValueError, TypeError) as wrong:
            raise ValidationError(str(wrong)) from wrong
        return conditions


class CalendarForm(forms.ModelForm):  # type: ignore[type-arg]
    """A calendar that opens at some time."""

    class Meta:
        model = Calendar
        exclude = ()

    def clean(self) -> dict[str, Any] | None:
        """Blocks, zone and holidays as `mentions.sla` reckons with them."""
        cleaned = super().clean()
        try:
            rulebook.calendar(
                Calendar(
                    name=self.cleaned_data.get("name", ""),
                    zone=self.cleaned_data.get("zone", ""),
                    blocks=self.cleaned_data.get("blocks") or {},
                    holidays=self.cleaned_data.get("holidays") or [],
                )
            )
            sla.add_business(timezone.now(), 60, rulebook.calendar(self.instance))
        except (ValueError, TypeError, KeyError, AttributeError) as wrong:
            raise ValidationError(str(wrong)) from wrong
        return cleaned


@admin.register(RoutingRule)
class RoutingRuleAdmin(RecordedAdmin):
    """Ordered rules; a change is a new version, which conversations remember."""

    form = RuleForm
    list_display = ["position", "name", "queue", "priority", "version", "active"]
    list_display_links = ["name"]
    readonly_fields = ["version"]

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        """A changed wording is a new version."""
        if change and form.changed_data:
            obj.version += 1  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)


@admin.register(Calendar)
class CalendarAdmin(RecordedAdmin):
    """Working hours and holidays."""

    form = CalendarForm
    list_display = ["name", "zone"]


@admin.register(Queue)
class QueueAdmin(RecordedAdmin):
    """Queues and the promises made in them."""

    list_display = ["position", "name", "policy", "is_default"]
    list_display_links = ["name"]


@admin.register(SlaPolicy)
class SlaPolicyAdmin(RecordedAdmin):
    """Targets."""

    list_display = ["name", "calendar", "first_response_s", "next_response_s", "resolution_s"]


@admin.register(Source)
class SourceAdmin(RecordedAdmin):
    """Connected accounts; their secrets are not shown to anybody."""

    list_display = ["name", "network", "handle", "active", "sending", "last_ok_at", "last_error"]

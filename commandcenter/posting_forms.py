"""What a person may send as a post of our own, and why not."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents import access, originals
from agents.models import Original, User
from commandcenter import periods
from commandcenter.models import Campaign, Incident


def instant(local: datetime, zone: tzinfo) -> datetime | None:
    """The moment of a wall clock's time; None where the clock is put forward and skips it.

    Where the clock is put back a time comes twice, and the first is meant.
    """
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    return moment if moment.astimezone(zone).replace(tzinfo=None) == local.replace(fold=0) else None


class PostForm(forms.Form):
    """A post of our own; its time is one of the reader's own zone, empty for as soon as it is approved."""

    title = forms.CharField(max_length=120, label=_("Name"), help_text=_("For colleagues and the morning brief."))
    kind = forms.ChoiceField(choices=Original.Kind.choices, label=_("Kind"))
    source = forms.TypedChoiceField(coerce=int, label=_("Account"))
    team = forms.TypedChoiceField(coerce=int, label=_("Team"), help_text=_("Whose rules bind it, and who sees it."))
    text = forms.CharField(
        max_length=65_000,
        strip=False,
        label=_("Text"),
        widget=forms.Textarea(
            attrs={
                "rows": 6,
                "data-counted": "post-count",
                "data-counted-by": "id_source",
                "aria-describedby": "post-count",
            }
        ),
        error_messages={"required": _("Write the post first.")},
    )
    leave_at = forms.CharField(required=False, label=_("Leaves at"))
    incident = forms.TypedChoiceField(coerce=int, required=False, empty_value=None, label=_("For the incident"))
    campaign = forms.TypedChoiceField(coerce=int, required=False, empty_value=None, label=_("For the campaign"))
    client_key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, user: User, initial: dict[str, Any] | None = None) -> None:
        super().__init__(data, initial=initial)
        self.sources = originals.accounts()
        self.teams = list(access.teams_for(user))
        none = [("", _("none"))]
        today = periods.bank_day(timezone.now())
        open_ones = Incident.objects.filter(closed_at=None, drill=None).order_by("-pk")
        running = Campaign.objects.filter(last_day__gte=today, ended_at=None)
        said: dict[str, list[tuple[Any, Any]]] = {
            "source": [(row.pk, f"{row.name} (@{row.handle})" if row.handle else row.name) for row in self.sources],
            "team": [(row.pk, row.name) for row in self.teams],
            "incident": [*none, *((row.pk, row.name) for row in open_ones)],
            "campaign": [*none, *((row.pk, row.name) for row in running)],
        }
        for name, choices in said.items():
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = choices
        for field in self.fields.values():
            field.widget.attrs.setdefault("class", "input")
        self.fields["leave_at"].widget = forms.DateTimeInput(attrs={"type": "datetime-local", "class": "input"})

    @staticmethod
    def initial_of(found: Original) -> dict[str, Any]:
        """What stands in a stored draft, as its form shows it."""
        zone = timezone.get_current_timezone()
        return {
            "title": found.title,
            "kind": found.kind,
            "source": found.reply.source_id,
            "team": found.team_id,
            "text": found.reply.text,
            "leave_at": found.leave_at.astimezone(zone).strftime("%Y-%m-%dT%H:%M") if found.leave_at else "",
            "incident": found.incident,
            "campaign": found.campaign,
            "client_key": found.reply.client_key,
        }

    def clean_leave_at(self) -> datetime | None:
        """The moment that the person's wall clock means."""
        said = self.cleaned_data["leave_at"].strip()
        if not said:
            return None
        try:
            local = datetime.strptime(said, "%Y-%m-%dT%H:%M")  # noqa: DTZ007  zone follows
            moment = instant(local, timezone.get_current_timezone())
        except (ValueError, OverflowError) as bad:
            raise forms.ValidationError(_("Choose a date and a time.")) from bad
        if moment is None:
            raise forms.ValidationError(_("The clocks are put forward then: that time does not exist."))
        if moment > timezone.now() + originals.FURTHEST:
            raise forms.ValidationError(_("Choose a time within a year."))
        return moment

    def wanted(self, said: dict[int, str] | None = None) -> originals.Wanted:
        """What a valid form asks for; `said` is what its pictures show."""
        given = self.cleaned_data
        return originals.Wanted(
            source=next(row for row in self.sources if row.pk == given["source"]),
            team=next(row for row in self.teams if row.pk == given["team"]),
            title=given["title"],
            text=given["text"],
            kind=given["kind"],
            leave_at=given["leave_at"],
            incident=given["incident"],
            campaign=given["campaign"],
            said=said,
        )

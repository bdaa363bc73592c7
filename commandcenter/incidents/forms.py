"""What the people who run incidents may send, and why not."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from agents.models import User
from commandcenter.models import IncidentClock, Severity, Suggestion
from mentions.models import Conversation
from mentions.naming import topic

UPDATES = ((15, _("in 15 minutes")), (30, _("in 30 minutes")), (60, _("in an hour")), (120, _("in two hours")))


class OpenForm(forms.Form):
    """A new incident: from a suggestion, a conversation, a topic or nothing."""

    key = forms.UUIDField(required=False)
    name = forms.CharField(max_length=120, required=False)
    severity = forms.ChoiceField(choices=Severity.choices, required=False)
    topic = forms.CharField(max_length=40, required=False)
    suggestion = forms.ModelChoiceField(queryset=Suggestion.objects.all(), required=False)
    conversation = forms.IntegerField(min_value=1, max_value=2**62, required=False)


class NoteForm(forms.Form):
    """A line of the timeline."""

    text = forms.CharField(max_length=2000, error_messages={"required": _("Write what happened.")})


class DescribeForm(forms.Form):
    """Name and severity."""

    name = forms.CharField(max_length=120)
    severity = forms.ChoiceField(choices=Severity.choices)


class OwnerForm(forms.Form):
    """Who has it from now on."""

    owner = forms.ModelChoiceField(queryset=User.objects.filter(is_active=True))


class StatementForm(forms.Form):
    """The holding statement."""

    text = forms.CharField(max_length=500, required=False)


class UpdateForm(forms.Form):
    """In how many minutes the room hears more; empty takes the promise back."""

    minutes = forms.TypedChoiceField(coerce=int, choices=UPDATES, required=False, empty_value=None)


class MomentForm(forms.Form):
    """When something was known or decided, in the reader's own zone; empty takes it back."""

    field = forms.ChoiceField(choices=[("aware_at", ""), ("determined_at", ""), ("classified_at", "")])
    at = forms.DateTimeField(input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], required=False)


class ClockForm(forms.Form):
    """Which report was made."""

    clock = forms.ModelChoiceField(queryset=IncidentClock.objects.select_related("incident"))


class LinkForm(forms.Form):
    """A conversation by its number."""

    number = forms.RegexField(
        r"^\s*(?:GH-)?[0-9]{1,18}\s*$", error_messages={"invalid": _("Give its number, such as GH-123.")}
    )

    def conversation_id(self) -> int:
        """The key behind the number."""
        return int(self.cleaned_data["number"].strip().removeprefix("GH-"))


class CloseForm(forms.Form):
    """What was learned."""

    lesson = forms.CharField(max_length=4000, required=False)


def name_of(conversation: Conversation) -> str:
    """A first name for an incident that begins with one conversation."""
    about = str(topic(conversation.topics[0])) if conversation.topics else str(conversation.queue)
    return f"{about}, {conversation.number}"

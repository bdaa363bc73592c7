"""What a person may send from the console, and why not."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from agents import zones
from agents.cases import DISPOSITIONS
from agents.models import Consent, User
from agents.muting import DAYS as MUTED_DAYS
from agents.weighing import PRIORITIES
from mentions.models import State

# The console's short names for the dismissals of `agents.cases`.
DISMISSALS = {"no_reply": "no_reply_needed", "spam": "spam", "not_us": "not_us", "praise": "praise", "news": "news"}
BULK_AT_MOST = 200
LONGEST_WAIT = timedelta(days=366)


def said_of_pictures(given: QueryDict) -> dict[int, str]:
    """What a form's pictures show, by their keys: those that stood there, in the fields `alt-KEY`."""
    names = (name.removeprefix("alt-") for name in given if name.startswith("alt-"))
    return {int(key): str(given[f"alt-{key}"]) for key in names if key.isascii() and key.isdigit() and len(key) < 19}


class ReplyForm(forms.Form):
    """A reply as its composer sends it."""

    text = forms.CharField(max_length=20_000, strip=False, error_messages={"required": _("Write the reply first.")})
    mode = forms.ChoiceField(choices=[("public", ""), ("private", "")])
    version = forms.IntegerField(min_value=0)
    client_key = forms.UUIDField()
    go_on = forms.BooleanField(required=False)


class DraftForm(forms.Form):
    """What stands in the textbox right now."""

    text = forms.CharField(max_length=20_000, strip=False, required=False)
    mode = forms.ChoiceField(choices=[("public", ""), ("private", "")])
    draft_version = forms.IntegerField(min_value=0, required=False)
    client_key = forms.UUIDField()


class NoteForm(forms.Form):
    """Words for colleagues only."""

    text = forms.CharField(max_length=5_000, error_messages={"required": _("Write the note first.")})


class NewWordsForm(forms.Form):
    """Other words for a reply that was sent."""

    text = forms.CharField(max_length=20_000, strip=False, error_messages={"required": _("Write the new words first.")})


class KeepForm(forms.Form):
    """A search to be kept, and its name."""

    q = forms.CharField(max_length=400)
    name = forms.CharField(max_length=40)
    for_team = forms.BooleanField(required=False)


class PendingForm(forms.Form):
    """Whom we wait for, and until when, in the person's own zone."""

    whom = forms.ChoiceField(choices=[("customer", ""), ("bank", "")])
    until = forms.CharField(error_messages={"required": _("Choose until when.")})
    reason = forms.CharField(max_length=200, required=False)

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        self.user = user

    def clean_until(self) -> datetime:
        """The local time with its zone."""
        try:
            local = datetime.strptime(self.cleaned_data["until"], "%Y-%m-%dT%H:%M")  # noqa: DTZ007  zone follows
        except ValueError as bad:
            raise forms.ValidationError(_("Choose a date and a time.")) from bad
        until = self._offered(local) or local.replace(tzinfo=zones.of(self.user))
        # Beyond the year 9999 in UTC is a time that can be stored and never read again.
        if until > timezone.now() + LONGEST_WAIT:
            raise forms.ValidationError(_("Choose a time within a year."))
        return until

    def _offered(self, local: datetime) -> datetime | None:
        """The moment that was offered as this local time, which may come twice in a night; None if none was."""
        for told in cast(QueryDict, self.data).getlist("offered")[:9]:
            with suppress(ValueError, OverflowError):
                moment = datetime.fromisoformat(told).replace(second=0, microsecond=0)
                here = moment.astimezone(zones.of(self.user))
                if moment.tzinfo is not None and here.replace(tzinfo=None, fold=0) == local:
                    return moment
        return None

    def state(self) -> str:
        """The pending state that was chosen."""
        return State.PENDING_CUSTOMER if self.cleaned_data["whom"] == "customer" else State.PENDING_BANK


class TransferForm(forms.Form):
    """Where it goes, and why."""

    queue = forms.IntegerField(min_value=1)
    person = forms.IntegerField(min_value=1, required=False)
    reason = forms.CharField(max_length=300, error_messages={"required": _("Say why; they read it first.")})


class CloseForm(forms.Form):
    """Why it is closed."""

    disposition = forms.ChoiceField(choices=[(value, "") for value in DISPOSITIONS])
    address = forms.CharField(max_length=2048, required=False)


BULK_DEEDS = ("claim", "needed", *DISMISSALS, "transfer", "assign", "close")


class BulkForm(forms.Form):
    """One action on several conversations, with what it needs: where to, to whom, or why."""

    action = forms.ChoiceField(choices=[(value, "") for value in BULK_DEEDS])
    queue = forms.IntegerField(min_value=1, required=False)
    reason = forms.CharField(max_length=300, required=False)
    person = forms.IntegerField(min_value=1, required=False)
    disposition = forms.CharField(max_length=32, required=False)
    address = forms.CharField(max_length=2048, required=False)


class WeighForm(forms.Form):
    """How urgent a person calls it, and under which tags, separated by commas."""

    priority = forms.TypedChoiceField(choices=[(value, "") for value in PRIORITIES], coerce=int)
    tags = forms.CharField(max_length=600, required=False)

    def wanted(self) -> list[str]:
        """The tags, one by one."""
        return [tag for tag in str(self.cleaned_data["tags"]).split(",") if tag.strip()]


class MuteForm(forms.Form):
    """Why an author is muted, and for how many days."""

    reason = forms.CharField(max_length=200, error_messages={"required": _("Say why.")})
    days = forms.TypedChoiceField(choices=[(value, "") for value in MUTED_DAYS], coerce=int)


class ConsentForm(forms.Form):
    """That two authors are one person, by the customer's own word; the other one is named by a conversation."""

    other = forms.RegexField(r"(?i)\A\s*(?:GH-)?[0-9]{1,18}\s*\Z")
    how = forms.ChoiceField(choices=Consent.How.choices)
    note = forms.CharField(max_length=300, required=False)

    def clean_other(self) -> int:
        """The number alone."""
        return int(self.cleaned_data["other"].strip().upper().removeprefix("GH-"))


class CorrectForm(forms.Form):
    """A person's word for a machine's label."""

    name = forms.ChoiceField(choices=[("language", ""), ("sentiment", ""), ("topics", "")])
    value = forms.CharField(max_length=40, required=False)

    def label(self) -> Any:
        """The value as the mention stores it."""
        value = self.cleaned_data["value"]
        match self.cleaned_data["name"]:
            case "sentiment":
                return {"negative": -1, "neutral": 0, "positive": 1}.get(value)
            case "topics":
                return [value] if value else []
        return value[:8]

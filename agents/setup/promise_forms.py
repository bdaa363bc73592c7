"""What a person writes of promises and hours: spans like 1 d 6 h, hours like 08:00-12:00, 13:00-17:30, days."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents.promises import CalendarWanted, PolicyWanted
from agents.setup import wording
from mentions import sla
from mentions.models import Calendar, SlaPolicy

PRIORITIES: Final = (1, 2, 3, 4)
_WORD_STARTS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BLOCK: Final = re.compile(r"\s*(\d{1,2})[:.]?(\d\d)?\s*[-–—]\s*(\d{1,2})[:.]?(\d\d)?\s*")
_SPAN: Final = re.compile(
    r"\s*(?:(\d{1,4})\s*d(?:ays?)?)?\s*(?:(\d{1,5})\s*h(?:(?:ou)?rs?)?)?\s*(?:(\d{1,6})\s*(?:m(?:in(?:ute)?s?)?)?)?\s*"
)


class PolicyForm(forms.Form):
    """A policy as a person writes it, and the post by which it is tried."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    calendar = forms.TypedChoiceField(label=gettext_lazy("Calendar"), coerce=int)
    first_response_s = forms.CharField(label=gettext_lazy("First response within"), required=False, max_length=20)
    next_response_s = forms.CharField(label=gettext_lazy("Next response within"), required=False, max_length=20)
    resolution_s = forms.CharField(label=gettext_lazy("Resolution within"), required=False, max_length=20)
    pause_when_pending = forms.BooleanField(
        label=gettext_lazy("The clock stops while we wait for the customer or another department"), required=False
    )
    at = forms.CharField(label=gettext_lazy("A post arrives at"), required=False, max_length=16)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        choices = self.fields["calendar"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [(calendar.pk, calendar.name) for calendar in Calendar.objects.order_by("name")]
        for priority in PRIORITIES:
            self.fields[f"factor_{priority}"] = forms.FloatField(
                label=str(wording.PRIORITIES[priority]), required=False, min_value=0.01, max_value=100
            )

    def factors(self) -> list[forms.BoundField]:
        """The fields of the factors."""
        return [self[f"factor_{priority}"] for priority in PRIORITIES]

    def _span(self, name: str) -> int | None:
        given = self.cleaned_data[name].strip().lower()
        if not given:
            return None
        found = _SPAN.fullmatch(given)
        if found is None or not any(found.groups()):
            raise forms.ValidationError(_("Write it like 90 m, 4 h, 2 d or 1 d 6 h."))
        days, hours, minutes = (int(part or 0) for part in found.groups())
        return (days * 24 + hours) * 3600 + minutes * 60

    def clean_first_response_s(self) -> int | None:
        """Seconds."""
        return self._span("first_response_s")

    def clean_next_response_s(self) -> int | None:
        """Seconds."""
        return self._span("next_response_s")

    def clean_resolution_s(self) -> int | None:
        """Seconds."""
        return self._span("resolution_s")

    def wanted(self) -> PolicyWanted:
        """The policy as it is wanted."""
        given = self.cleaned_data
        factors = {priority: given[f"factor_{priority}"] for priority in PRIORITIES}
        return PolicyWanted(
            name=given["name"],
            calendar_id=given["calendar"],
            first_response_s=given["first_response_s"],
            next_response_s=given["next_response_s"],
            resolution_s=given["resolution_s"],
            factors={priority: its for priority, its in factors.items() if its not in (None, 1.0)},
            pause_when_pending=given["pause_when_pending"],
        )


class CalendarForm(forms.Form):
    """A calendar as a person writes it: hours like 08:00-12:00, 13:00-17:30, a line a weekday."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    always = forms.BooleanField(label=gettext_lazy("Round the clock"), required=False)
    holidays = forms.CharField(label=gettext_lazy("Holidays"), required=False, max_length=20_000)
    country = forms.ChoiceField(label=gettext_lazy("Public holidays of"), required=False)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        choices = self.fields["zone"]
        assert isinstance(choices, forms.ChoiceField)
        choices.choices = [(zone, zone.replace("_", " ")) for zone in zones()]
        country = self.fields["country"]
        assert isinstance(country, forms.ChoiceField)
        country.choices = [("", _("choose a country")), *countries()]
        for day, title in WEEKDAYS.items():
            self.fields[f"day_{day}"] = forms.CharField(label=title, required=False, max_length=200)

    def days(self) -> list[forms.BoundField]:
        """The fields of the weekdays."""
        return [self[f"day_{day}"] for day in range(7)]

    def clean(self) -> dict[str, Any]:
        """Each weekday as blocks of minutes, the holidays as dates."""
        given = super().clean() or {}
        blocks: dict[int, tuple[tuple[int, int], ...]] = {}
        if not given.get("always"):
            for day in range(7):
                try:
                    of_day = _blocks(given.get(f"day_{day}", ""))
                except ValueError as wrong:
                    self.add_error(f"day_{day}", str(wrong))
                    continue
                if of_day:
                    blocks[day] = of_day
            if not blocks and not self.errors:
                self.add_error(None, _("It never opens: give one day at least its hours, or choose round the clock."))
        given["blocks"] = blocks
        days = []
        for line in re.split(r"[\s,;]+", given.get("holidays", "").strip()):
            if not line:
                continue
            try:
                days.append(date.fromisoformat(line))
            except ValueError:
                self.add_error("holidays", _("“%(day)s” is no day: write it like 2027-12-25.") % {"day": line[:20]})
        given["days"] = tuple(days)
        return given

    def wanted(self) -> CalendarWanted:
        """The calendar as it is wanted."""
        given = self.cleaned_data
        return CalendarWanted(given["name"], given["zone"], given["blocks"], given["days"])


class SiteForm(forms.Form):
    """A place with people and screens."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    zone = forms.ChoiceField(label=gettext_lazy("Time zone"))
    calendar = forms.TypedChoiceField(label=gettext_lazy("Calendar"), coerce=int)

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        zone, calendar = self.fields["zone"], self.fields["calendar"]
        assert isinstance(zone, forms.ChoiceField)
        assert isinstance(calendar, forms.ChoiceField)
        zone.choices = [(each, each.replace("_", " ")) for each in zones()]
        calendar.choices = [(each.pk, each.name) for each in Calendar.objects.order_by("name")]


@cache
def countries() -> tuple[tuple[str, str], ...]:
    """The countries whose public holidays are known, by code and name."""
    from holidays.registry import COUNTRIES

    named = ((code, _WORD_STARTS.sub(" ", name)) for name, code, *_more in COUNTRIES.values())
    return tuple(sorted(named, key=lambda country: country[1]))


def public_holidays(country: str, first_year: int) -> list[date]:
    """The public holidays of a country in three years, without those of its parts; none for an unknown one."""
    import holidays

    if country not in dict(countries()):
        return []
    return sorted(holidays.country_holidays(country, years=range(first_year, first_year + 3)))


def zones() -> list[str]:
    """The zones that people live in, by name."""
    return [*sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/")), "UTC"]


def policy_wanted(policy: SlaPolicy) -> PolicyWanted:
    """A policy as it stands, as somebody would want it."""
    return PolicyWanted(
        name=policy.name,
        calendar_id=policy.calendar_id,
        first_response_s=policy.first_response_s,
        next_response_s=policy.next_response_s,
        resolution_s=policy.resolution_s,
        factors={int(priority): float(factor) for priority, factor in policy.by_priority.items()},
        pause_when_pending=policy.pause_when_pending,
    )


def policy_as_kept(policy: SlaPolicy | None, now: datetime) -> dict[str, Any]:
    """What stands in the form at first; its worked example begins shortly before the week-end, where hours matter."""
    zone = ZoneInfo(policy.calendar.zone) if policy else timezone.get_current_timezone()
    local = now.astimezone(zone)
    friday = local + timedelta(days=(4 - local.weekday()) % 7)
    at = {"at": f"{friday:%Y-%m-%d}T16:50"}
    if policy is None:
        return at | {"pause_when_pending": True}
    return (
        at
        | {
            "name": policy.name,
            "calendar": policy.calendar_id,
            "first_response_s": span(policy.first_response_s),
            "next_response_s": span(policy.next_response_s),
            "resolution_s": span(policy.resolution_s),
            "pause_when_pending": policy.pause_when_pending,
        }
        | {f"factor_{priority}": factor for priority, factor in policy.by_priority.items()}
    )


def calendar_as_kept(calendar: Calendar | None) -> dict[str, Any]:
    if calendar is None:
        office = dict.fromkeys((f"day_{day}" for day in range(5)), "09:00-17:00")
        return {"zone": str(timezone.get_current_timezone())} | office
    return {
        "name": calendar.name,
        "zone": calendar.zone,
        "always": not calendar.blocks,
        "holidays": "\n".join(calendar.holidays),
    } | {f"day_{day}": in_hours(blocks) for day, blocks in calendar.blocks.items()}


def in_hours(blocks: list[list[int]]) -> str:
    return ", ".join("-".join(f"{minute // 60:02}:{minute % 60:02}" for minute in block) for block in blocks)


def span(seconds: float | None) -> str:
    """A length of time as the form reads it."""
    if not seconds:
        return "0 m" if seconds == 0 else ""
    days, rest = divmod(round(seconds / 60), 24 * 60)
    hours, minutes = divmod(rest, 60)
    return " ".join(f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "m")) if n)


def _blocks(line: str) -> tuple[tuple[int, int], ...]:
    """`08:00-12:00, 13:00-17:30` as minutes after midnight. Raises ValueError with a sentence."""
    found = []
    for part in filter(str.strip, line.split(",")):
        match = _BLOCK.fullmatch(part)
        if match is None:
            raise ValueError(_("Write hours like 08:00-12:00, 13:00-17:30; leave a closed day empty."))
        opens, closes = (int(match[n]) * 60 + int(match[n + 1] or 0) for n in (1, 3))
        if not 0 <= opens < closes <= sla.MINUTES_A_DAY or int(match[2] or 0) > 59 or int(match[4] or 0) > 59:
            raise ValueError(_("“%(part)s” must end after it begins, within 00:00 and 24:00.") % {"part": part.strip()})
        found.append((opens, closes))
    ordered = sorted(found)
    for before, after in pairwise(ordered):
        if after[0] < before[1]:
            raise ValueError(_("Two stretches overlap."))
    return tuple(ordered)

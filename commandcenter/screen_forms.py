"""What people fill in about screens, rooms and playlists."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from agents.models import Site
from commandcenter import playlists, scenes
from commandcenter.models import Profile
from commandcenter.models.screens import Playlist, Room, Schedule, Screen
from commandcenter.playlists import Entry
from mentions import scrub

WEEKDAYS = [(0, _("Mon")), (1, _("Tue")), (2, _("Wed")), (3, _("Thu")), (4, _("Fri")), (5, _("Sat")), (6, _("Sun"))]
ROWS = playlists.MOST_SCENES


def weekdays(numbers: Collection[int]) -> str:
    """Weekdays by name."""
    if len(numbers) == len(WEEKDAYS):
        return gettext("every day")
    return ", ".join(str(name) for number, name in WEEKDAYS if number in numbers)


def scene_choices() -> list[tuple[str, str | Promise]]:
    """Every scene that can be chosen; the incident comes and goes by itself."""
    return [(key, scenes.get(key).title) for key in scenes.known() if key != playlists.INCIDENT]


class ScreenForm(forms.ModelForm):  # type: ignore[type-arg]
    """Where a screen hangs, how large it is, who sees it, and what it shows."""

    site = forms.ModelChoiceField(Site.objects.order_by("name"), label=_("Site"))
    room_name = forms.CharField(label=_("Room"), max_length=60, help_text=_("The room or the place it hangs in."))
    fixed = forms.ChoiceField(
        label=_("Always shows"),
        required=False,
        help_text=_("For a screen that people work by: it never leaves this scene."),
    )

    class Meta:
        model = Screen
        fields = (
            "name",
            "profile",
            "inches",
            "distance_m",
            "cols",
            "rows",
            "place",
            "playlist",
            "fixed",
            "quiet_from",
            "quiet_until",
        )
        labels = {
            "name": _("Name"),
            "profile": _("Who can see it"),
            "inches": _("Diagonal of one panel, in inches"),
            "distance_m": _("Furthest viewer, in metres"),
            "cols": _("Panels across"),
            "rows": _("Panels down"),
            "place": _("Place on the wall"),
            "playlist": _("Playlist"),
            "quiet_from": _("Quiet from"),
            "quiet_until": _("Quiet until"),
        }
        help_texts = {
            "profile": _(
                "Strangers see totals and approved posts only, and a second person confirms such a screen. "
                "Only staff: in a room that a manager has marked as closed to the public."
            ),
            "distance_m": _("All words are made large enough for whoever stands there."),
            "place": _("Counted from 1, row by row. Empty if this computer drives all panels."),
            "playlist": _("Empty: the usual scenes in turn."),
        }
        widgets = {
            "quiet_from": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "quiet_until": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.fields["fixed"]
        assert isinstance(chosen, forms.ChoiceField)
        chosen.choices = [("", _("its playlist")), *scene_choices()]
        self.fields["inches"].min_value, self.fields["inches"].max_value = 5, 400  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial.update(site=self.instance.room.site_id, room_name=self.instance.room.name)

    def clean_name(self) -> str:
        return scrub.typed_line(self.cleaned_data["name"], 60)

    def clean_inches(self) -> float:
        inches = float(self.cleaned_data["inches"])
        if not 5 <= inches <= 400:
            raise forms.ValidationError(_("Between 5 and 400 inches."))
        return inches

    def clean_distance_m(self) -> float:
        distance = float(self.cleaned_data["distance_m"])
        if not 0.3 <= distance <= 100:
            raise forms.ValidationError(_("Between 0.3 and 100 metres."))
        return distance

    def clean_room_name(self) -> str:
        return scrub.typed_line(self.cleaned_data["room_name"], 60)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cols, rows, place = cleaned.get("cols"), cleaned.get("rows"), cleaned.get("place")
        if cols and rows and not (1 <= cols <= 8 and 1 <= rows <= 8):
            self.add_error("cols", _("A wall has one to eight panels across and down."))
        elif cols and rows and place is not None and not 1 <= place <= cols * rows:
            self.add_error("place", _("There is no such place on this wall."))
        if (cleaned.get("quiet_from") is None) != (cleaned.get("quiet_until") is None):
            self.add_error("quiet_until", _("Quiet hours have a beginning and an end."))
        elif cleaned.get("quiet_from") is not None and cleaned["quiet_from"] == cleaned["quiet_until"]:
            self.add_error("quiet_until", _("They end when they begin: the screen would be dark for ever."))
        room = self._room(cleaned)
        if cleaned.get("profile") == Profile.INTERNAL and (room is None or room.closed_at is None):
            self.add_error("profile", _("Strangers may come into this room: a manager has not marked it as closed."))
        return cleaned

    def _room(self, cleaned: Mapping[str, Any]) -> Room | None:
        site, name = cleaned.get("site"), cleaned.get("room_name")
        return Room.objects.filter(site=site, name__iexact=name).first() if site and name else None

    def placed(self) -> Screen:
        """The screen as it was filled in, in its room, which is made if it is new. Not saved."""
        screen: Screen = self.save(commit=False)
        room = self._room(self.cleaned_data)
        screen.room = room or Room.objects.create(site=self.cleaned_data["site"], name=self.cleaned_data["room_name"])
        return screen


class PlaylistForm(forms.ModelForm):  # type: ignore[type-arg]
    """A name, and up to six scenes with their seconds."""

    class Meta:
        model = Playlist
        fields = ("name",)
        labels = {"name": _("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = [("", _("no scene")), *scene_choices()]
        entries = self.instance.entries if self.instance.pk else []
        for number in range(ROWS):
            entry = entries[number] if number < len(entries) else {}
            self.fields[f"scene{number}"] = forms.ChoiceField(
                choices=known, required=False, initial=entry.get("scene", ""), label=_("Scene")
            )
            self.fields[f"seconds{number}"] = forms.IntegerField(
                min_value=playlists.LEAST_SECONDS,
                max_value=playlists.MOST_LOOP_S,
                required=False,
                initial=entry.get("seconds", playlists.SECONDS),
                label=_("Seconds"),
            )

    def clean_name(self) -> str:
        return scrub.typed_line(self.cleaned_data["name"], 60)

    def rows(self) -> list[dict[str, Any]]:
        """The fields of each scene, for the template."""
        return [
            {"number": number + 1, "scene": self[f"scene{number}"], "seconds": self[f"seconds{number}"]}
            for number in range(ROWS)
        ]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        entries = self._entries(cleaned)
        for fault in playlists.faults(entries, scenes.known()):
            self.add_error(None, fault)
        self.instance.entries = [{"scene": entry.scene, "seconds": entry.seconds} for entry in entries]
        return cleaned

    def _entries(self, cleaned: Mapping[str, Any]) -> list[Entry]:
        return [
            Entry(cleaned[f"scene{number}"], cleaned.get(f"seconds{number}") or playlists.SECONDS)
            for number in range(ROWS)
            if cleaned.get(f"scene{number}")
        ]


class ScheduleForm(forms.ModelForm):  # type: ignore[type-arg]
    """Another playlist at certain hours."""

    days = forms.TypedMultipleChoiceField(
        label=_("Days"), choices=WEEKDAYS, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = Schedule
        fields = ("playlist", "days", "starts", "ends")
        labels = {"playlist": _("Playlist"), "starts": _("From"), "ends": _("Until")}
        widgets = {
            "starts": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "ends": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        }


class RoomForm(forms.ModelForm):  # type: ignore[type-arg]
    """A room of a site, open to the public until a manager says otherwise."""

    class Meta:
        model = Room
        fields = ("site", "name")
        labels = {"site": _("Site"), "name": _("Room")}

    def clean_name(self) -> str:
        return scrub.typed_line(self.cleaned_data["name"], 60)

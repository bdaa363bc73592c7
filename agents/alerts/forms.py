"""What the people who set alerts up may send, and why not."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from agents import access, proving
from agents.models import AlertHook, AlertKind, AlertRule, Rota, Site, Team, User
from mentions import scrub, sources
from mentions.destinations import is_allowed

WEEKDAYS = (
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
)
MIDNIGHT = 1440
USUAL_DUTY = {"days": ["0", "1", "2", "3", "4"], "start": "09:00", "stop": "17:00", "rank": "1"}


class RuleForm(forms.ModelForm):  # type: ignore[type-arg]
    """How one kind of alert is handled; times are given in minutes. `seen` is how it stood when the form was made."""

    seen = forms.CharField(required=False)
    threshold = forms.IntegerField(min_value=1, max_value=10_000)
    quiet = forms.IntegerField(min_value=1, max_value=10_080)
    escalate = forms.IntegerField(min_value=1, max_value=1440)

    class Meta:
        model = AlertRule
        fields = ("active", "team", "threshold", "by_mail", "by_hook")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.stands = standing(self.instance)

    def clean_seen(self) -> str:
        """Of two who change it the second is told, and replaces what the first wanted only knowingly."""
        if self.cleaned_data["seen"] != self.stands:
            raise forms.ValidationError(_("Somebody changed this meanwhile. Save again to replace it with yours."))
        return self.stands

    def save(self, commit: bool = True) -> AlertRule:
        """Minutes become the seconds that the row holds."""
        rule: AlertRule = super().save(commit=False)
        rule.quiet_s, rule.escalate_s = self.cleaned_data["quiet"] * 60, self.cleaned_data["escalate"] * 60
        rule.save()
        return rule


def standing(rule: AlertRule) -> str:
    """How a rule stands, to be compared."""
    kept = (rule.active, rule.team_id or 0, rule.threshold, rule.quiet_s, rule.escalate_s, rule.by_mail, rule.by_hook)
    return " ".join(map(str, kept))


class RotaForm(forms.Form):
    """One person's hours of duty, in the zone of their site or their own."""

    person = forms.ModelChoiceField(queryset=User.objects.none(), error_messages={"required": _("Choose a person.")})
    team = forms.ModelChoiceField(queryset=Team.objects.all(), required=False)
    site = forms.ModelChoiceField(queryset=Site.objects.all(), required=False)
    days = forms.TypedMultipleChoiceField(
        coerce=int, choices=WEEKDAYS, error_messages={"required": _("Choose at least one day.")}
    )
    start = forms.TimeField(error_messages={"required": _("From when?")})
    stop = forms.TimeField(error_messages={"required": _("Until when?")})
    rank = forms.TypedChoiceField(coerce=int, choices=[(1, _("told first")), (2, _("told next"))])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = self.fields["person"]
        assert isinstance(people, forms.ModelChoiceField)
        people.queryset = User.objects.filter(is_active=True).order_by("first_name", "last_name")

    def save(self) -> Rota | None:
        """The row, None if it stands already; the same time twice is a whole day, midnight as an end is its end."""
        given = self.cleaned_data
        site, person = given["site"] or given["person"].site, given["person"]
        zone = site.zone if site else person.time_zone or settings.BANK_TIME_ZONE
        try:
            ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            zone = settings.BANK_TIME_ZONE
        start, stop = (value.hour * 60 + value.minute for value in (given["start"], given["stop"]))
        if start == stop:
            start, stop = 0, MIDNIGHT
        row, made = Rota.objects.get_or_create(
            person=person,
            team=given["team"],
            site=site,
            zone=zone,
            days=sorted(given["days"]),
            start=start,
            stop=stop or MIDNIGHT,
            rank=given["rank"],
        )
        return row if made else None


class HookForm(forms.Form):
    """A program to tell; its secret is made here and shown once.

    What stands in our own network is told of by whoever sets the house up: who manages alerts could otherwise have our
    machine knock at any door inside.
    """

    name = forms.CharField(max_length=80, error_messages={"required": _("Give it a name.")})
    url = forms.URLField(max_length=500, assume_scheme="https", error_messages={"required": _("Where is it?")})
    kinds = forms.MultipleChoiceField(choices=AlertKind.choices, required=False)
    local = forms.BooleanField(required=False)

    def __init__(self, *arguments: Any, by: User, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._by = by

    def clean_local(self) -> bool:
        """Whether a private address may be reached."""
        local: bool = self.cleaned_data["local"]
        if local and not access.may(self._by, "set up"):
            raise forms.ValidationError(_("A private address is allowed by an administrator."))
        return local

    def clean_name(self) -> str:
        """One of each name, so that a log can be read."""
        name = scrub.typed(self.cleaned_data["name"], 80)
        if AlertHook.objects.filter(name=name).exists():
            raise forms.ValidationError(_("There is one of this name already."))
        return name

    def clean_url(self) -> str:
        """Addresses of the web only, without a password, which everybody on the way there would keep."""
        url: str = self.cleaned_data["url"]
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http"):
            raise forms.ValidationError(_("The address begins with https://"))
        if parts.username is not None:
            raise forms.ValidationError(_("Leave name and password out of the address."))
        return url

    def clean(self) -> dict[str, Any]:
        """An alert crosses other people's networks only under encryption."""
        proving.require_whole(self.data)
        given = super().clean() or {}
        if str(given.get("url", "")).startswith("http:") and not given.get("local"):
            self.add_error("url", _("Outside of our own network the address begins with https://"))
        elif given.get("url") and not _reachable(str(given["url"]), local=bool(given.get("local"))):
            self.add_error("url", _("Nothing is sent to this address: it is not on the public network."))
        return given

    def save(self) -> tuple[AlertHook, str]:
        """The row, and the secret that is not shown again."""
        secret = secrets.token_urlsafe(32)
        given = self.cleaned_data
        hook = AlertHook.objects.create(
            name=given["name"],
            host=urlsplit(given["url"]).hostname or "",
            kinds=given["kinds"],
            local=given["local"],
            sealed=sources.seal({"url": given["url"], "secret": secret}),
        )
        return hook, secret


def _reachable(url: str, *, local: bool) -> bool:
    """Whether what an address spells out may be reached; a name is looked up each time something is sent."""
    host = urlsplit(url).hostname or ""
    try:
        return is_allowed("127.0.0.1" if host == "localhost" else host, local=local)
    except ValueError:
        return True

"""Screens as rows: their rooms, what they show in turn, what was asked of them, and how they prove themselves."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models import Site, User


class Profile(models.TextChoices):
    """Who can see a screen; decides on the server what is sent to it."""

    STREET = "street", _("strangers can see it")
    INTERNAL = "internal", _("only staff can see it")


class Room(models.Model):
    """Where screens hang. It counts as open to strangers until a manager has marked it as closed to them."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=60)
    closed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["site__name", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["site", "name"], name="a_room_is_named_once_at_a_site"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="a_person_closes_a_room",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.site}, {self.name}"


class Playlist(models.Model):
    """Scenes in turn: `entries` are {scene, seconds}. The server's clock says which one is shown."""

    name = models.CharField(max_length=60, unique=True)
    entries = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Command(models.Model):
    """What somebody asked of screens. Kept as it was asked; screens point at the ones in force.

    `targets` are the screens it was meant for. Whatever takes a screen over has an end, except for blank, which
    ends by another press.
    """

    class Kind(models.TextChoices):
        BLANK = "blank", _("blank")
        LIFT = "lift", _("show again")
        SHOW = "show", _("show a scene")
        MESSAGE = "message", _("message")
        HOLD = "hold", _("hold")
        TEST = "test", _("test card")
        PLAY = "play", _("back to the playlist")
        NEXT = "next", _("next")
        IDENTIFY = "identify", _("identify")

    kind = models.CharField(max_length=10, choices=Kind)
    targets = ArrayField(models.BigIntegerField())
    scene = models.CharField(max_length=40, blank=True)
    text = models.CharField(max_length=80, blank=True)
    until = models.DateTimeField(null=True)
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(kind__in=["show", "message", "hold", "test", "identify"]) | Q(until__isnull=False),
                name="a_takeover_has_an_end",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} on {len(self.targets)}"


class Screen(models.Model):
    """A wall device: where it hangs, how large it is, what it shows, and how it proves that it is itself.

    `inches` is the diagonal of one panel and `distance_m` how far away the furthest viewer stands. A video wall has
    `cols` x `rows` panels; `place` is this device's, counted from 1 row by row, or null if it drives all of them.
    Whatever strangers can see needs two people: while `confirmed_by` is null it shows nothing. One that was revoked by
    nobody (`revoked_by`) was revoked by us, because it was copied or behaves like a copy.

    Digests are SHA-256. `token` is the credential's newest step, `next_token` one that was handed out and not yet
    used; see `commandcenter.devices`. `acked` is the newest command that the screen says it shows. `shift_s` is how far
    its playlist was put forward, until `shift_until`: then it is in step with its neighbours again. `held` are the keys
    of the scenes on which it was held, while its takeover is a hold.
    """

    name = models.CharField(max_length=60, unique=True)
    room = models.ForeignKey(Room, on_delete=models.PROTECT, related_name="screens")
    profile = models.CharField(max_length=8, choices=Profile, default=Profile.STREET)
    inches = models.FloatField(default=55)
    distance_m = models.FloatField(default=3)
    cols = models.PositiveSmallIntegerField(default=1)
    rows = models.PositiveSmallIntegerField(default=1)
    place = models.PositiveSmallIntegerField(null=True, blank=True)
    playlist = models.ForeignKey(Playlist, null=True, blank=True, on_delete=models.SET_NULL, related_name="screens")
    fixed = models.CharField(max_length=40, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    revoked_why = models.CharField(max_length=200, blank=True)

    shift_s = models.FloatField(default=0)
    shift_until = models.DateTimeField(null=True, blank=True)
    blanked = models.ForeignKey(Command, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    takeover = models.ForeignKey(Command, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    held = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    identify_until = models.DateTimeField(null=True, blank=True)
    asked = models.BigIntegerField(default=0)
    acked = models.BigIntegerField(default=0)

    public_key = models.TextField(blank=True)
    secret = models.CharField(max_length=64)
    earlier_secret = models.CharField(max_length=64, blank=True)
    secret_at = models.DateTimeField()
    step = models.PositiveIntegerField(default=0)
    token = models.CharField(max_length=64)
    next_token = models.CharField(max_length=64, blank=True)

    connection = models.UUIDField(null=True, blank=True)
    rival_at = models.DateTimeField(null=True, blank=True)
    seen_at = models.DateTimeField(null=True, blank=True)
    shown = models.JSONField(default=dict, blank=True)
    address = models.CharField(max_length=64, blank=True)
    browser = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("asked_by")),
                name="a_second_person_confirms_a_screen",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False),
                name="quiet_hours_begin_and_end",
            ),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True) | ~Q(quiet_from=F("quiet_until")),
                name="no_screen_is_quiet_for_ever",
            ),
            models.CheckConstraint(
                condition=Q(cols__gte=1, cols__lte=8, rows__gte=1, rows__lte=8)
                & (Q(place__isnull=True) | Q(place__gte=1, place__lte=F("cols") * F("rows"))),
                name="a_screen_has_its_place_on_the_wall",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Schedule(models.Model):
    """Another playlist for a screen at certain hours of certain weekdays (Monday is 0), by the clock of its site."""

    screen = models.ForeignKey(Screen, on_delete=models.CASCADE, related_name="schedules")
    playlist = models.ForeignKey(Playlist, on_delete=models.CASCADE, related_name="+")
    days = ArrayField(models.PositiveSmallIntegerField())
    starts = models.TimeField()
    ends = models.TimeField()

    class Meta:
        ordering: ClassVar = ["starts", "pk"]

    def __str__(self) -> str:
        return f"{self.playlist} from {self.starts:%H:%M} to {self.ends:%H:%M}"


class Pairing(models.Model):
    """A browser that asks to become a screen: the code it shows, and the key with which it will prove itself."""

    code = models.CharField(max_length=8, unique=True)
    secret = models.CharField(max_length=64, unique=True)
    public_key = models.TextField()
    address = models.CharField(max_length=64)
    browser = models.CharField(max_length=200)
    at = models.DateTimeField()
    until = models.DateTimeField()
    refused = models.BooleanField(default=False)
    screen = models.ForeignKey(Screen, null=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["address", "at"], name="pairings_by_address")]

    def __str__(self) -> str:
        return f"{self.code[:4]}-{self.code[4:]}"


class WrongCode(models.Model):
    """A code that was typed and is on no screen; whoever types many is stopped."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    address = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["at"], name="wrong_codes_by_time")]

    def __str__(self) -> str:
        return f"{self.person} at {self.at:%H:%M}"

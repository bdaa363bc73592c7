"""What walls show beyond figures."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import Site, User
from commandcenter.models.incidents import Incident
from commandcenter.models.screens import Room
from mentions.models import Mention


class Display(models.Model):
    """A person's word that strangers may see a post, as long as it reads as it did then.

    `digest` is of the author's name, handle and words at the approval: whatever changes them voids it. A post
    that was taken down can be approved again, which makes another row.
    """

    mention = models.ForeignKey(Mention, on_delete=models.CASCADE, related_name="displays")
    digest = models.CharField(max_length=64)
    approved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField()
    taken_down_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    taken_down_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["mention"], condition=Q(taken_down_at__isnull=True), name="a_post_is_displayed_once"
            ),
        ]

    def __str__(self) -> str:
        return f"mention {self.mention_id}"


class Announced(models.Model):
    """What strangers may be told: one person asks for it, another confirms it, and anybody of them ends it.

    Until it is confirmed no screen that strangers can see shows it, whatever its dates say; what has ended shows
    nowhere.
    """

    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    confirmed_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=models.F("asked_by")),
                name="a_second_person_confirms_a_%(class)s",
            ),
        ]


class Campaign(Announced):
    """A hashtag that the bank asks people to use for some days, and how many posts it hopes for.

    A campaign is `public` when strangers may see how it goes: the number of posts, never their tone.
    """

    name = models.CharField(max_length=80)
    hashtag = models.CharField(max_length=80, help_text=_("With or without its #."))
    first_day = models.DateField()
    last_day = models.DateField()
    target = models.PositiveIntegerField(null=True, blank=True, help_text=_("Posts hoped for by the last day."))
    public = models.BooleanField(default=False, help_text=_("Strangers may see how many posts there are."))

    class Meta(Announced.Meta):
        ordering: ClassVar = ["-first_day", "name"]
        constraints: ClassVar = [
            *Announced.Meta.constraints,
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")), name="a_campaign_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(hashtag__regex=r"^#?\w+$"), name="a_hashtag_is_one_word"),
        ]

    def __str__(self) -> str:
        return self.name


class Notice(Announced):
    """What the bank tells strangers on its screens: opening hours, a safety tip, thanks. Both texts are public.

    Without `rooms` it is for every screen. One of an `incident` ends with it at the latest.
    """

    title = models.CharField(max_length=60)
    text = models.CharField(max_length=160, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    rooms = models.ManyToManyField(Room, blank=True, related_name="+")
    incident = models.ForeignKey(Incident, null=True, blank=True, on_delete=models.CASCADE, related_name="notices")

    class Meta(Announced.Meta):
        ordering: ClassVar = ["starts_at", "id"]
        constraints: ClassVar = [
            *Announced.Meta.constraints,
            models.CheckConstraint(
                condition=Q(ends_at__gt=models.F("starts_at")), name="a_notice_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class HandOver(models.Model):
    """What those who go tell those who come, at one site; the newest is shown. Scrubbed like every text."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="hand_overs")
    text = models.CharField(max_length=280)
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["site", "-at"], name="newest_hand_over")]

    def __str__(self) -> str:
        return self.text[:60]

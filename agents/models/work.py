"""Who holds which conversation, what was noted, and what was done to many at once."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from agents.models.people import Team, User
from mentions import search
from mentions.models import Author, Conversation, Queue, Visibility


class Case(models.Model):
    """One owner's spell of work on a conversation, from claim to release, transfer or close.

    One open case a conversation is the lock; `lease_until` renews while the owner works, and when it
    has passed the conversation returns to the head of its queue. `focus_s` is time in focus.
    """

    class Outcome(models.TextChoices):
        OPEN = "", _("open")
        RELEASED = "released", _("released")
        TRANSFERRED = "transferred", _("transferred")
        CLOSED = "closed", _("closed")
        EXPIRED = "expired", _("lease ran out")
        TAKEN = "taken", _("taken by a supervisor")

    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="cases", db_index=False)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="cases", db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="cases", db_index=False)
    queue = models.ForeignKey(Queue, on_delete=models.PROTECT, related_name="+", db_index=False)
    queued_at = models.DateTimeField()
    claimed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True, default=Outcome.OPEN)
    lease_until = models.DateTimeField()
    focus_s = models.FloatField(default=0)
    focused_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(ended_at__isnull=True), name="one_owner_at_a_time"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, outcome="") | (Q(ended_at__isnull=False) & ~Q(outcome="")),
                name="an_ended_case_has_an_outcome",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["conversation", "id"], name="case_of_conversation"),
            models.Index(fields=["owner"], condition=Q(ended_at__isnull=True), name="open_case_of_owner"),
            models.Index(fields=["lease_until"], condition=Q(ended_at__isnull=True), name="open_leases"),
            models.Index(fields=["claimed_at"], name="case_by_claim"),
            models.Index(fields=["queued_at"], name="case_by_queueing"),
        ]

    def __str__(self) -> str:
        return f"case {self.pk} of GH-{self.conversation_id}"


class Note(models.Model):
    """Staff-only text on a conversation; scrubbed like every text before it is written."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="notes")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="notes")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [GinIndex(search.indexed("text"), name="note_words")]

    def __str__(self) -> str:
        return self.text[:60]


class Consent(models.Model):
    """A customer's word that two authors, on two networks, are one person: without it they stay two.

    `how` and `note` say how it was given, `conversation` where. It can be taken back, and stays known.
    """

    class How(models.TextChoices):
        WRITTEN = "written", _("in a private message")
        PHONE = "phone", _("on the telephone")
        BRANCH = "branch", _("in a branch")

    one = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Author, on_delete=models.PROTECT, related_name="+")
    how = models.CharField(max_length=8, choices=How)
    note = models.CharField(max_length=300, blank=True)
    conversation = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="+", db_index=False)
    given_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["one", "other"], condition=Q(undone_at__isnull=True), name="two_authors_are_joined_once"
            ),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="the_older_author_comes_first"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True, undone_by__isnull=True)
                | Q(undone_at__isnull=False, undone_by__isnull=False),
                name="who_undid_a_consent_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.one} is {self.other}"


class Nudge(models.Model):
    """A colleague who was named in a note, until they have looked at it."""

    note = models.ForeignKey(Note, on_delete=models.CASCADE, related_name="nudges")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="nudges", db_index=False)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "note"], name="a_note_names_a_person_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["person"], condition=Q(seen_at__isnull=True), name="nudges_not_seen"),
        ]

    def __str__(self) -> str:
        return f"{self.person} in note {self.note_id}"


class SavedView(models.Model):
    """A search that a person keeps among their lists; with a `team`, all its people have it."""

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views", db_index=False)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="saved_views")
    name = models.CharField(max_length=40)
    query = models.CharField(max_length=400)

    class Meta:
        ordering: ClassVar = ["name", "pk"]
        verbose_name_plural = _("saved views")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["person", "name"], name="a_person_names_a_view_once"),
        ]

    def __str__(self) -> str:
        return self.name


class Macro(models.Model):
    """Reusable reply text with `{{ variables }}`, approved and dated, offered by team and language.

    Whoever approves it is not who wrote these words; other words need another approval.
    """

    name = models.CharField(max_length=80)
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.CASCADE, related_name="macros")
    language = models.CharField(max_length=8, default="en")
    visibility = models.CharField(max_length=8, choices=Visibility, default=Visibility.PUBLIC)
    text = models.TextField()
    written_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    approved_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(written_by__isnull=True) | ~Q(approved_by=F("written_by")),
                name="nobody_approves_a_text_of_their_own",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BulkAction(models.Model):
    """A bulk close that can be undone once: which conversations, and at which version it left them."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    disposition = models.CharField(max_length=32)
    done = models.JSONField(default=list)
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.disposition} x {len(self.done)}"

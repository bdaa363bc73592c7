"""People, their teams and sites, and what binds them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from mentions.models import Calendar, Queue, Source


class Role(models.TextChoices):
    """What a person is here for; `agents.access` says what follows from it."""

    AGENT = "agent", _("agent")
    SUPERVISOR = "supervisor", _("supervisor")
    MANAGER = "manager", _("manager")
    COMPLIANCE = "compliance", _("compliance officer")
    ADMINISTRATOR = "administrator", _("administrator")


class Site(models.Model):
    """A place with people and screens."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    zone = models.CharField(max_length=64)
    calendar = models.ForeignKey(Calendar, on_delete=models.PROTECT, related_name="sites")

    def __str__(self) -> str:
        return self.name


class RegulatoryProfile(models.Model):
    """What a team's regulators demand, as data: no retention, clock or approval rule stands in code.

    `guard` maps a guard rule's key to block, approve, warn or off; `allowed_hosts` are the only hosts a
    reply may link to; `branches` are names that, tied to a person, would tell where they bank; `phones` are the
    bank's own numbers, which a public reply may hold.
    """

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)
    guard = models.JSONField(default=dict, blank=True)
    allowed_hosts = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    branches = ArrayField(models.CharField(max_length=120), default=list, blank=True)
    phones = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    undo_s = models.PositiveSmallIntegerField(default=10)
    four_eyes = models.BooleanField(default=False, help_text=_("Every public reply of the team needs a second person."))
    clocks = models.JSONField(
        default=list,
        blank=True,
        help_text=_("What must be reported to whom by when in an incident; see commandcenter.incidents.clocks."),
    )

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """People who triage queues together under one regulatory profile."""

    slug = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    profile = models.ForeignKey(RegulatoryProfile, on_delete=models.PROTECT, related_name="teams")
    retired_at = models.DateTimeField(null=True, editable=False)
    queues = models.ManyToManyField(Queue, through="TeamQueue", related_name="teams")

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class TeamQueue(models.Model):
    """A queue that a team works; one of a queue's teams is its home and is named in figures."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="team_queues")
    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="team_queues")
    home = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["team", "queue"], name="a_team_works_a_queue_once"),
            models.UniqueConstraint(fields=["queue"], condition=Q(home=True), name="a_queue_has_one_home_team"),
        ]

    def __str__(self) -> str:
        return f"{self.team} works {self.queue}"


class User(AbstractUser):
    """A person who works here. Screens and programs are not users.

    `languages` are those they can answer in. Raising `session_era` ends every session and every link to a password.
    `let_in_by` is who alone let them in last; see `agents.apart`.
    """

    role = models.CharField(max_length=16, choices=Role, default=Role.AGENT)
    teams = models.ManyToManyField(Team, related_name="people", blank=True)
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="people")
    zone = models.CharField(max_length=64, blank=True, help_text=_("The person's own zone, if not the site's."))
    languages = ArrayField(models.CharField(max_length=8), default=list, blank=True)
    session_era = models.PositiveIntegerField(default=0, editable=False)
    let_in_by = models.ForeignKey("self", null=True, editable=False, on_delete=models.PROTECT, related_name="+")
    let_in_at = models.DateTimeField(null=True, editable=False)
    preferences = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def get_session_auth_hash(self) -> str:
        """What a session must carry to hold; another password or another era ends it, on its sockets too."""
        of_password = super().get_session_auth_hash()
        return salted_hmac("session era", f"{of_password}:{self.session_era}", algorithm="sha256").hexdigest()

    @property
    def time_zone(self) -> str:
        """The zone in which this person reads times."""
        return self.zone or (self.site.zone if self.site else "")


class ApiToken(models.Model):
    """A program's key: only its SHA-256 is stored. Scopes: `ingest`, `read`, `private`, `posts`, `metrics`.

    `person` is in whose name it writes posts of our own; `last_used_at` is kept to the minute.
    """

    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=8)
    scopes = ArrayField(models.CharField(max_length=20), default=list)
    source = models.ForeignKey(Source, null=True, blank=True, on_delete=models.PROTECT, related_name="tokens")
    teams = models.ManyToManyField(Team, blank=True, related_name="tokens")
    person = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="tokens")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, editable=False)

    def __str__(self) -> str:
        return f"{self.name} (…{self.hint})"


class Proposal(models.Model):
    """A change of what is set up that one person asked for and another has to agree to; see `agents.proposals`.

    `subject` is the key of the person or profile that would change, `change` what is asked as plain values. `owed`:
    agreed to, and whoever asked has not fetched its secret yet.
    """

    class Kind(models.TextChoices):
        ROLE = "role", _("a role that decides over others")
        LINK = "link", _("a link to a new password")
        TOKEN = "token", _("a program that writes in a person's name")
        GUARD = "guard", _("a weaker guard")

    kind = models.CharField(max_length=8, choices=Kind)
    subject = models.BigIntegerField()
    change = models.JSONField(default=dict)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    approved = models.BooleanField(null=True)
    owed = models.BooleanField(default=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True, decided_at__isnull=True, approved__isnull=True)
                | Q(decided_by__isnull=False, decided_at__isnull=False, approved=False)
                | (Q(decided_by__isnull=False, decided_at__isnull=False, approved=True) & ~Q(decided_by=F("asked_by"))),
                name="nobody_agrees_to_their_own_proposal",
            ),
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(decided_at__isnull=True), name="one_open_proposal_of_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"

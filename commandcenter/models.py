"""What the room sees, as rows: rollups that keep figures exact and cheap, and the canary's runs."""

from __future__ import annotations

from typing import ClassVar

from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from agents.models import RegulatoryProfile, Site, User
from commandcenter import screen_models
from mentions.models import Conversation, Mention, Source

Profile = screen_models.Profile  # screens and what is asked of them are rows of their own file
Screen = screen_models.Screen


class Grain(models.IntegerChoices):
    """How long a stretch a rollup row sums up, in minutes; a day is the bank's, of 23 to 25 hours."""

    MINUTE = 1, _("minute")
    QUARTER = 15, _("quarter of an hour")
    DAY = 1440, _("day")


class Rollup(models.Model):
    """Counts of live rows from `start` on, for one grain, topic and place.

    `topic` is empty on the rows that count everything; a row of a named topic counts those that have it, and
    what has two topics is in both. `queue_id` is null where no queue takes the posts (rivals'). The topic `*`
    counts everything by source alone, with the other places left blank: quick to sum where nothing is filtered.
    Nothing is ever added to a row: `commandcenter.rollups` counts its whole stretch again, so a late, doubled or
    lost hint does no harm. Days are written once they are over, finer rows are kept for nine days.
    """

    grain = models.PositiveSmallIntegerField(choices=Grain)
    topic = models.CharField(max_length=40, blank=True)
    start = models.DateTimeField()
    source_id = models.BigIntegerField()
    network = models.CharField(max_length=32)
    queue_id = models.BigIntegerField(null=True)
    language = models.CharField(max_length=8, blank=True)
    total = models.PositiveIntegerField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M} {self.network}: {self.total}"


class MentionRollup(Rollup):
    """Mentions by network time. Tones are counted without spam."""

    private = models.PositiveIntegerField()
    spam = models.PositiveIntegerField()
    positive = models.PositiveIntegerField()
    neutral = models.PositiveIntegerField()
    negative = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["grain", "start", "topic", "source_id", "network", "queue_id", "language"],
                nulls_distinct=False,
                name="mentions_are_rolled_up_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["topic", "start"], condition=Q(grain=Grain.DAY), name="day_mentions_by_topic"),
        ]


class ConversationRollup(Rollup):
    """Conversations by the time they were opened; `answered` are actionable ones with a human reply."""

    actionable = models.PositiveIntegerField()
    undecided = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["grain", "start", "topic", "source_id", "network", "queue_id", "language"],
                nulls_distinct=False,
                name="conversations_are_rolled_up_once",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["topic", "start"], condition=Q(grain=Grain.DAY), name="day_conversations_by_topic"),
        ]


class DayFacts(models.Model):
    """The exact lengths of one bank day that is over, for one kind of fact (`what`), topic and place.

    `numbers` are whole numbers in ascending order, four bytes each, the highest first: seconds of waits, hours of
    the day, minutes of answers, as `commandcenter.facts` says of each kind. Medians of many days are taken of all
    their numbers, so that they are exact. `topic` is as in the rollups: empty for a place, `*` for everything.
    Rows are counted again whole, never added to.
    """

    what = models.CharField(max_length=20)
    topic = models.CharField(max_length=40, blank=True)
    start = models.DateTimeField()
    person_id = models.BigIntegerField(null=True, help_text=_("Whose deed it was, for kinds that tell people apart."))
    network = models.CharField(max_length=32, blank=True)
    queue_id = models.BigIntegerField(null=True)
    language = models.CharField(max_length=8, blank=True)
    numbers = models.BinaryField()
    met = models.PositiveIntegerField()
    missed = models.PositiveIntegerField()
    dropped = models.PositiveIntegerField()
    again = models.PositiveIntegerField()
    once = models.PositiveIntegerField()

    class Meta:
        verbose_name_plural = _("facts of days")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["what", "topic", "start", "person_id", "network", "queue_id", "language"],
                nulls_distinct=False,
                name="facts_of_a_day_are_kept_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.start:%Y-%m-%d}"


class SavedReport(models.Model):
    """A report with its filters, kept by a person; `shared` with everybody who may see reports.

    `query` holds the filters as the address spells them, without dates where `days` is set: the report is then of
    the last so many days, up to today (`until_today`) or to yesterday. With `every` it is mailed to `readers` at
    `at_minute` of the bank's day; `next_at` is when.
    """

    class Every(models.TextChoices):
        NEVER = "", _("never")
        DAY = "day", _("every day")
        WEEK = "week", _("every week, on Mondays")
        MONTH = "month", _("every month, on the first")

    BRIEF = "brief"

    name = models.CharField(max_length=80)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_reports")
    shared = models.BooleanField(default=False)
    report = models.CharField(max_length=40)
    query = models.CharField(max_length=400, blank=True)
    days = models.PositiveSmallIntegerField(null=True)
    until_today = models.BooleanField(default=True)
    every = models.CharField(max_length=8, choices=Every, blank=True, default=Every.NEVER)
    at_minute = models.PositiveSmallIntegerField(default=7 * 60)
    readers = models.ManyToManyField(User, related_name="+", blank=True)
    next_at = models.DateTimeField(null=True)
    saved_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "name"], name="a_person_saves_a_name_once"),
            models.CheckConstraint(
                condition=Q(every="", next_at__isnull=True) | (~Q(every="") & Q(next_at__isnull=False)),
                name="what_is_scheduled_has_a_time",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_at"], condition=Q(next_at__isnull=False), name="reports_by_due_time")
        ]

    def __str__(self) -> str:
        return self.name


class ReportMail(models.Model):
    """One saved report to one reader at one due time: written in the transaction that moves `next_at`, then sent.

    The row is the promise that nothing is mailed twice: `tries` rises before the mail server is called.
    """

    saved = models.ForeignKey(SavedReport, on_delete=models.CASCADE, related_name="mails")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    due_at = models.DateTimeField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["saved", "person", "due_at"], name="a_report_is_mailed_once_a_due_time"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=Q(next_try_at__isnull=False), name="report_mails_to_send")
        ]

    def __str__(self) -> str:
        return f"{self.saved} for {self.person}"


class Absence(models.Model):
    """A spell in which a person on shift is not at their desk, and why; open until they are back."""

    class Reason(models.TextChoices):
        BREAK = "break", _("break")
        MEETING = "meeting", _("meeting")
        TRAINING = "training", _("training")
        OTHER = "other", _("other work")

    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    reason = models.CharField(max_length=12, choices=Reason)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(ended_at__isnull=True), name="nobody_is_away_twice_at_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.reason}"


class CanaryRunQuerySet(models.QuerySet["CanaryRun"]):
    """What has become of the canaries under way."""

    def arrive(self, seq: int) -> None:
        """A scene with everything up to this sealed position was rendered: whoever is in it has arrived."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE commandcenter_canaryrun r SET stored_at = m.received_at, rendered_at = clock_timestamp() "
                f"FROM {_SEALED} AND r.rendered_at IS NULL "
                "AND r.sent_at > statement_timestamp() - interval '5 minutes' AND s.position <= %s",
                [seq],
            )

    def sealed_at(self, run: CanaryRun) -> int | None:
        """The position of the run's post in the chain; None while it is not stored or not sealed."""
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT s.position FROM commandcenter_canaryrun r, {_SEALED} AND r.id = %s",
                [run.pk],
            )
            found = cursor.fetchone()
        return int(found[0]) if found else None


_SEALED = (
    "mentions_mention m "
    "JOIN mentions_event e ON e.conversation_id = m.conversation_id AND e.mention_id = m.id "
    "JOIN mentions_seal s ON s.event_id = e.id "
    "WHERE m.network = 'townsquare' AND m.external_id = 'ts:' || r.key AND m.drill IS NULL "
    "AND m.origin = 'canary' AND e.kind = 'mention.received'"
)


class CanaryRun(models.Model):
    """One synthetic post's way from the webhook to a rendered scene; times null until reached."""

    key = models.CharField(max_length=40, unique=True)
    sent_at = models.DateTimeField()
    stored_at = models.DateTimeField(null=True)
    rendered_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=200, blank=True)

    objects = CanaryRunQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["sent_at"], name="canary_by_time")]

    def __str__(self) -> str:
        return self.key


class Severity(models.TextChoices):
    """How bad an incident is, the worst first."""

    CRITICAL = "critical", _("critical")
    MAJOR = "major", _("major")
    MINOR = "minor", _("minor")


class Incident(models.Model):
    """A declared crisis. What happened in it is its `entries`; who did what is told by events too.

    `topic` and `place` say what is counted for the curve, both empty for everything. Clocks begin at one of
    three moments: `aware_at` when somebody knew, `determined_at` and `classified_at` when it was decided that
    it must be reported. `key` makes a doubled press one incident. `drill` is set for one of an exercise.
    """

    key = models.UUIDField(unique=True)
    name = models.CharField(max_length=120)
    severity = models.CharField(max_length=8, choices=Severity, default=Severity.MAJOR)
    owner = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    since = models.DateTimeField(help_text=_("Since when it has been going on, as far as we know."))
    topic = models.CharField(max_length=40, blank=True)
    place = models.CharField(max_length=256, blank=True)
    holding = models.TextField(blank=True)
    findings = models.JSONField(default=list)
    next_update_at = models.DateTimeField(null=True)
    profile = models.ForeignKey(RegulatoryProfile, null=True, on_delete=models.PROTECT, related_name="+")
    aware_at = models.DateTimeField()
    determined_at = models.DateTimeField(null=True)
    classified_at = models.DateTimeField(null=True)
    conversations = models.ManyToManyField(Conversation, related_name="incidents", blank=True)
    drill = models.ForeignKey("Drill", null=True, on_delete=models.CASCADE, related_name="incidents")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    lesson = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
                name="a_closed_incident_was_closed_by_somebody",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["opened_at"], name="incident_by_time")]

    def __str__(self) -> str:
        return self.name


class IncidentEntry(models.Model):
    """One line of an incident's timeline. `text` is scrubbed; `event` is the kind that was recorded with it."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="entries")
    at = models.DateTimeField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    event = models.CharField(max_length=40)
    text = models.TextField()

    class Meta:
        verbose_name_plural = _("incident entries")
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.text[:60]


class IncidentClock(models.Model):
    """One thing that must be reported by a time; `rule` is the profile's wording when the incident was opened."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="clocks")
    key = models.CharField(max_length=40)
    rule = models.JSONField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["incident", "key"], name="a_clock_runs_once_an_incident"),
        ]

    def __str__(self) -> str:
        return self.key


class Suggestion(models.Model):
    """Something far from usual that may be an incident, one row for as long as it lasts.

    `figures` hold what the reason is made of. Dismissed, it stays away until it is over; `over_at` is set when
    it has not been seen for a while.
    """

    class Kind(models.TextChoices):
        TOPIC = "topic", _("a topic")
        PLACE = "place", _("a place")
        PHISHING = "phishing", _("phishing")
        BLIND = "blind", _("a blind source")

    kind = models.CharField(max_length=8, choices=Kind)
    subject = models.CharField(max_length=256, blank=True)
    figures = models.JSONField(default=dict)
    source = models.ForeignKey(Source, null=True, on_delete=models.CASCADE, related_name="+")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    over_at = models.DateTimeField(null=True)
    incident = models.ForeignKey(Incident, null=True, on_delete=models.SET_NULL, related_name="suggestions")
    dismissed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    dismissed_at = models.DateTimeField(null=True)
    dismissed_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(over_at__isnull=True), name="one_suggestion_for_a_subject"
            ),
            models.CheckConstraint(
                condition=Q(dismissed_at__isnull=True) | ~Q(dismissed_why=""), name="a_dismissal_has_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Drill(models.Model):
    """An exercise: a recorded stretch played into the house under a mark, and taken away whole at its end.

    `clock_s` is how far it has played, in seconds of the recording; it goes on from there after a restart.
    `figures` is its own report, kept when its rows are gone. `key` tells its sources, authors and posts.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("running")
        ENDING = "ending", _("being taken away")
        ENDED = "ended", _("over")

    name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    speed = models.FloatField(default=1)
    linger_s = models.PositiveIntegerField(default=600, help_text=_("How long it stays after its last post."))
    origin = models.CharField(max_length=300, blank=True)
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    played = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    clock_s = models.FloatField(default=0)
    length_s = models.FloatField(default=0)
    ticked_at = models.DateTimeField()
    stopped_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)
    figures = models.JSONField(default=dict)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                models.F("ended_at"),
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="one_exercise_at_a_time",
            ),
            models.CheckConstraint(condition=Q(speed__gt=0), name="an_exercise_goes_forward"),
        ]

    def __str__(self) -> str:
        return self.name


class DrillPost(models.Model):
    """A post that an exercise is still to play: scrubbed, `offset_s` after the recording's beginning."""

    drill = models.ForeignKey(Drill, on_delete=models.CASCADE, related_name="posts")
    place = models.PositiveIntegerField()
    offset_s = models.FloatField()
    source = models.CharField(max_length=60)
    body = models.JSONField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["drill", "place"], name="an_exercise_plays_in_order")]

    def __str__(self) -> str:
        return f"{self.place} after {self.offset_s:.0f} s"


# --- What scenes show beside figures --------------------------------------------------------------------------------


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


class Campaign(models.Model):
    """A hashtag that the bank asks people to use for some days, and how many posts it hopes for.

    A campaign is `public` when strangers may see how it goes: the number of posts, never their tone.
    """

    name = models.CharField(max_length=80)
    hashtag = models.CharField(max_length=80, help_text=_("With or without its #."))
    first_day = models.DateField()
    last_day = models.DateField()
    target = models.PositiveIntegerField(null=True, blank=True, help_text=_("Posts hoped for by the last day."))
    public = models.BooleanField(default=False, help_text=_("Strangers may see how many posts there are."))

    class Meta:
        ordering: ClassVar = ["-first_day", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")), name="a_campaign_ends_after_it_begins"
            ),
            models.CheckConstraint(condition=Q(hashtag__regex=r"^#?\w+$"), name="a_hashtag_is_one_word"),
        ]

    def __str__(self) -> str:
        return self.name


class Notice(models.Model):
    """What the bank tells strangers on its screens: opening hours, a safety tip, thanks. Both texts are public."""

    title = models.CharField(max_length=60)
    text = models.CharField(max_length=160, blank=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["starts_at", "id"]
        constraints: ClassVar = [
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


class TermHour(models.Model):
    """How many people used a word in an hour: `terms` maps words to authors, of `posts` that were read."""

    start = models.DateTimeField(unique=True)
    posts = models.PositiveIntegerField()
    terms = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M}"

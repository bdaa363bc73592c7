"""What is counted once and kept: rollups, the exact numbers of a day, stocks, canaries."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import connection, models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

_SEALED = (
    "mentions_mention m "
    "JOIN mentions_event e ON e.conversation_id = m.conversation_id AND e.mention_id = m.id "
    "JOIN mentions_seal s ON s.event_id = e.id "
    "WHERE m.network = 'townsquare' AND m.external_id = 'ts:' || r.key AND m.drill IS NULL "
    "AND m.origin = 'canary' AND e.kind = 'mention.received'"
)


class Grain(models.IntegerChoices):
    """How long a stretch a rollup row sums up, in minutes; a day is the bank's, of 23 to 25 hours."""

    MINUTE = 1, _("minute")
    QUARTER = 15, _("quarter of an hour")
    HOUR = 60, _("hour")
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
    """Mentions by network time. Tones are counted without spam; `heard` are public and no spam, and `reach` is how many
    followers the authors of these had, each post anew."""

    private = models.PositiveIntegerField()
    spam = models.PositiveIntegerField()
    positive = models.PositiveIntegerField()
    neutral = models.PositiveIntegerField()
    negative = models.PositiveIntegerField()
    heard = models.PositiveIntegerField()
    reach = models.BigIntegerField()

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


class SlicedField(models.BinaryField):  # type: ignore[type-arg]  # no generic class at run time
    """Bytes of which a slice can be read without the rest: kept as they are, where PostgreSQL would compress them."""

    def db_type(self, connection: Any) -> str:
        return "bytea STORAGE EXTERNAL"


class KeptFacts(models.Model):
    """The exact lengths of an hour or a bank day that is over, for one kind of fact (`what`), topic and place.

    `numbers` are whole numbers in ascending order, four bytes each, the highest first: seconds of waits, minutes of
    answers, as `commandcenter.facts.kinds` says of each; of hours of the day how many there are of each. Medians of
    many days are taken of all their numbers, so that they are exact; `marks` are some of them where they are many, so
    that not all have to be read (`commandcenter.facts.ranks`). `topic` is as in the rollups: empty for a place, `*` for
    everything, and `*queue` for a queue whatever its other places. A row that is of no single place has no network:
    of each topic there is one, and one for each place. Hours have those of no single place alone. Rows are counted
    again whole, never added to.
    """

    grain = models.PositiveSmallIntegerField(choices=Grain)
    what = models.CharField(max_length=20)
    topic = models.CharField(max_length=40, blank=True)
    start = models.DateTimeField()
    person_id = models.BigIntegerField(null=True, help_text=_("Whose deed it was, for kinds that tell people apart."))
    network = models.CharField(max_length=32, blank=True)
    queue_id = models.BigIntegerField(null=True)
    language = models.CharField(max_length=8, blank=True)
    numbers = SlicedField()
    marks = models.BinaryField()
    met = models.PositiveIntegerField()
    missed = models.PositiveIntegerField()
    dropped = models.PositiveIntegerField()
    again = models.PositiveIntegerField()
    once = models.PositiveIntegerField()
    total = models.BigIntegerField(help_text=_("The sum of the numbers."))

    class Meta:
        verbose_name_plural = _("kept facts")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["grain", "what", "topic", "start", "person_id", "network", "queue_id", "language"],
                nulls_distinct=False,
                name="facts_are_kept_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.start:%Y-%m-%d %H:%M}"


class DoubtedHour(models.Model):
    """An hour of which the kept facts of one kind may have changed, until they are counted again.

    `turn` goes up with each further reason for doubt, so that whoever counted before it does not end it.
    """

    what = models.CharField(max_length=20)
    start = models.DateTimeField()
    turn = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["start", "what"], name="hours_are_doubted_once"),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.start:%Y-%m-%d %H:%M}"


class StockTaking(models.Model):
    """A midnight of the bank at which what was open was counted, as it was known then, and by which version of the
    definitions (`earlier.version`)."""

    at = models.DateTimeField(unique=True)
    definitions = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class Stock(models.Model):
    """What was open in one place at a stock-taking. `ages` are whole seconds as in `KeptFacts.numbers`."""

    taking = models.ForeignKey(StockTaking, on_delete=models.CASCADE, related_name="stocks")
    queue_id = models.BigIntegerField(null=True)
    network = models.CharField(max_length=32)
    language = models.CharField(max_length=8, blank=True)
    topics = ArrayField(models.CharField(max_length=40))
    waiting = models.PositiveIntegerField()
    claimed = models.PositiveIntegerField()
    pending = models.PositiveIntegerField()
    overdue = models.PositiveIntegerField()
    ages = models.BinaryField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["taking", "queue_id", "network", "language", "topics"],
                nulls_distinct=False,
                name="a_place_is_taken_stock_of_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.network} at {self.taking_id}"


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


class CanaryRun(models.Model):
    """One synthetic post's way from the webhook to a rendered scene; times null until reached."""

    STALE_S = 150.0  # two were missed

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


class TermHour(models.Model):
    """How many people used a word in an hour: `terms` maps words to authors, of `posts` that were read.

    `again` says of each word how many of them had used it in the hour before too, where both hours keep it.
    """

    start = models.DateTimeField(unique=True)
    posts = models.PositiveIntegerField()
    terms = models.JSONField(default=dict)
    again = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M}"

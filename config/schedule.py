"""The recurring coarse jobs: one list, made true in the database when the worker starts.

What is due within seconds is not here but in `config.loops`: django-q2 looks at its schedule every 30 seconds.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django_q.models import Schedule

MONTHS_AHEAD = 3


@dataclass(frozen=True)
class Job:
    """One recurring job: the dotted name of a function, its arguments, and every how many minutes it runs."""

    name: str
    run: str
    every_minutes: int
    arguments: tuple[str, ...] = ()


JOBS = [
    Job("old sessions", "django.core.management.call_command", every_minutes=60, arguments=("clearsessions",)),
    Job("rotations", "mentions.sources.managing.end_rotations", every_minutes=60),
    Job("partitions", "config.schedule.make_partitions", every_minutes=12 * 60),
]
if settings.DEMO:
    JOBS.append(Job("town square", "mentions.sandbox.delivery.sweep", every_minutes=60))


def make_partitions() -> None:
    """Have the months ahead ready: a row that finds no partition is an event that cannot be recorded."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT mentions_make_partitions(%s)", [MONTHS_AHEAD])


def sync() -> None:
    """Make the stored schedule equal to `JOBS`; a job that is no longer listed goes."""
    Schedule.objects.exclude(name__in=[job.name for job in JOBS]).delete()
    for job in JOBS:
        Schedule.objects.update_or_create(
            name=job.name,
            defaults={
                "func": job.run,
                "args": ",".join(repr(argument) for argument in job.arguments) or None,
                "schedule_type": Schedule.MINUTES,
                "minutes": job.every_minutes,
                "repeats": -1,
            },
        )

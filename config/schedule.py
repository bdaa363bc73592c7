"""The recurring coarse jobs: one list, made true in the database when the worker starts.

What is due within seconds is not here but in `config.loops`: django-q2 looks at its schedule every 30 seconds.
"""

from dataclasses import dataclass

from django_q.models import Schedule


@dataclass(frozen=True)
class Job:
    """One recurring job: the dotted name of a function without arguments, and every how many minutes it runs."""

    name: str
    run: str
    every_minutes: int


JOBS: list[Job] = [
    Job("old sessions", "django.contrib.sessions.backends.db.SessionStore.clear_expired", every_minutes=60),
]


def sync() -> None:
    """Make the stored schedule equal to `JOBS`; a job that is no longer listed goes."""
    Schedule.objects.exclude(name__in=[job.name for job in JOBS]).delete()
    for job in JOBS:
        Schedule.objects.update_or_create(
            name=job.name,
            defaults={
                "func": job.run,
                "schedule_type": Schedule.MINUTES,
                "minutes": job.every_minutes,
                "repeats": -1,
            },
        )

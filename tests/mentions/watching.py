"""What tests of sources ask again and again: one more poll, what was told, what is not made good."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from mentions import sources
from mentions.models import Source
from mentions.sources import gaps

AGO = timedelta(minutes=10)


def fresh(source: Source) -> Source:
    source.refresh_from_db()
    return source


def poll(source: Source) -> bool:
    return sources.poll(fresh(source), now=timezone.now())


def kinds() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kind FROM mentions_event WHERE kind LIKE 'source.%' ORDER BY id")
        return [kind for (kind,) in cursor.fetchall()]


def everything() -> list[gaps.Blind]:
    return gaps.touching(timezone.now() - timedelta(days=1), timezone.now())

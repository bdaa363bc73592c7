"""Notices and campaigns as rows: asked for by one person and confirmed by another, unless told otherwise."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from commandcenter.models import Campaign, Notice
from tests.commandcenter.device import supervisors


def _by_two(fields: dict[str, Any]) -> dict[str, Any]:
    first, second = supervisors()
    now = timezone.now()
    return {"asked_by": first, "asked_at": now, "confirmed_by": second, "confirmed_at": now, **fields}


def make_notice(title: str = "We never ask for your password", **fields: Any) -> Notice:
    now = timezone.now()
    when = {"starts_at": now - timedelta(minutes=1), "ends_at": now + timedelta(hours=1)}
    rooms = fields.pop("rooms", ())
    made = Notice.objects.create(title=title, **_by_two(when | fields))
    made.rooms.set(rooms)
    return made


def make_campaign(**fields: Any) -> Campaign:
    return Campaign.objects.create(**_by_two(fields))

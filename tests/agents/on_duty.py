"""People on duty, and an alert for them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from agents import alerts
from agents.models import Alert, AlertKind, Role, Rota, User
from tests.factories import make_person


def on_rota(name: str, *, rank: int = 1, start: int = 0, stop: int = 1440, **fields: Any) -> User:
    person = make_person(name, role=Role.SUPERVISOR, email=f"{name}@bank.example")
    row = {"zone": "America/New_York", "days": [0, 1, 2, 3, 4, 5, 6], **fields}
    Rota.objects.create(person=person, rank=rank, start=start, stop=stop, **row)
    return person


def raise_blind(now: datetime | None = None, subject: str = "source:1") -> Alert:
    alert = alerts.raise_(AlertKind.BLIND, subject, {"source": "Square", "since": "2026-11-16T15:00:00+00:00"}, now=now)
    assert alert is not None
    return alert

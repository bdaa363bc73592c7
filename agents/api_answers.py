"""How the API says what is wrong, and what time it is."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpResponse, JsonResponse
from ninja import Schema


class Problem(Schema):
    """What is wrong and what to do."""

    error: str


def problem(status: int, error: str, headers: dict[str, str] | None = None) -> HttpResponse:
    """An answer that is not 200."""
    return JsonResponse({"error": error}, status=status, headers=headers)


def iso(moment: datetime | None) -> str | None:
    """A time in UTC, as the contract writes it."""
    return moment.isoformat().replace("+00:00", "Z") if moment else None

"""Misbehaviour on demand, for tests: nothing that a request carries can switch it on.

Each fault is a number of calls of the bank's API that it still spoils, but for `delay_ms`, which stays.
"""

from __future__ import annotations

import time
from typing import Literal

from django.db import transaction

from mentions.sandbox.models import Settings

Fault = Literal["limited", "failing", "dropping", "expired", "refusing"]


def set_faults(
    *, limited: int = 0, failing: int = 0, dropping: int = 0, expired: int = 0, refusing: int = 0, delay_ms: int = 0
) -> None:
    """From now on: 429, 500 before anything is stored, 502 after it was stored, 401, 422, and slowness."""
    given = {"limited": limited, "failing": failing, "dropping": dropping, "expired": expired, "refusing": refusing}
    faults = {name: n for name, n in (given | {"delay_ms": delay_ms}).items() if n}
    Settings.objects.update_or_create(id=1, defaults={"faults": faults})


def strikes(square: Settings, fault: Fault) -> bool:
    """Whether this call is spoilt, which uses one of the number up."""
    if not square.faults.get(fault):
        return False
    with transaction.atomic():
        row = Settings.objects.select_for_update().get(id=1)
        left = row.faults.get(fault, 0)
        if left <= 0:
            return False
        row.faults[fault] = left - 1
        row.save(update_fields=["faults"])
    return True


def delay(square: Settings) -> None:
    """Takes as long as was asked for."""
    if square.faults.get("delay_ms"):
        time.sleep(square.faults["delay_ms"] / 1000)

"""From `manage.py up` to READY: the demonstration's first start, with its month of history, and a later one."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from typing import Any

from tests.bench.stand import figure

STAND = "demonstration"
AGAIN = 3


def run(product: Any) -> Iterator[dict[str, Any]]:
    yield figure("starts.first", product.seconds_to_ready, "s", most=120)
    later = []
    for _ in range(AGAIN):
        product.stop()
        later.append(product.start().seconds_to_ready)
    yield figure("starts.later", statistics.median(later), "s", most=10, each=[round(seconds, 1) for seconds in later])

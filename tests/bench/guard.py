"""What a check of a reply takes, on labelled replies of every style, on a core of its own."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from tests.bench.stand import figure, percentile, timed

STAND = "nothing"


def run() -> Iterator[dict[str, Any]]:
    from tests.agents.guard_policy import PARTS, public, replies

    texts = [text for part in PARTS for kind in ("confirming", "good") for text in replies(kind, part)[:20]]
    public(texts[0])  # what is loaded once
    took = [timed(partial(public, text)) * 1000 for text in texts]
    for share in (0.5, 0.95, 0.99):
        yield figure(f"guard.p{share * 100:.0f}", percentile(took, share), "ms", replies=len(texts))

"""Memory of all processes together, PostgreSQL and Valkey included, idle: the sum of their proportional set sizes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.bench.stand import figure

STAND = "demonstration"
IDLE_S = float(os.environ.get("BENCH_IDLE_S", "600"))


def run(product: Any) -> Iterator[dict[str, Any]]:
    time.sleep(IDLE_S)
    by_kind: dict[str, float] = {}
    for pid in [product.process.pid, *product.family()]:
        size = _pss(pid)
        by_kind[_kind(pid)] = by_kind.get(_kind(pid), 0) + size
    total = sum(by_kind.values())
    parts = {kind: round(size) for kind, size in sorted(by_kind.items())}
    yield figure("memory", total, "MB", most=900, aim=600, idle_s=IDLE_S, parts=parts)


def _pss(pid: int) -> float:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        return 0
    return 0


def _kind(pid: int) -> str:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return "gone"
    for word, kind in (
        ("postgres", "postgres"),
        ("valkey", "valkey"),
        ("config.web", "web"),
        ("listener", "listener"),
        ("listen", "listener"),
        ("qcluster", "worker"),
        ("work", "worker"),
    ):
        if word in command:
            return kind
    return "supervisor"

"""The end of the event chain, kept where the database's administrator does not come."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

log = logging.getLogger(__name__)


class Anchor:
    """The chain's latest position and hash, kept outside PostgreSQL.

    `path` holds the latest as one JSON object and is replaced whole; beside it `path`.log gains a line
    an hour and is never rewritten, so that a chain recomputed from its start is found out. `latest` is
    the (position, hash in hex) that stands there, None before the first.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.log = path.with_suffix(path.suffix + ".log")
        self.latest: tuple[int, str] | None = None
        try:
            self.latest = next(_anchors(path), None)
        except (ValueError, KeyError):  # torn by a machine that died: sealing goes on, and an audit says so
            log.exception("the anchor at %s cannot be read", path)
        self._written = 0.0
        self._hour = -1

    def drop(self, position: int, head: bytes) -> None:
        """Take this as the latest; on the disk within a second of the last one at most."""
        now = datetime.now(UTC)
        self.latest = (position, head.hex())
        entry = _entry(position, head.hex(), now)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        fresh = self.path.with_suffix(".new")
        with open(fresh, "w", opener=_private) as file:
            file.write(entry)
            if now.timestamp() - self._written >= 1:
                file.flush()
                os.fsync(file.fileno())
                self._written = now.timestamp()
        fresh.replace(self.path)
        if now.hour != self._hour:
            self.keep()
            self._hour = now.hour

    def keep(self, *, ended: int | None = None) -> None:
        """Write the latest down for good; `ended` is where the chain ends that has lost it."""
        if self.latest is None:
            return
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "a", opener=_private) as file:
            file.write(_entry(*self.latest, datetime.now(UTC), ended))
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[tuple[int, str]]:
        """All anchored (position, hash in hex), oldest first; empty when none was ever dropped."""
        return [*_anchors(self.log), *_anchors(self.path)]

    def losses(self) -> list[tuple[int, int]]:
        """Where the chain ended, and the position that was anchored, whenever its end was found to be lost."""
        found = {(int(e["ended"]), int(e["position"])): None for e in _entries(self.log) if "ended" in e}
        return list(found)


def _entry(position: int, anchored: str, at: datetime, ended: int | None = None) -> str:
    lost = {} if ended is None else {"ended": ended}
    return json.dumps({"position": position, "hash": anchored, "at": at.isoformat()} | lost) + "\n"


def _anchors(path: Path) -> Iterator[tuple[int, str]]:
    return ((int(entry["position"]), str(entry["hash"])) for entry in _entries(path))


def _entries(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        for line in path.read_text().splitlines():
            yield json.loads(line)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)

"""`manage.py ingest`: posts as JSON lines through the same intake as every network."""

from __future__ import annotations

import json
import math
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from mentions import intake, lines, sources
from mentions.intake import Unreadable
from mentions.models import Source

BATCH = 500


class Command(BaseCommand):
    help = "Read posts as JSON lines from FILE (or standard input) and store them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", default="-", help="JSON lines; - is standard input")
        parser.add_argument("--source", help="the slug of the source the posts belong to (ingest)")
        parser.add_argument("--rate", type=float, help="posts a second, at most")

    def handle(self, *args: Any, **options: Any) -> None:
        source = self._source(options["source"])
        rate = options["rate"]
        if rate is not None and not 0 < rate < math.inf:
            raise CommandError("--rate is a number of posts a second, above 0")
        size = BATCH if rate is None else max(1, min(BATCH, int(rate // 4) or 1))
        counts = dict.fromkeys(("read", "accepted", "duplicate", "rejected"), 0)
        with self._open(options["file"]) as file:
            numbered = ((n, row) for n, row in enumerate(file, 1) if row.strip())
            started = time.monotonic()
            for batch in _batches(numbered, size):
                outcome = intake.receive(source, [_item(row) for _, row in batch])
                for (number, _), item in zip(batch, outcome.items, strict=True):
                    counts[item.status] += 1
                    if item.status == "rejected":
                        self.stderr.write(f"line {number}: {item.reason}")
                counts["read"] += len(batch)
                if rate is not None:
                    time.sleep(max(0.0, started + counts["read"] / rate - time.monotonic()))
        self.stdout.write(json.dumps(counts))
        if counts["rejected"]:
            sys.exit(1)

    def _source(self, slug: str | None) -> Source:
        if slug is None:
            return sources.ingest()
        source = Source.objects.filter(slug=slug).first()
        if source is None:
            known = ", ".join(Source.objects.order_by("slug").values_list("slug", flat=True))
            raise CommandError(f"there is no source {slug}; there are: {known}")
        return source

    def _open(self, name: str) -> BinaryIO:
        if name == "-":
            return sys.stdin.buffer
        try:
            return Path(name).open("rb")
        except OSError as error:
            raise CommandError(f"cannot read {name}: {error.strerror}") from error


def _item(row: bytes) -> object:
    try:
        return lines.line(row.decode("utf-8"))
    except UnicodeDecodeError as bad:
        return Unreadable(row.decode("utf-8", "replace"), f"not UTF-8: byte {bad.start} cannot be read")


def _batches(rows: Iterator[tuple[int, bytes]], size: int) -> Iterator[list[tuple[int, bytes]]]:
    while batch := list(islice(rows, size)):
        yield batch

"""`manage.py replay`: a recorded stretch played through the whole system as an exercise."""

from __future__ import annotations

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from agents.cases import Refused
from commandcenter import drills, periods
from commandcenter.models import Drill
from mentions import lines

STEP_S = 0.25


class Command(BaseCommand):
    help = "Replay posts from a JSON lines FILE, or those stored between --from and --to, as a marked exercise."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", help="JSON lines; - is standard input")
        parser.add_argument("--from", dest="start", help="ISO time, in the bank's zone unless it names one")
        parser.add_argument("--to", dest="stop", help="ISO time")
        parser.add_argument("--speed", type=float, default=1.0, help="how many times as quickly (1)")
        parser.add_argument("--name", default="", help="what everybody reads while it runs")
        parser.add_argument("--linger", type=int, default=0, help="seconds it stays after its last post (0)")
        parser.add_argument("--detach", action="store_true", help="leave it to the listener and return at once")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            drill = self._start(options)
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stderr.write(
            f"EXERCISE {drill.pk}: {drill.total} posts, {drill.length_s / drill.speed:.0f} seconds to play"
        )
        if not options["detach"]:
            self._follow(drill)
        drill.refresh_from_db()
        told = {"drill": drill.pk, "posts": drill.total, "played": drill.played, "refused": drill.refused}
        self.stdout.write(json.dumps(told | {"state": str(drill.state)}))

    def _start(self, options: dict[str, Any]) -> Drill:
        file, start, stop = options["file"], options["start"], options["stop"]
        if bool(file) == bool(start or stop) or bool(start) != bool(stop):
            raise CommandError("name a FILE, or both --from and --to")
        if options["linger"] < 0:
            raise CommandError("--linger is a number of seconds, not below 0")
        kept = {"name": options["name"], "speed": options["speed"], "linger_s": options["linger"]}
        if file:
            origin = "standard input" if file == "-" else Path(file).name
            return drills.start(recording=drills.read(self._items(file)), origin=origin, **kept)
        begin, end = self._moment(start), self._moment(stop)
        if end <= begin:
            raise CommandError("--to lies after --from")
        origin = f"{begin.isoformat()} to {end.isoformat()}"
        return drills.start(recording=drills.recorded(begin, end), origin=origin, **kept)

    def _follow(self, drill: Drill) -> None:
        """Play until it has been taken away; an interruption takes it away first."""
        try:
            while Drill.objects.filter(pk=drill.pk, ended_at=None).exists():
                if not drills.advance():
                    time.sleep(STEP_S)
        except KeyboardInterrupt:
            drills.stop(drill)
            while Drill.objects.filter(pk=drill.pk, ended_at=None).exists():
                drills.advance()
                time.sleep(STEP_S)

    def _items(self, file: str) -> Iterator[object]:
        try:
            text = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"cannot read {file}: {error.strerror}") from error
        try:
            decoded = text.decode("utf-8")
        except UnicodeDecodeError as bad:
            raise CommandError(f"not UTF-8: byte {bad.start} cannot be read") from bad
        return (lines.line(row) for row in decoded.split("\n") if row.strip())

    def _moment(self, given: str) -> datetime:
        try:
            moment = parse_datetime(given)
        except ValueError:
            moment = None
        if moment is None:
            raise CommandError(f"{given} is no time; write it as 2026-11-21T14:00")
        zoned = moment if timezone.is_aware(moment) else moment.replace(tzinfo=periods.bank_zone())
        return zoned.astimezone(UTC)

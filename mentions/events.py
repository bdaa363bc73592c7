"""The event table: one row says what happened, to what, when and by whom.

`record` and `record_many` write unsealed rows in the caller's transaction, so that a fact and its event
commit together or not at all. One sealing leader (`Sealer`) then gives each event its position in a
chain of keyed hashes, raises the versions of the queues it touched, and hands the batch on to be
announced: ids and versions only. Everything else reads events in sealed order with `after`.

What the chain proves, and what not, stands in docs/architecture.md.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings
from django.db import connection, transaction

from mentions import bulk
from mentions.anchor import Anchor
from mentions.models import Consumer, Origin

log = logging.getLogger(__name__)

COLUMNS = (
    "kind",
    "at",
    "origin",
    "actor",
    "actor_id",
    "conversation_id",
    "mention_id",
    "queue_id",
    "case_id",
    "reply_id",
    "source_id",
    "data",
)
_ROW = ("id", "recorded_at", "txid", *COLUMNS)
_SELECT = ", ".join(f"e.{name}" for name in _ROW)
# A number alone does not say which event is meant: the database keeps apart only what is of one month.
_ITS_SEAL = "SELECT 1 FROM mentions_seal s WHERE s.event_id = e.id AND s.recorded_at = e.recorded_at"
_HORIZON = "sealed transactions"
_GENESIS = b"\0" * 32
UNSEALED_FAULT_S = 5
# With these the words of a post went.
WORDS_WENT = frozenset({"mention.deleted", "mention.gave_way"})


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: `kind` is person, program, network or system; `id` a user's or a token's."""

    kind: str
    id: int | None = None

    @classmethod
    def person(cls, pk: int | None) -> Actor:
        """A person by their key; the system where nobody asked."""
        return SYSTEM if pk is None else cls("person", pk)


SYSTEM = Actor("system")
NETWORK = Actor("network")


@dataclass(frozen=True, slots=True)
class Fact:
    """An event about to be recorded. `data` holds ids and figures that json can carry, no content."""

    kind: str
    at: datetime
    by: Actor
    origin: str = Origin.LIVE
    conversation_id: int | None = None
    mention_id: int | None = None
    queue_id: int | None = None
    case_id: int | None = None
    reply_id: int | None = None
    source_id: int | None = None
    data: dict[str, Any] = field(default_factory=dict)

    def row(self) -> tuple[Any, ...]:
        """The values of `COLUMNS`."""
        return (
            self.kind,
            self.at,
            str(self.origin),
            self.by.kind,
            self.by.id,
            self.conversation_id,
            self.mention_id,
            self.queue_id,
            self.case_id,
            self.reply_id,
            self.source_id,
            orjson.dumps(self.data).decode(),
        )


@dataclass(frozen=True, slots=True)
class Event:
    """A recorded event as read back; `position` is 0 until it is sealed."""

    id: int
    recorded_at: datetime
    txid: int
    kind: str
    at: datetime
    origin: str
    actor: str
    actor_id: int | None
    conversation_id: int | None
    mention_id: int | None
    queue_id: int | None
    case_id: int | None
    reply_id: int | None
    source_id: int | None
    data: dict[str, Any]
    position: int = 0

    def canonical(self) -> bytes:
        """The bytes that the seal covers: every column, in one spelling."""
        values = [getattr(self, name) for name in _ROW]
        return json.dumps(
            [v.astimezone(UTC).isoformat() if isinstance(v, datetime) else v for v in values],
            sort_keys=True,
            separators=(",", ":"),
            ensure_ascii=True,
        ).encode()


def record(kind: str, *, at: datetime, by: Actor, **about: Any) -> None:
    """Write one event in the caller's transaction. `about` takes the other fields of `Fact`."""
    record_many([Fact(kind, at, by, **about)])


def record_many(facts: Sequence[Fact]) -> None:
    """Write events in the caller's transaction, in the order given.

    Raises:
        TransactionManagementError: outside a transaction, where a fact and its event could part.
    """
    if not connection.in_atomic_block:
        raise transaction.TransactionManagementError("an event is recorded in its fact's transaction")
    if not facts:
        return
    with connection.cursor() as cursor:
        if len(facts) == 1:
            marks = ", ".join(["%s"] * len(COLUMNS))
            cursor.execute(f"INSERT INTO mentions_event ({', '.join(COLUMNS)}) VALUES ({marks})", facts[0].row())
            return
        bulk.copy(cursor, "mentions_event", ", ".join(COLUMNS), [fact.row() for fact in facts])


def after(position: int, *, limit: int = 1000) -> list[Event]:
    """The sealed events behind `position`, in sealed order; the chain has no gaps, so none is missed."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_SELECT}, s.position FROM mentions_seal s "
            "JOIN mentions_event e ON e.id = s.event_id AND e.recorded_at = s.recorded_at "
            "WHERE s.position > %s ORDER BY s.position LIMIT %s",
            [position, limit],
        )
        return [_event(row) for row in cursor.fetchall()]


def of_conversation(conversation_id: int, *, limit: int = 200) -> list[Event]:
    """What happened to a conversation, newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_SELECT}, 0 FROM mentions_event e WHERE e.conversation_id = %s ORDER BY e.id DESC LIMIT %s",
            [conversation_id, limit],
        )
        return [_event(row) for row in cursor.fetchall()]


def last_position() -> int:
    """The position of the newest sealed event; 0 for an empty chain."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(position), 0) FROM mentions_seal")
        return int(cursor.fetchone()[0])


def unsealed_for(seconds: float = UNSEALED_FAULT_S) -> int:
    """How many events have waited longer than `seconds` for their seal: more than none is a fault."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM mentions_event e WHERE e.txid >= %s "
            "AND e.recorded_at < now() - make_interval(secs => %s) "
            f"AND NOT EXISTS ({_ITS_SEAL})",
            [_stored_horizon(), seconds],
        )
        return int(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class Sealed:
    """A batch just sealed: what changed, by id and version, for those who announce it."""

    position: int
    at: datetime
    queues: dict[int, int]
    conversations: tuple[int, ...]
    kinds: frozenset[str]
    count: int


class Sealer:
    """Seals what was recorded. One runs at a time, behind the listener's lock.

    Rows are found by their missing seal and never by "id greater than the last", because identifiers
    commit out of order. The search starts at a horizon: the oldest transaction that was still running
    at the last complete pass, since nothing older can appear any more.
    """

    def __init__(self, *, batch: int = 5000) -> None:
        self.batch = batch
        self.anchor = Anchor(Path(settings.ANCHOR_FILE))
        self._horizon: int | None = None
        self._stored: int | None = None

    def tick(self) -> Sealed | None:
        """Seal what waits, at most one batch. Returns it, or None when nothing waited."""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
                " pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
            )
            oldest_running, newest = cursor.fetchone()
            stored = _stored_horizon() if self._stored is None else self._stored
            horizon = stored if self._horizon is None else self._horizon
            cursor.execute(
                f"SELECT {_SELECT}, 0 FROM mentions_event e WHERE e.txid >= %s "
                f"AND NOT EXISTS ({_ITS_SEAL}) "
                "ORDER BY e.txid, e.id LIMIT %s",
                [horizon if horizon <= newest else 0, self.batch],
            )
            waiting = [_event(row) for row in cursor.fetchall()]
            if len(waiting) < self.batch:
                horizon = oldest_running
                # An old one costs nothing but a longer look, so it is stored now and then only.
                if not 0 <= horizon - stored <= 500:
                    Consumer.objects.update_or_create(name=_HORIZON, defaults={"position": horizon})
                    stored = horizon
            sealed = self._seal(cursor, waiting) if waiting else None
        # Not before the seals are committed: what a pass that failed has seen must be found by the next.
        self._horizon, self._stored = horizon, stored
        if sealed is None:
            return None
        head, told = sealed
        self.anchor.drop(told.position, head)
        return told

    def _seal(self, cursor: Any, waiting: Sequence[Event]) -> tuple[bytes, Sealed]:
        """Write the seals; returns the chain's new end and what is announced of them."""
        position, head = _head(cursor)
        self._hold_to_the_anchor(cursor, position)
        with cursor.copy("COPY mentions_seal (position, event_id, recorded_at, hash) FROM STDIN") as copy:
            for event in waiting:
                position += 1
                head = _link(head, position, event)
                copy.write_row((position, event.id, event.recorded_at, head))
        return head, Sealed(
            position=position,
            at=datetime.now(UTC),
            queues=self._raise_versions(cursor, waiting),
            conversations=tuple({e.conversation_id for e in waiting if e.conversation_id is not None}),
            kinds=frozenset(e.kind for e in waiting),
            count=len(waiting),
        )

    def _hold_to_the_anchor(self, cursor: Any, end: int) -> None:
        """Let no anchor be replaced whose seal the chain, which now ends at `end`, has lost."""
        if self.anchor.latest is None:
            return
        position, anchored = self.anchor.latest
        cursor.execute("SELECT hash FROM mentions_seal WHERE position = %s", [position])
        row = cursor.fetchone()
        if row is None or bytes(row[0]).hex() != anchored:
            log.error(
                "the chain was cut or rewritten: the anchor knows position %s, the chain ends at %s", position, end
            )
            self.anchor.keep(ended=end if row is None else None)

    @staticmethod
    def _raise_versions(cursor: Any, events: Iterable[Event]) -> dict[int, int]:
        touched: set[int] = set()
        for event in events:
            if event.origin == Origin.CANARY:
                continue  # no list shows it, so none is looked at again for its sake
            if event.queue_id is not None:
                touched.add(event.queue_id)
            if (before := event.data.get("from_queue")) is not None:
                touched.add(int(before))
        if not touched:
            return {}
        cursor.execute(
            "WITH touched AS (SELECT id FROM mentions_queue WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE) "
            "UPDATE mentions_queue q SET version = q.version + 1 FROM touched WHERE q.id = touched.id "
            "RETURNING q.id, q.version",
            [sorted(touched)],
        )
        return dict(cursor.fetchall())


@dataclass(frozen=True, slots=True)
class Break:
    """A place where the chain does not hold; `position` is 0 for an event that has none."""

    position: int
    event_id: int | None
    problem: str

    def __str__(self) -> str:
        where = f"position {self.position}" if self.position else "no position"
        return f"{where}, event {self.event_id}: {self.problem}" if self.event_id else f"{where}: {self.problem}"


def verify(*, at_most: int = 100) -> tuple[int, list[Break]]:
    """Check every seal against its event, its neighbour and the anchors.

    Returns how many positions were checked and the breaks found, first one first, `at_most` of them.
    """
    anchor = Anchor(Path(settings.ANCHOR_FILE))
    anchors: dict[int, set[str]] = {}
    for position, anchored in anchor.read():
        anchors.setdefault(position, set()).add(anchored)
    losses = sorted(anchor.losses())
    lost = "positions {} to {} were lost; what was sealed since has their numbers"
    breaks = [Break(end + 1, None, lost.format(end + 1, known)) for end, known in losses]
    expected, head, checked, agreed = 1, _GENESIS, 0, 0
    for position, event_id, stored, event in _chain():
        checked += 1
        if position != expected:
            breaks.append(Break(expected, None, f"positions {expected} to {position - 1} were removed"))
        elif event is None:
            breaks.append(Break(position, event_id, "the event was removed"))
        elif not hmac.compare_digest(_link(head, position, event), stored):
            breaks.append(Break(position, event_id, "the event or its seal was altered, moved or put in"))
        if anchors.get(position, set()) - {stored.hex()}:
            problem = f"the seal differs from the anchor outside the database, which agrees up to position {agreed}"
            breaks.append(Break(position, event_id, problem))
        elif position in anchors:
            agreed = position
        expected, head = position + 1, stored
        if len(breaks) >= at_most:
            return checked, _in_order(breaks)
    if anchors and max(anchors) >= expected:
        breaks.append(Break(expected, None, f"the chain was cut: the anchor knows position {max(anchors)}"))
    if checked and not anchors:
        breaks.append(Break(checked, None, f"nothing anchors the chain: {settings.ANCHOR_FILE} is missing or empty"))
    breaks = _in_order(breaks)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id FROM mentions_event e WHERE e.recorded_at < now() - make_interval(secs => %s) "
            f"AND NOT EXISTS ({_ITS_SEAL}) ORDER BY e.id LIMIT %s",
            [UNSEALED_FAULT_S, at_most - len(breaks)],
        )
        breaks += [Break(0, event_id, "the event has no seal") for (event_id,) in cursor.fetchall()]
        cursor.execute(
            "SELECT id FROM mentions_event GROUP BY id HAVING count(*) > 1 ORDER BY id LIMIT %s",
            [at_most - len(breaks)],
        )
        breaks += [Break(0, event_id, "two events have this number") for (event_id,) in cursor.fetchall()]
    return checked, breaks


def _in_order(breaks: Iterable[Break]) -> list[Break]:
    return sorted(breaks, key=lambda found: found.position)


def _chain() -> Iterator[tuple[int, int, bytes, Event | None]]:
    """Every seal in order with its event, or None where the event is gone; read in slices by position."""
    columns = f"s.position, s.event_id, s.hash, {_SELECT}"
    position = -1
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                f"SELECT {columns} FROM mentions_seal s "
                "LEFT JOIN mentions_event e ON e.id = s.event_id AND e.recorded_at = s.recorded_at "
                "WHERE s.position > %s ORDER BY s.position LIMIT 5000",
                [position],
            )
            rows = cursor.fetchall()
            for row in rows:
                event = _event((*row[3:], row[0])) if row[3] is not None else None
                yield row[0], row[1], bytes(row[2]), event
            if len(rows) < 5000:
                return
            position = rows[-1][0]


def _event(row: Sequence[Any]) -> Event:
    known = dict(zip((*_ROW, "position"), row, strict=True))
    if not isinstance(known["data"], dict):
        known["data"] = json.loads(known["data"])
    return Event(**known)


def _head(cursor: Any) -> tuple[int, bytes]:
    cursor.execute("SELECT position, hash FROM mentions_seal ORDER BY position DESC LIMIT 1")
    row = cursor.fetchone()
    return (row[0], bytes(row[1])) if row else (0, _GENESIS)


def _link(head: bytes, position: int, event: Event) -> bytes:
    message = head + position.to_bytes(8, "big") + event.canonical()
    return hmac.new(settings.SEAL_KEY.encode(), message, hashlib.sha256).digest()


def _stored_horizon() -> int:
    stored = Consumer.objects.filter(name=_HORIZON).values_list("position", flat=True).first()
    return stored or 0

"""Rows and arrays as PostgreSQL reads them in bulk.

psycopg spells each value by a look-up of its type's dumper, and times and arrays in Python besides; for rows that are
written by the thousand, that was a third of what writing them cost. Here a value's class chooses one small function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from psycopg.abc import Buffer
from psycopg.adapt import Loader

# So few that PostgreSQL reads the first rows while the next are spelled.
_ROWS_AT_ONCE = 64
_TIMES_KEPT = 10_000


def copy(cursor: Any, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
    """Write rows into the named columns of a table by `COPY`.

    A value may be None, text, a number, a truth, a time with its zone, or a list or tuple of those.
    """
    spelled = map(line, rows)
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as stream:
        while some := "".join(islice(spelled, _ROWS_AT_ONCE)):
            stream.write(some)


def read_times(cursor: Any) -> None:
    """Have a cursor read times as our connections get them, in UTC, a quarter as dear as Django's way."""
    cursor.adapters.register_loader("timestamptz", _Moment)


class _Moment(Loader):
    def load(self, data: Buffer) -> datetime:
        return datetime.fromisoformat(str(data, "ascii"))


def line(row: Sequence[object]) -> str:
    """One row in the text form of `COPY`."""
    # Letters and digits alone need no spelling, and most short values are nothing else.
    return (
        "\t".join(
            [value if (kind := value.__class__) is str and value.isalnum() else _FIELDS[kind](value) for value in row]  # type: ignore[attr-defined, misc]
        )
        + "\n"
    )


def array(values: Iterable[object]) -> str:
    """An array as PostgreSQL writes it; give it to a statement as text and cast it there."""
    return "{" + ",".join([_ELEMENTS[value.__class__](value) for value in values]) + "}"


class _Spellings(dict[type, Callable[[Any], str]]):
    """How to spell a value, by its class; a class of its own is spelled as what it derives from."""

    def __missing__(self, kind: type) -> Callable[[Any], str]:
        for known in list(self):
            if issubclass(kind, known):
                self[kind] = self[known]
                return self[known]
        raise TypeError(f"no spelling for a {kind.__name__}")


class _Times(dict[datetime, str]):
    """Times as they are spelled: a post's own and that of its receipt stand in a dozen columns.

    Only times in UTC are kept: in other zones two times that differ by the hour that a clock repeats count as equal.
    """

    def __missing__(self, moment: datetime) -> str:
        text = moment.isoformat()
        if moment.tzinfo is UTC:
            if len(self) > _TIMES_KEPT:
                self.clear()
            self[moment] = text
        return text


def _field(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    if "\n" in text:
        text = text.replace("\n", "\\n")
    if "\r" in text:
        text = text.replace("\r", "\\r")
    return text.replace("\t", "\\t") if "\t" in text else text


def _element(text: str) -> str:
    if "\\" in text:
        text = text.replace("\\", "\\\\")
    return f'"{text.replace(_QUOTE, _QUOTED)}"'


def _array_field(values: Iterable[object]) -> str:
    return _field(array(values)) if values else "{}"


_QUOTE, _QUOTED = '"', '\\"'
_PLAIN: dict[type, Callable[[Any], str]] = {
    bool: lambda value: "t" if value else "f",
    int: int.__repr__,
    float: float.__repr__,
    datetime: _Times().__getitem__,
}
_FIELDS = _Spellings(_PLAIN)
_FIELDS.update({str: _field, type(None): lambda _: "\\N"})
_FIELDS.update({tuple: _array_field, list: _array_field})
_ELEMENTS = _Spellings(_PLAIN)
_ELEMENTS.update({str: _element, type(None): lambda _: "NULL"})

"""Rows and arrays as PostgreSQL reads them in bulk.

psycopg spells each value by a look-up of its type's dumper, and times and arrays in Python besides; for rows that are
written by the thousand, that was a third of what writing them cost. Here a value's class chooses one small function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

# So few that PostgreSQL reads the first rows while the next are spelled.
_ROWS_AT_ONCE = 64


def copy(cursor: Any, table: str, columns: str, rows: Iterable[Sequence[object]]) -> None:
    """Write rows into the named columns of a table by `COPY`.

    A value may be None, text, a number, a truth, a time with its zone, or a list or tuple of those.
    """
    spelled = map(line, rows)
    with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as stream:
        while some := "".join(islice(spelled, _ROWS_AT_ONCE)):
            stream.write(some)


def line(row: Sequence[object]) -> str:
    """One row in the text form of `COPY`."""
    return "\t".join([_FIELDS[value.__class__](value) for value in row]) + "\n"


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
    datetime: datetime.isoformat,
}
_FIELDS = _Spellings(_PLAIN)
_FIELDS.update({str: _field, type(None): lambda _: "\\N"})
_FIELDS.update({tuple: _array_field, list: _array_field})
_ELEMENTS = _Spellings(_PLAIN)
_ELEMENTS.update({str: _element, type(None): lambda _: "NULL"})

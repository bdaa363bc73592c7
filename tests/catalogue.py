"""A catalogue of a few sentences in another language, to see that a sentence is looked up when somebody reads it."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from django.test import override_settings
from django.utils import translation
from django.utils.translation import trans_real

_PLURALS = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=(n != 1);\n"


@contextmanager
def translated(folder: Path, language: str, sentences: Mapping[str, str | tuple[str, str, str]]) -> Iterator[None]:
    """Inside, the interface speaks `language`, of which it knows these sentences: `{english: told}`, and for what
    counts `{singular: (plural, told singular, told plural)}`.
    """
    entries = {"": _PLURALS}
    for english, told in sentences.items():
        plural, *forms = (None, told) if isinstance(told, str) else told
        entries[english if plural is None else f"{english}\0{plural}"] = "\0".join(forms)
    place = folder / language / "LC_MESSAGES"
    place.mkdir(parents=True)
    (place / "django.mo").write_bytes(_compiled(entries))
    try:
        with override_settings(LOCALE_PATHS=[folder]), translation.override(language):
            yield
    finally:
        trans_real._translations.pop(language, None)


def _compiled(entries: Mapping[str, str]) -> bytes:
    """The form that gettext reads: two tables of lengths and offsets, and the texts."""
    pairs = sorted((key.encode(), told.encode()) for key, told in entries.items())
    texts = [*(key for key, _ in pairs), *(told for _, told in pairs)]
    count, at, table, body = len(pairs), 28 + 16 * len(pairs), b"", b""
    for text in texts:
        table += struct.pack("<II", len(text), at + len(body))
        body += text + b"\0"
    return struct.pack("<7I", 0x950412DE, 0, count, 28, 28 + 8 * count, 0, 0) + table + body

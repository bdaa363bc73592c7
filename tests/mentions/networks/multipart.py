"""Forms that hold files, as other sides of networks take them apart."""

from __future__ import annotations

import re
from typing import Final

_NAME: Final = re.compile(rb'name="([^"]*)"')
_KIND: Final = re.compile(rb"content-type: *([^\r\n]+)", re.IGNORECASE)


def fields(kind: str, body: bytes) -> dict[str, tuple[str, bytes]]:
    """By name: the media type, empty for a plain value, and what stands there."""
    boundary = b"--" + kind.partition("boundary=")[2].strip('"').encode()
    found = {}
    for part in body.split(boundary)[1:-1]:
        head, _, content = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name, told = _NAME.search(head), _KIND.search(head)
        assert name is not None
        found[name[1].decode()] = (told[1].decode() if told else "", content.removesuffix(b"\r\n"))
    return found


def values(kind: str, body: bytes) -> dict[str, str]:
    """The form as its description speaks of it: values as they are, of a file its media type."""
    return {name: told or content.decode() for name, (told, content) in fields(kind, body).items()}

"""Anybody's bytes in, a picture of our own out: decoded within bounds, made small, written without metadata.

What comes out was drawn by us from pixels, so nothing else that stood in the file (a script, a place, a name, a
second file behind the first) can be in it. Only still pictures of four formats are read; of a moving one, the first
frame.
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from typing import Final

from django.utils.translation import gettext_noop
from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS: Final = ("JPEG", "PNG", "GIF", "WEBP")
MOST_PIXELS: Final = 25_000_000
LONGEST_SIDE: Final = 12_000
SHOWN: Final = 1280  # no screen of a console shows a picture larger
FACE: Final = 128
SENT: Final = 2048
SENT_BYTES: Final = 950_000  # less than any network takes that takes pictures
_QUALITY: Final = 84
_QUALITIES: Final = (88, 80, 70)
_SMALLER: Final = 0.8


class NotAPicture(Exception):
    """It is not kept; the message says why, in a few words for a person."""


@dataclass(frozen=True, slots=True)
class Made:
    """A picture of ours. `digest` is the SHA-256 of `body`, `type` its media type."""

    body: bytes = field(repr=False)
    type: str
    width: int
    height: int
    digest: str


def make(body: bytes, longest: int = SHOWN) -> Made:
    """The picture in these bytes, with no side longer than `longest`. Raises `NotAPicture`."""
    return _safely(lambda: _written(_pixels(body, longest), _QUALITY))


def to_send(body: bytes) -> Made:
    """The picture in these bytes as it leaves: as large as `SENT` and `SENT_BYTES` let it be. Raises `NotAPicture`."""
    return _safely(lambda: _bounded(_pixels(body, SENT)))


def _safely(work: Callable[[], Made]) -> Made:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            return work()
    except NotAPicture:
        raise
    except UnidentifiedImageError:
        raise NotAPicture(gettext_noop("it is not a picture of a kind that is read")) from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError):
        raise NotAPicture(gettext_noop("it has too many pixels")) from None
    except Exception:
        raise NotAPicture(gettext_noop("it is damaged")) from None


def _pixels(body: bytes, longest: int) -> Image.Image:
    """What the picture shows and nothing else."""
    with Image.open(BytesIO(body), formats=FORMATS) as found:
        width, height = found.size
        if width * height > MOST_PIXELS or max(width, height) > LONGEST_SIDE:
            raise NotAPicture(gettext_noop("it has too many pixels"))
        if found.format == "JPEG":
            found.draft("RGB", (longest, longest))
        upright = ImageOps.exif_transpose(found)
        clear = "A" in upright.getbands() or "transparency" in upright.info
        pixels = upright.convert("RGBA" if clear else "RGB")
    pixels.thumbnail((longest, longest))
    # Into a picture that never had anything but pixels: `info` would be written out again.
    drawn = Image.new(pixels.mode, pixels.size)
    drawn.paste(pixels)
    return drawn


def _bounded(drawn: Image.Image) -> Made:
    while True:
        for quality in _QUALITIES if drawn.mode == "RGB" else _QUALITIES[:1]:
            made = _written(drawn, quality)
            if len(made.body) <= SENT_BYTES:
                return made
        drawn = drawn.resize((max(1, round(drawn.width * _SMALLER)), max(1, round(drawn.height * _SMALLER))))


def _written(drawn: Image.Image, quality: int) -> Made:
    out = BytesIO()
    clear = drawn.mode == "RGBA"
    if clear:
        drawn.save(out, "PNG", optimize=True)
    else:
        drawn.save(out, "JPEG", quality=quality, optimize=True)
    made = out.getvalue()
    return Made(
        made, "image/png" if clear else "image/jpeg", drawn.width, drawn.height, hashlib.sha256(made).hexdigest()
    )

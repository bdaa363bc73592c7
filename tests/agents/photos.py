"""Pictures as people have them, and what of ours stands on Town Square with them."""

from __future__ import annotations

import io

from PIL import Image

from mentions.sandbox.models import Post

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
ALT = "The sign-in page, with the button at the top right"


def photo(color: str = "navy", kind: str = "JPEG", size: tuple[int, int] = (64, 48), **saved: object) -> bytes:
    """A file as a camera or a phone makes one."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, kind, **saved)
    return out.getvalue()


def ours() -> list[Post]:
    return list(Post.objects.filter(author__handle="meridian", deleted_at=None).order_by("pk"))

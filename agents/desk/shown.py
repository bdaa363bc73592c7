"""Pictures of ours as pages show them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse

from agents.models import ReplyPicture


@dataclass(frozen=True, slots=True)
class Shown:
    """A picture of a reply: where it is, how large, and what is said of it."""

    id: int
    url: str
    alt: str
    width: int
    height: int


def shown(found: Iterable[ReplyPicture]) -> list[Shown]:
    """The pictures of one reply, in their order."""
    return [
        Shown(one.pk, reverse("agents:reply_picture", args=[one.pk]), one.alt, one.width, one.height) for one in found
    ]

"""A customer who waits, for tests of what colleagues do about it."""

from __future__ import annotations

from typing import Any

from mentions import intake
from mentions.models import Conversation
from tests.factories import make_source, post


def waiting(**fields: Any) -> Conversation:
    """The conversation that a post begins which comes in now."""
    intake.receive(make_source(), [post(**fields)])
    return Conversation.objects.latest("pk")

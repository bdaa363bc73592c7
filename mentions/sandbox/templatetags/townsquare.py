"""What Town Square's templates need beyond Django's own tags."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _

from mentions.sandbox.models import Person
from mentions.sandbox.shapes import avatar_path, image_path

register = template.Library()

_MENTION = re.compile(r"(?<![A-Za-z0-9_@])@([A-Za-z0-9_]{1,30})(?![A-Za-z0-9_])")


@register.filter
def pieces(text: str) -> list[tuple[str, str]]:
    """The text cut at the people it names: pairs of plain words and the handle that follows them, or nothing."""
    found: list[tuple[str, str]] = []
    end = 0
    for mention in _MENTION.finditer(text):
        found.append((text[end : mention.start()], mention[1]))
        end = mention.end()
    return [*found, (text[end:], "")]


@register.filter
def age(moment: datetime) -> str:
    """How long ago it was."""
    now = timezone.now()
    if now - moment < timedelta(minutes=1):
        return _("just now")
    return _("%(age)s ago") % {"age": timesince(moment, now, depth=1)}


@register.filter
def avatar(person: Person) -> str:
    """Where the person's picture is served."""
    return avatar_path(person)


@register.filter
def picture(name: str) -> str:
    """Where the post's picture is served."""
    return image_path(name)

"""Notice: a sentence of the bank for everybody who passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from commandcenter import announcing
from commandcenter.models import Notice, Profile
from commandcenter.scenes import Scene, _wording


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """The notice of the moment, wherever it hangs."""
    return shown(announcing.holding(profile, now).first())


def in_room(room: int, profile: Profile, now: datetime) -> Mapping[str, Any]:
    """The notice of the moment in one room."""
    return shown(announcing.of_room(room, profile, now))


def shown(notice: Notice | None) -> dict[str, Any]:
    """A notice as the template shows it."""
    return {"notice": notice, "size": size(notice.title, notice.text) if notice else {}}


def size(title: str, text: str) -> dict[str, str]:
    """How large its words may be, so that all of them fit."""
    return {
        "title": "whole" if _wording.width(title) > 36 else _wording.size(title),
        "text": "long" if _wording.width(text) > 72 else "",
    }


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether there is a notice in some room."""
    return announcing.holding(profile, now).exists()


SCENE = Scene(
    title=_("Notice"),
    purpose=_("Whoever passes learns when the bank is open, how to stay safe, or where to write."),
    listens_to=("notice.", "incident."),
    context=context,
    strangers=True,
    has_input=has_input,
    pace_s=2.0,
    in_room=in_room,
)

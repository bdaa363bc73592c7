"""Notice: a sentence of the bank for everybody who passes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from commandcenter.models import Notice, Profile
from commandcenter.scenes import Scene, _wording


def context(profile: Profile, now: datetime) -> Mapping[str, Any]:
    """The notice of the moment: of those that hold now, the one that began last."""
    notice = _current(now)
    return {"notice": notice, "size": _wording.size(notice.title) if notice else ""}


def has_input(profile: Profile, now: datetime) -> bool:
    """Whether there is a notice."""
    return _current(now) is not None


def _current(now: datetime) -> Notice | None:
    return Notice.objects.filter(starts_at__lte=now, ends_at__gt=now).order_by("-starts_at", "-pk").first()


SCENE = Scene(
    title=_("Notice"),
    purpose=_("Whoever passes learns when the bank is open, how to stay safe, or where to write."),
    listens_to=("setup.",),
    context=context,
    strangers=True,
    has_input=has_input,
    pace_s=2.0,
)

"""What a network tells of our account, and not of a post: it was let go, put out of a place, or read.

A connector gives these among its items, as `{"network", "op", "external_id", "at"}` with an `op` that its `notices`
name. None of it waits or is kept as a reject: what can be told of it is told at once, or the network tells it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext as _

from mentions import events, networks, scrub
from mentions.events import Fact
from mentions.intake import own
from mentions.models import Conversation, Gap, Mention, Source, State, Visibility
from mentions.posts import MAX_ID, BadPost, parse_time
from mentions.sources.credentials import refused
from mentions.sources.telling import tell

_MOST_NAMED: Final = 100


def apart(network: str, items: Sequence[Any]) -> tuple[list[Mapping[str, Any]], list[Any]]:
    """What of a network's items is a notice, and the rest."""
    ops = networks.get(network).notices
    said = [item for item in items if ops and isinstance(item, Mapping) and item.get("op") in ops]
    return said, [item for item in items if item not in said] if said else list(items)


def take(source: Source, notices: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Write down what was told; of what cannot be read nothing is known, and nothing changes."""
    for notice in notices:
        about, at = _name(notice.get("external_id")), min(_time(notice.get("at")) or now, now)
        with transaction.atomic():
            match notice.get("op"):
                case "revoked" if about == source.account_id:
                    refused(source, now=now, asked_at=at)  # what somebody has let us in by since holds
                case "shut" | "opened" if about:
                    _turned(source, about, notice, at, now)
                case "reached":
                    _reached(source, notice, now)


def _turned(source: Source, about: str, notice: Mapping[str, Any], at: datetime, now: datetime) -> None:
    shut = notice["op"] == "shut"
    if notice.get("private") is not True:
        name = scrub.typed_line(notice["name"], 200) if isinstance(notice.get("name"), str) else ""
        if shut and _matters(source, about, notice) and _shut_out(source, about, name or about, since=at):
            tell("source.shut_out", source, now, place=about)
        elif not shut and _let_in(source, about, now=now):
            tell("source.let_in", source, now, place=about)
        return
    places = Conversation.objects.select_for_update().filter(
        source=source, author__external_id=about, visibility=Visibility.PRIVATE
    )
    changed = list(places.exclude(state=State.CLOSED).filter(shut_since__isnull=shut).order_by("pk"))
    Conversation.objects.filter(pk__in=[place.pk for place in changed]).update(shut_since=at if shut else None)
    kind = "author.blocked" if shut else "author.unblocked"
    events.record_many(
        [
            Fact(kind, at, events.NETWORK, origin=place.origin, conversation_id=place.pk, queue_id=place.queue_id)
            for place in changed
        ]
    )


def _matters(source: Source, place: str, notice: Mapping[str, Any]) -> bool:
    """Whether it is a place of ours: the one that the source names, or one in which somebody was answered.

    Anybody can let an account into a group of theirs, write there, and put it out again.
    """
    return notice.get("chosen") is True or (
        Mention.objects.filter(
            network=source.network,
            source=source,
            external_id__startswith=f"{place}:",
            conversation__reply_count__gt=0,
        ).exists()
    )


def _shut_out(source: Source, place: str, name: str, *, since: datetime) -> bool:
    """The account was put out of a group or channel, and hears nothing there since then; whether that is new."""
    about = {"place_name": name, "started_at": since, "reason": Gap.Reason.SHUT_OUT}
    return Gap.objects.get_or_create(source=source, place=place, ended_at=None, defaults=about)[1]


def _let_in(source: Source, place: str, *, now: datetime) -> bool:
    """It is let in there again; what was said meanwhile no network tells, so a person closes the gap."""
    told = _("The network does not tell what was written there meanwhile.")
    waiting = Gap.objects.filter(source=source, place=place, ended_at=None).exclude(place="")
    return bool(waiting.update(ended_at=now, state=Gap.Status.OPEN, error=told))


def _reached(source: Source, notice: Mapping[str, Any], now: datetime) -> None:
    named = notice.get("ids")
    with connection.cursor() as cursor:
        own.reached(
            cursor,
            source.network,
            [own_id for own_id in map(_name, named[:_MOST_NAMED]) if own_id] if isinstance(named, list) else [],
            thread=_name(notice.get("thread")),
            until=_time(notice.get("at")),
            reach=str(notice.get("reach")),
            now=now,
        )


def shut_out(source: Source) -> list[Gap]:
    """The places of which the account was put out and has not been let in again, oldest first."""
    return list(Gap.objects.filter(source=source, ended_at=None).exclude(place="").order_by("started_at"))


def _name(value: object) -> str:
    return value if isinstance(value, str) and len(value) <= MAX_ID and value.isprintable() else ""


def _time(value: object) -> datetime | None:
    try:
        return parse_time(value)
    except BadPost:
        return None

"""What an HTTP answer means for the caller, the same for every network that speaks plain HTTP.

The distinction that matters is `acting`: a read that failed simply did not happen; of a send that failed in
the middle, or that a gateway answered for somebody else, nobody knows.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final, TypeVar

from django.utils.translation import gettext as _

from mentions.connections import NotOpened
from mentions.http import HttpFailure, Response
from mentions.networks import Gone, NetworkError

LONGEST_WAIT: Final = timedelta(days=1)
T = TypeVar("T")

SHORTEST_WAIT: Final = timedelta(seconds=1)
BLIND_WAIT: Final = timedelta(seconds=60)


def lost(title: str, failure: HttpFailure, *, acting: bool) -> NetworkError:
    """There was no answer."""
    if failure.sent and acting:
        return NetworkError(
            _("%(network)s took the request and gave no answer: %(failure)s") % {"network": title, "failure": failure},
            "unknown",
        )
    return NetworkError(f"{title}: {failure}", "give_up" if failure.permanent else "retry")


def refused(title: str, answer: Response, *, acting: bool) -> NetworkError:
    """The answer was not the one hoped for. Its words are not repeated: they may quote a token or a customer."""
    status = answer.status
    if status < 400 and acting:
        # Neither done as its description says nor refused: a gateway's redirect, or a success of another kind.
        return NetworkError(
            _("%(network)s answered in a way that we do not know (%(status)s)") % {"network": title, "status": status},
            "unknown",
        )
    if status in (401, 403):
        return NetworkError(
            _("%(network)s does not accept our credentials (%(status)s)") % {"network": title, "status": status},
            "reauthorise",
        )
    if status == 429:
        return NetworkError(
            _("%(network)s asks us to wait") % {"network": title}, "retry", wait_until(answer) or _now() + BLIND_WAIT
        )
    if status in (404, 410):
        return Gone(_("what this concerns is no longer on %(network)s") % {"network": title})
    if status == 408 or status >= 500:
        message = _("%(network)s has a fault (%(status)s)") % {"network": title, "status": status}
        return NetworkError(message, "unknown") if acting else NetworkError(message, "retry", wait_until(answer))
    return NetworkError(_("%(network)s refuses this (%(status)s)") % {"network": title, "status": status}, "give_up")


def wait_until(answer: Response) -> datetime | None:
    """When Retry-After lets us ask again, kept within a second and a day; None without a readable one."""
    value = answer.headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit() and len(value) < 10:
        wait = timedelta(seconds=int(value))
    else:
        try:
            moment = parsedate_to_datetime(value)
        except (ValueError, TypeError, IndexError):
            return None
        wait = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)) - _now()
    return _now() + min(max(wait, SHORTEST_WAIT), LONGEST_WAIT)


def _now() -> datetime:
    return datetime.now(UTC)


def listened(
    title: str, heard: Generator[T, None, None], refuse: Callable[[Response], NetworkError | None] | None = None
) -> Generator[T, None, None]:
    """What an open connection brings. Its end, its silence and its refusal are raised in the contract's words.

    `refuse` reads the network's own error codes and may leave an answer to the plain rules by None.
    """
    with closing(heard):
        try:
            yield from heard
        except NotOpened as refusal:
            answer = refusal.answer
            raise (refuse(answer) if refuse else None) or refused(title, answer, acting=False) from None
        except HttpFailure as failure:
            raise lost(title, failure, acting=False) from None
    raise NetworkError(_("%(network)s ended the stream") % {"network": title}, "retry")

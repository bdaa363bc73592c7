"""The last step of a change: out to its network, until that says that it is so.

Each change is committed before the network is called and holds only when the network has said so. All of them may be
asked for twice, so whatever got no answer is asked for again; a process that dies in between loses and doubles nothing.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import amendments, freeze, outbox, outcomes, replies, scrutiny
from agents.amendments import Kind, State
from agents.cases import Refused
from agents.models import Amendment, ReplyState
from mentions import http, networks, sources
from mentions.events import NETWORK, Actor
from mentions.models import Mention
from mentions.networks import NetworkError
from mentions.sources import gate, quota

log = logging.getLogger(__name__)

TRIES: Final = 6
_HELD: Final = {Kind.WORDS: "reply.edited", Kind.HIDE: "mention.hidden", Kind.SHOW: "mention.shown"}
_LANES: Final[dict[str, quota.Lane]] = {Kind.RETRACT: "deletes"}
_ANSWERS_WITHIN: Final = timedelta(seconds=60)
_HANDLED_AGAIN: Final = timedelta(seconds=5)
_BACK_OFF_S: Final = (2, 10, 30, 120, 300, 600)


def send_due() -> int:
    """Ask the networks for what is due, and again for what got no answer; returns how many were asked for."""
    now = timezone.now()
    due = Amendment.objects.filter(
        Q(state=State.HELD, held_until__lte=now) | Q(state=State.SENDING, next_try_at__lte=now)
    )
    if freeze.holds():
        due = due.exclude(kind=Kind.WORDS)
    going = [pk for pk in due.order_by("pk").values_list("pk", flat=True)[: outbox.AT_ONCE] if _taken(pk, now)]
    outbox.each(deliver, going)
    return len(going)


def deliver(change_id: int) -> None:
    """Call the network for a change in `sending`, and write down what it said."""
    change = Amendment.objects.select_related("reply__source", "mention__source").get(pk=change_id)
    if change.state != State.SENDING:
        return
    source, now = amendments.source_of(change), timezone.now()
    try:
        with http.within(outbox.DELIVERED_WITHIN_S):
            account = sources.ready(source, now=now)
            network = networks.get(source.network)
            with gate.calling(source, _lane(change), now=now):
                if change.mention is not None:
                    network.hide(account, change.mention.external_id, hidden=change.kind == Kind.HIDE)
                elif change.kind == Kind.RETRACT:
                    network.retract(account, change.amended.external_id)
                else:
                    with http.unless(freeze.holds):
                        network.edit(account, change.amended.external_id, change.text)
    except http.Stopped:
        _hold(change_id)
    except NetworkError as error:
        _failed(change_id, error, gate.failed(source, error, now=now, kind=change.kind))
        if change.mention is None:
            sources.noticed(source, error, now=now)
        # Of a comment "forbidden" mostly means that it is not ours to hide; of the keys the next probe tells.
    except (sources.UnreadableSecrets, networks.UnknownNetwork) as error:
        _failed(change_id, NetworkError(str(error), "give_up"))
    except DatabaseError:
        raise
    except Exception as wrong:
        _failed(change_id, outbox.stumbled(source, wrong))
    else:
        gate.succeeded(source.pk)
        confirm(change_id)


def confirm(change_id: int) -> None:
    """The network did it, by its own word: from now on it is so here too."""
    now = timezone.now()
    with transaction.atomic():
        change = amendments.locked(change_id)
        if State.DONE not in amendments.MOVES[change.state]:
            return
        amendments.move(change, State.DONE)
        change.done_at, change.next_try_at, change.error = now, None, ""
        change.save()
        _hold_true(change, now)
        place = amendments.place_of(change)
        if place is not None:
            place.version += 1
            place.save(update_fields=["version"])
        told = {"version": place.version} if place else {}
        if change.kind == Kind.RETRACT:
            replies.tell("reply.retracted", change.amended, Actor.person(change.person.pk), now, **told)
        else:
            amendments.tell(_HELD[Kind(change.kind)], change, Actor.person(change.person.pk), now, **told)


def _hold_true(change: Amendment, now: datetime) -> None:
    """What the network did is so here as well."""
    if change.mention is not None:
        hidden_at = now if change.kind == Kind.HIDE else None
        Mention.objects.filter(pk=change.mention.pk).update(hidden_at=hidden_at, turned_at=now)
        return
    reply = change.amended
    if change.kind == Kind.RETRACT:
        reply.state, reply.retracted_at = ReplyState.RETRACTED, now
    else:
        reply.text, reply.edited_at = change.text, now
    outcomes.keep_answer(reply, now, follow="retracted" if change.kind == Kind.RETRACT else "edited")
    reply.save(update_fields=["state", "retracted_at", "text", "edited_at", "answers"])


def _taken(change_id: int, now: datetime) -> bool:
    """`_take`, with whatever goes wrong kept to this one change."""
    try:
        return _take(change_id, now)
    except Exception as wrong:
        log.exception("a change could not be asked for", extra={"amendment": change_id})
        with suppress(Exception), transaction.atomic():
            change = amendments.locked(change_id)
            if isinstance(wrong, DatabaseError):  # the moment's fault, it may be
                _later(change, now + _HANDLED_AGAIN)
                change.save()
            else:
                told = str(wrong) if isinstance(wrong, PermissionDenied) else type(wrong).__name__
                amendments.give_up(change, _("It could not leave: %(reason)s") % {"reason": told}, now)
        return False


def _take(change_id: int, now: datetime) -> bool:
    """Commit that the network is being asked, or what stands against it."""
    with transaction.atomic():
        change = amendments.locked(change_id)
        waits = change.held_until if change.state == State.HELD else change.next_try_at
        if change.state not in (State.HELD, State.SENDING) or waits is None or waits > now:
            return False
        if change.kind == Kind.WORDS and freeze.holds():
            return False
        try:
            _stands(change)
        except Refused as refused:
            amendments.give_up(change, str(refused), now)
            return False
        if change.kind == Kind.WORDS and not _cleared(change, now):
            return False
        if (wait := gate.enter(amendments.source_of(change), _lane(change), now=now, kind=change.kind)) is not None:
            change.error = wait.why[:400]
            _later(change, wait.until)
            change.save()
            return False
        if change.state == State.HELD:
            amendments.move(change, State.SENDING)
        # Whoever takes it next takes it for lost; by then this attempt has had its answer or never will.
        change.next_try_at, change.tries, change.error = now + _ANSWERS_WITHIN, change.tries + 1, ""
        change.save()
        return True


def _stands(change: Amendment) -> None:
    """Raises `Refused` if what it would change is no longer there to be changed."""
    if change.kind == Kind.RETRACT:
        if change.amended.state != ReplyState.SENT or not networks.offers(change.amended.source.network, "retract"):
            raise Refused(_("This reply cannot be taken back."))
        return
    if change.mention is None:
        amendments.require_editable(change.amended)
        return
    if not amendments.can_hide(change.mention, change.mention.source):
        raise Refused(_("The author has deleted it."))
    amendments.require_ready(change.mention.source, change.mention.origin)


def _cleared(change: Amendment, now: datetime) -> bool:
    """The guard once more, by today's policy: whether the words go on, else they wait for a person or end here."""
    reply = change.amended
    verdict = scrutiny.examine(reply, change.text, by=change.person)
    amendments.judge(change, verdict)
    if verdict.outcome == "block":
        amendments.give_up(change, _("The guard blocks it under today's policy."), now)
        return False
    said = reply.approvals.filter(approved=True, digest=change.digest, at__gte=change.asked_at)
    if scrutiny.needs_second(reply, verdict, change.person) and not said.exists():
        if change.state == State.SENDING:  # its network may have it already, and what it has cannot be decided any more
            amendments.give_up(change, _("A second person has to approve it under today's policy."), now)
            return False
        amendments.move(change, State.AWAITING_APPROVAL)
        change.save()
        amendments.tell("edit.submitted", change, NETWORK, now)
        return False
    return True


def _lane(change: Amendment) -> quota.Lane:
    return _LANES.get(change.kind, "replies")


def _later(change: Amendment, until: datetime) -> None:
    if change.state == State.HELD:
        change.held_until = until
    else:
        change.next_try_at = until


def _hold(change_id: int) -> None:
    """A freeze came before the words could leave: they wait, and if they never left before, in hand."""
    with transaction.atomic():
        change = amendments.locked(change_id)
        if change.state != State.SENDING:
            return
        change.next_try_at = timezone.now()
        change.tries = max(0, change.tries - 1)
        if not change.tries:
            amendments.move(change, State.HELD)
            change.held_until, change.next_try_at = change.next_try_at, None
        change.save()


def _failed(change_id: int, error: NetworkError, wait_until: datetime | None = None) -> None:
    """Write down what the network's refusal means; nobody calls before `wait_until`."""
    now = timezone.now()
    with transaction.atomic():
        change = amendments.locked(change_id)
        if change.state != State.SENDING:
            return
        if error.follow in ("retry", "unknown") and change.tries < TRIES:
            pause = timedelta(seconds=_BACK_OFF_S[max(change.tries, 1) - 1])
            change.next_try_at = max(wait_until or error.retry_at or now, now + pause)
            change.error = error.message[:400]
            change.save()
            return
        why = (
            _("The network did not say whether it did it: look there.") if error.follow == "unknown" else error.message
        )
        amendments.give_up(change, why, now)

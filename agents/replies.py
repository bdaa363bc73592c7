"""Replies up to the moment they leave: drafted, checked, approved, held for undo. `agents.outbox` sends them.

Posts of our own (`agents.originals`) are rows of the same table and go the same way; they answer nobody.

The guard is asked at every step out of `draft` and again just before sending; nothing leaves without it.
A reply carries the version of the conversation that its author saw: if the customer, a colleague or a
deletion came in between, it is refused with what changed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, addresses, evidence, pictures, returns, scrutiny, staleness
from agents.cases import Refused, Taken
from agents.models import Case, Reply, ReplyPicture, ReplyState, User
from agents.staleness import Stale
from mentions import events, scrub
from mentions.events import SYSTEM, Actor
from mentions.models import Conversation, Origin

# Of what was once called for the network may say, late, that it was sent: from wherever it is by then.
MOVES: dict[str, frozenset[str]] = {
    ReplyState.DRAFT: frozenset(
        {
            ReplyState.AWAITING_APPROVAL,
            ReplyState.HELD,
            ReplyState.FAILED,
            ReplyState.SENT,
            ReplyState.WITHDRAWN,
        }
    ),
    ReplyState.AWAITING_APPROVAL: frozenset(
        {ReplyState.HELD, ReplyState.DRAFT, ReplyState.FAILED, ReplyState.SENT, ReplyState.WITHDRAWN}
    ),
    ReplyState.HELD: frozenset(
        {
            ReplyState.SENDING,
            ReplyState.DRAFT,
            ReplyState.AWAITING_APPROVAL,
            ReplyState.FAILED,
            ReplyState.SENT,
            ReplyState.WITHDRAWN,
        }
    ),
    ReplyState.SENDING: frozenset({ReplyState.SENT, ReplyState.FAILED, ReplyState.UNKNOWN, ReplyState.HELD}),
    ReplyState.UNKNOWN: frozenset({ReplyState.SENT, ReplyState.FAILED, ReplyState.HELD}),
    ReplyState.FAILED: frozenset({ReplyState.HELD, ReplyState.AWAITING_APPROVAL, ReplyState.DRAFT, ReplyState.SENT}),
    ReplyState.SENT: frozenset({ReplyState.RETRACTED}),
    ReplyState.RETRACTED: frozenset(),
    ReplyState.WITHDRAWN: frozenset(),
}

ON_ITS_WAY = frozenset({ReplyState.AWAITING_APPROVAL, ReplyState.HELD, ReplyState.SENDING, ReplyState.UNKNOWN})


def save_draft(
    conversation_id: int,
    *,
    text: str,
    visibility: str,
    by: User,
    client_key: UUID,
    said: Mapping[int, str] | None = None,
    now: datetime | None = None,
) -> Reply:
    """Keep what a person is writing, scrubbed; no event, since nothing has happened yet.

    `said` is what the draft's pictures show, by their keys. What comes after its own sending, as the last of several
    savings may, changes nothing.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        conversation = Conversation.objects.select_for_update().get(pk=conversation_id)
        if (gone := _gone(conversation, client_key, by)) is not None:
            return gone
        reply = _draft(conversation, text, visibility, client_key, by, moment, said)
        if not may_have_gone(reply):
            reply.text = scrub.scrub(text).text
        reply.revision += 1
        reply.save()
        pictures.describe(reply, said)
    return reply


def changing(conversation_id: int, *, visibility: str, client_key: UUID, by: User, now: datetime) -> Reply:
    """The person's draft, behind the conversation's lock, for whoever changes its pictures. Raises `Refused`.

    It is begun if there is none, and begun anew if its network may have taken it as it was.
    """
    conversation = _locked(conversation_id)
    if _gone(conversation, client_key, by) is not None:
        raise Refused(_("This reply is on its way already."))
    begun = _begun(conversation, by)
    text = begun.text if begun is not None else ""
    reply = _draft(conversation, text, visibility, client_key, by, now, afresh=True)
    reply.source = conversation.source
    reply.revision += 1
    reply.save()
    return reply


def submit(
    conversation_id: int,
    *,
    text: str,
    visibility: str,
    seen_version: int,
    client_key: UUID,
    by: User,
    said: Mapping[int, str] | None = None,
    now: datetime | None = None,
) -> Reply:
    """Let a reply go towards its customer. The same `client_key` again returns the same reply.

    `said` is what the pictures of the person's draft show, by the keys of those that they saw. Returns it `held` (undo
    runs), `awaiting_approval`, or still a `draft` with the guard's `findings` when it was blocked. Raises `Stale` with
    what changed, `Taken` if another person holds the conversation, `Refused` for anything else that stands in the way.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        conversation = _locked(conversation_id)
        if (gone := _gone(conversation, client_key, by)) is not None:
            return gone
        seen = conversation, seen_version
        shown = pictures.as_described(_begun(conversation, by), said)
        return _let_go(*seen, text=text, visibility=visibility, by=by, now=moment, key=client_key, shown=shown)


def _let_go(
    conversation: Conversation,
    seen_version: int,
    *,
    text: str,
    visibility: str,
    by: User,
    now: datetime,
    key: UUID,
    shown: Sequence[ReplyPicture],
    failed: Reply | None = None,
    anothers: bool = False,
) -> Reply:
    """`submit` behind the conversation's lock: of what the person writes, or of what failed (`anothers` or theirs)."""
    case = _owned(conversation, by)
    _nothing_on_its_way(conversation)
    changes = staleness.changes_since(conversation, seen_version, by=by)
    if changes:
        raise Stale(changes)
    to = addresses.address(conversation, visibility)
    if not text.strip():
        raise Refused(_("Write the reply first."))
    as_template, pictured = to.as_template(now), bool(shown)
    why = addresses.unfit(to.source, text, visibility, in_one_line=as_template, beside_pictures=pictured)
    if why is not None:
        raise Refused(why)
    pictures.require_fit(to.source, visibility, shown, as_template=as_template)
    verdict = scrutiny.check(conversation, text, visibility, by=by, shown=shown)
    if failed is not None and verdict.outcome == "block":
        to_draft(failed)  # and its author is told there what the guard found
    said = {one.pk: one.alt for one in shown}
    reply = failed or _draft(conversation, text, visibility, key, by, now, said, afresh=anothers)
    if failed is None:
        if not may_have_gone(reply):  # else words and key are those that its network knows
            reply.client_key, reply.text = _unused(key, reply), text
        if verdict.outcome == "block":
            reply.text = scrub.scrub(text).text
    reply.target, reply.source, reply.case, reply.once = to.target, to.source, case, to.once
    reply.seen_version, reply.submitted_at = conversation.version, now
    reply.revision += 1
    reply.returned_reason = ""
    if failed is None and (pictured or pictures.of(reply)):
        reply.save()
        pictures.keep(reply, shown, scrubbed=verdict.outcome == "block")
    scrutiny.judge(reply, verdict)
    if verdict.outcome == "block":
        kind = "reply.blocked"
    elif scrutiny.needs_second(reply, verdict, by):
        move(reply, ReplyState.AWAITING_APPROVAL)
        kind = "reply.submitted"
    else:
        hold(reply, by, now)
        kind = "reply.held"
    reply.save()
    tell(kind, reply, Actor.person(by.pk), now, rules=[f.rule for f in verdict.findings], outcome=verdict.outcome)
    return reply


def undo(reply: Reply, *, by: User, now: datetime | None = None) -> Reply:
    """Take a reply back into draft while it is held or awaits approval. Raises `Refused` once it is leaving."""
    moment = now or timezone.now()
    with transaction.atomic():
        reply = again(reply)
        if reply.author_id != by.pk and not access.may(by, "assign cases"):
            raise Refused(_("Only its author or a supervisor takes a reply back."))
        if reply.state not in (ReplyState.HELD, ReplyState.AWAITING_APPROVAL):
            raise Refused(_("It is too late to undo: the reply is on its way."))
        to_draft(reply)
        tell("reply.undone", reply, Actor.person(by.pk), moment)
        returns.to_desk(reply.conversation, moment)
    return reply


def retry(reply: Reply, *, by: User, now: datetime | None = None) -> Reply:
    """Let a failed reply go again: through staleness, guard and hold like any other."""
    with transaction.atomic():
        reply = again(reply)
        if reply.state != ReplyState.FAILED:
            raise Refused(_("Only a failed reply is tried again."))
        if reply.conversation is None:
            raise Refused(_("A post of our own is opened again and asks for approval anew."))
        if overtaken(reply):
            raise Refused(_("Something else was written in its place, and has been sent."))
        own = reply.author_id == by.pk
        reply.error, reply.tries = "", 0
        # In the same transaction: what may not go again stays failed, with its reason.
        return _let_go(
            reply.conversation,
            reply.seen_version,
            text=reply.text,
            visibility=reply.visibility,
            by=by,
            now=now or timezone.now(),
            key=reply.client_key,
            shown=pictures.of(reply),
            failed=reply if own else None,
            anothers=not own,
        )


def send_back(reply: Reply, reason: str, now: datetime) -> None:
    """Return a reply that may not leave to its author, with the reason where they will see it."""
    reply.returned_reason = reason[:400]
    to_draft(reply)
    tell("reply.refused", reply, SYSTEM, now)


def tell(kind: str, reply: Reply, by: Actor, now: datetime, **data: Any) -> None:
    """One event for what a reply did; of a post of our own it is called so."""
    place = reply.conversation
    if kind in evidence.TELLING:
        data["words"] = evidence.words(reply.text, pictures.of(reply))
    events.record(
        kind if place is not None else kind.replace("reply.", "post.", 1),
        at=now,
        by=by,
        origin=place.origin if place is not None else Origin.LIVE,
        conversation_id=reply.conversation_id,
        queue_id=place.queue_id if place is not None else None,
        case_id=reply.case_id,
        reply_id=reply.pk,
        mention_id=reply.target_id,
        source_id=reply.source_id,
        data=data | {"state": str(reply.state)},
    )


def _locked(conversation_id: int) -> Conversation:
    return (
        Conversation.objects.select_for_update(of=("self",))
        .select_related("source", "author", "queue")
        .get(pk=conversation_id)
    )


def again(reply: Reply) -> Reply:
    """The reply behind the conversation's lock, which orders everything that happens to it; a post behind its own."""
    conversation = _locked(reply.conversation_id) if reply.conversation_id is not None else None
    fresh = (
        Reply.objects.select_for_update(of=("self",))
        .select_related("author", "source", "target", "case", "original__team__profile")
        .get(pk=reply.pk)
    )
    fresh.conversation = conversation
    return fresh


def _owned(conversation: Conversation, by: User) -> Case:
    access.require(by, "work cases")
    case = Case.objects.select_related("owner").filter(conversation=conversation, ended_at=None).first()
    if case is None:
        raise Refused(_("Claim the conversation first."))
    if case.owner_id != by.pk:
        raise Taken(case.owner, case.claimed_at)
    return case


def _nothing_on_its_way(conversation: Conversation) -> None:
    other = Reply.objects.filter(conversation=conversation, state__in=ON_ITS_WAY).select_related("author").first()
    if other is not None:
        raise Refused(_("A reply by %(who)s is on its way already.") % {"who": other.author})


def may_have_gone(reply: Reply) -> bool:
    """Whether its network was called for it once and nobody knew what became of that: an echo may tell it yet."""
    return any(told.get("follow") == "unknown" for told in reply.answers)


def same_words(reply: Reply, text: str) -> bool:
    """Whether a text says just what the reply does; browsers and programs end their lines differently."""
    return reply.text.strip().splitlines() == text.strip().splitlines()


def leave_behind(reply: Reply, now: datetime, **told: str) -> None:
    """Keep what its network may have taken as it was called for, words and key: its author writes something else."""
    if reply.state != ReplyState.FAILED:
        move(reply, ReplyState.FAILED)
    reply.held_until, reply.next_try_at = None, None
    reply.error = _("Taken back before anybody knew whether it went out; something else was written.")
    reply.answers = [*reply.answers, {"at": now.isoformat(), "follow": "left", **told}]
    reply.save()


def overtaken(reply: Reply) -> bool:
    """Whether its author left it behind and then sent something else, so that it would come after what replaced it."""
    left = [datetime.fromisoformat(told["at"]) for told in reply.answers if told.get("follow") == "left"]
    since = Reply.objects.filter(conversation=reply.conversation_id, author=reply.author_id)
    gone = (ReplyState.SENT, ReplyState.RETRACTED)
    return bool(left) and since.exclude(pk=reply.pk).filter(state__in=gone, submitted_at__gte=left[-1]).exists()


def _gone(conversation: Conversation, client_key: UUID, by: User) -> Reply | None:
    """The reply that was made of what a page sends under this key, unless its author goes on with other words."""
    mine = Reply.objects.filter(conversation=conversation, author=by)
    gone = mine.filter(client_key=client_key).exclude(state=ReplyState.DRAFT).first()
    if gone is None or gone.state != ReplyState.FAILED or not may_have_gone(gone):
        return gone
    return None if mine.filter(state=ReplyState.DRAFT).exists() else gone


def _begun(conversation: Conversation, by: User) -> Reply | None:
    """What the person has begun to write here."""
    own = Reply.objects.select_for_update(of=("self",)).filter(
        conversation=conversation, author=by, state=ReplyState.DRAFT
    )
    return own.first()


def _draft(
    conversation: Conversation,
    text: str,
    visibility: str,
    client_key: UUID,
    by: User,
    now: datetime,
    said: Mapping[int, str] | None = None,
    *,
    afresh: bool = False,
) -> Reply:
    """The person's draft here, made if there is none yet, and anew where it is to say or show something else than its
    network may have taken (`afresh`: it surely is): under the same key that would be answered with the first words.
    """
    draft, revision, left = _begun(conversation, by), 1, None
    if draft is not None and may_have_gone(draft):
        as_it_was = same_words(draft, text) and draft.visibility == visibility and pictures.same(draft, said)
        if afresh or not as_it_was:
            leave_behind(draft, now)
            revision, left, draft = draft.revision, draft, None
    if draft is None:
        draft = Reply(
            revision=revision,
            conversation=conversation,
            author=by,
            created_at=now,
            target_id=conversation.last_mention_id,
            source_id=conversation.source_id,
            seen_version=conversation.version,
        )
        draft.client_key = _unused(client_key, draft)
        if left is not None:
            draft.text, draft.visibility = left.text, visibility
            draft.save()
            pictures.go_on(left, draft)
    draft.conversation, draft.visibility = conversation, visibility
    return draft


def _unused(client_key: UUID, reply: Reply) -> UUID:
    """The key under which this reply goes; a fresh one where a page sent a key that is another reply's."""
    return uuid4() if Reply.objects.filter(client_key=client_key).exclude(pk=reply.pk).exists() else client_key


def hold(reply: Reply, by: User, now: datetime) -> None:
    """Undo runs; a post of our own is held until its time."""
    move(reply, ReplyState.HELD)
    reply.held_until = now + scrutiny.undo_time(reply, by)
    if reply.conversation is None and reply.original.leave_at is not None:
        reply.held_until = max(reply.held_until, reply.original.leave_at)
    reply.next_try_at = None


def to_draft(reply: Reply) -> None:
    """Back to its author; what they began to write meanwhile in the conversation is kept below it."""
    drafts = Reply.objects.filter(author=reply.author, state=ReplyState.DRAFT).exclude(pk=reply.pk)
    for other in drafts.filter(conversation=reply.conversation) if reply.conversation is not None else ():
        says_more = bool(other.text.strip()) and other.text != reply.text
        if says_more or pictures.of(other):
            both = f"{reply.text}\n\n{other.text}" if says_more else reply.text
            if may_have_gone(reply):
                other.text, other.returned_reason = both, reply.returned_reason
                other.revision += 1
                other.save()
                pictures.join(reply, other, copied=True)
                leave_behind(reply, timezone.now())
                return
            reply.text = both
        pictures.join(other, reply)
        other.delete()
    move(reply, ReplyState.DRAFT)
    reply.held_until, reply.next_try_at, reply.tries = None, None, 0
    reply.save()


def move(reply: Reply, to: str) -> None:
    if to not in MOVES[reply.state]:
        raise Refused(_("A reply that is %(state)s cannot be moved so.") % {"state": reply.get_state_display()})
    reply.state = to

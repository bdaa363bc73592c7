"""Posts of our own: a service notice, a holding statement, a campaign. They answer nobody and go the way of replies.

Each owns one row of the outbox (`Reply` without a conversation), so that guard, approval, sending, confirmation and
retraction are those of `agents.replies` and `agents.outbox`. What is different stands here: every one needs a second
person, whose word is bound to text, account and time; it waits for its time; a hold stops it; and one that could not
leave when it should have goes back to its author, because what is said too late may be wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from agents import access, addresses, hold, pictures, replies, scrutiny
from agents.cases import Refused
from agents.models import Original, Reply, ReplyState, Team, User
from mentions import networks, scrub
from mentions.events import Actor
from mentions.models import Origin, Source, Visibility
from mentions.sources import health
from mentions.sources.quota import Lane

LATEST: Final = timedelta(minutes=15)
FURTHEST: Final = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a person wants to post. `leave_at` None is as soon as it is approved; `token` wrote it in their name.

    `said` is what its pictures show, by the keys of those that the person saw.
    """

    source: Source
    team: Team
    title: str
    text: str
    kind: str = Original.Kind.NOTICE
    leave_at: datetime | None = None
    incident: int | None = None
    campaign: int | None = None
    token: int | None = None
    said: Mapping[int, str] | None = None


@dataclass(frozen=True, slots=True)
class Stands:
    """What stands against a post's leaving now, in words; with `back` it returns to its author, else it waits."""

    why: str
    back: bool


def accounts() -> list[Source]:
    """The accounts from which a post of our own can go, by name."""
    able = [key for key in networks.keys() if networks.get(key).capabilities.original]  # noqa: SIM118  no mapping
    return list(Source.objects.filter(network__in=able, origin=Origin.LIVE).order_by("name"))


def address(source: Source) -> None:
    """Raises `Refused` with the reason if no post of our own can go from this account."""
    try:
        network = networks.get(source.network)
    except networks.UnknownNetwork:
        raise Refused(_("No connector for this network is installed; it can only be read.")) from None
    if not network.capabilities.original or source.origin != Origin.LIVE:
        raise Refused(_("%(network)s takes no posts of our own from here.") % {"network": network.title})
    if (why := health.why_not_sending(source)) is not None:
        raise Refused(why)


def save(wanted: Wanted, *, client_key: UUID, by: User, afresh: bool = False, now: datetime | None = None) -> Original:
    """Keep a draft, scrubbed; the same `client_key` is the same draft. Raises `Refused` if it is no draft any more.

    `afresh` says that its pictures are about to change, which its network must not take for what it may have.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        reply = _draft(wanted, client_key, by, moment, afresh=afresh)
        if not replies.may_have_gone(reply):
            reply.text = scrub.scrub(wanted.text).text
        _write(reply, wanted)
        pictures.describe(reply, wanted.said)
    return reply.original


def submit(wanted: Wanted, *, client_key: UUID, by: User, now: datetime | None = None) -> Original:
    """Ask a second person to let it go. The same `client_key` again returns the same post.

    Returns it `awaiting_approval`, or still a `draft` with the guard's findings. Raises `Refused` for anything else
    that stands in the way.
    """
    moment = now or timezone.now()
    with transaction.atomic():
        begun = under(client_key)
        if begun is not None and begun.reply.author_id == by.pk and begun.reply.state != ReplyState.DRAFT:
            return begun
        address(wanted.source)
        if not wanted.text.strip():
            raise Refused(_("Write the post first."))
        shown = pictures.as_described(begun.reply if begun is not None else None, wanted.said)
        if (why := unfit(wanted.source, wanted.text, beside_pictures=bool(shown))) is not None:
            raise Refused(why)
        pictures.require_fit(wanted.source, Visibility.PUBLIC, shown)
        _timely(wanted.leave_at, moment)
        reply = _draft(wanted, client_key, by, moment)
        if not replies.may_have_gone(reply):  # else the words are those that its network knows
            reply.text = wanted.text
        _write(reply, wanted)
        verdict = scrutiny.examine(reply, wanted.text, by=by, shown=shown)
        pictures.keep(reply, shown, scrubbed=verdict.outcome == "block")
        reply.submitted_at, reply.returned_reason, reply.error = moment, "", ""
        scrutiny.judge(reply, verdict)
        if verdict.outcome == "block":
            reply.text = scrub.scrub(wanted.text).text
            kind = "reply.blocked"
        else:
            replies.move(reply, ReplyState.AWAITING_APPROVAL)
            kind = "reply.submitted"
        reply.save()
        found = [finding.rule for finding in verdict.findings]
        # Whoever reads the chain later must not take a program's post for one that the person typed.
        written = {"token": wanted.token} if wanted.token is not None else {}
        replies.tell(kind, reply, Actor.person(by.pk), moment, rules=found, outcome=verdict.outcome, **written)
    return reply.original


def reopen(original: Original, *, by: User, now: datetime | None = None) -> Original:
    """Open one that failed, or that came back, as a draft of its author. Raises `Refused`."""
    access.require(by, "write posts")
    with transaction.atomic():
        reply = replies.again(original.reply)
        if reply.author_id != by.pk and not access.may(by, "assign cases"):
            raise Refused(_("Only its author or a supervisor takes a post back."))
        if reply.state != ReplyState.FAILED:
            raise Refused(_("Only what failed is opened again."))
        if replaced(reply):
            raise Refused(_("Something else was written in its place."))
        replies.to_draft(reply)
        replies.tell("reply.undone", reply, Actor.person(by.pk), now or timezone.now())
    return original


def under(client_key: UUID) -> Original | None:
    """The post that a key means, locked: of one that its author left behind, what they wrote in its place."""
    rows = Original.objects.select_for_update(of=("reply",)).select_related("reply")
    found = rows.filter(reply__client_key=client_key).first()
    while found is not None and (key := _replaced_under(found.reply)) is not None:
        newer = rows.filter(reply__client_key=key).first()
        if newer is None:
            break
        found = newer
    return found


def replaced(reply: Reply) -> bool:
    """Whether its author left it behind, and what they wrote in its place is still there."""
    key = _replaced_under(reply)
    return key is not None and Reply.objects.filter(client_key=key).exists()


def _replaced_under(reply: Reply) -> UUID | None:
    keys = [UUID(told["key"]) for told in reply.answers if told.get("follow") == "left"]
    return keys[-1] if keys else None


def discard(original: Original, *, by: User) -> None:
    """Throw a draft away that never asked for approval; what did stays, since people decided about it."""
    with transaction.atomic():
        reply = replies.again(original.reply)
        if reply.author_id != by.pk or reply.state != ReplyState.DRAFT or reply.submitted_at is not None:
            raise Refused(_("Only a draft that nobody else has seen is thrown away."))
        original.delete()
        reply.delete()


def unfit(source: Source, text: str, *, beside_pictures: bool = False) -> str | None:
    """Why the network would not take a post of this length, in a sentence; None if it would."""
    limits = addresses.limits_of(source)
    if limits.fits(text, "public", beside_pictures=beside_pictures):
        return None
    if limits.links_over(text):
        return addresses.too_many_links(limits)
    over = limits.length(text) - limits.allowed("public", beside_pictures=beside_pictures)
    if over > 0:
        return _("The post is %(over)d characters too long for this network.") % {"over": over}
    return _("The post is too long for this network, which counts bytes too: use fewer emoji and accents.")


def why_not_leaving(reply: Reply, now: datetime) -> Stands | None:
    """What stands against its leaving at this moment; None if nothing does. In the transaction that lets it go."""
    original = reply.original
    if hold.stops(original.incident):
        return Stands(_("What is scheduled is held."), back=False)
    meant = original.leave_at or _approved_at(reply)
    if meant is not None and now - meant > LATEST:
        return Stands(_("Its time passed while it could not leave: look at it again and choose a new one."), back=True)
    return None


def lane(reply: Reply) -> Lane:
    """A campaign takes what others leave of the account's budget; a notice and a statement go like replies."""
    return "campaigns" if reply.original.kind == Original.Kind.CAMPAIGN else "replies"


def _approved_at(reply: Reply) -> datetime | None:
    return reply.approvals.filter(approved=True).order_by("-at").values_list("at", flat=True).first()


def _timely(leave_at: datetime | None, now: datetime) -> None:
    if leave_at is None:
        return
    if leave_at <= now:
        raise Refused(_("That time has passed: choose a later one, or let it leave once it is approved."))
    if leave_at > now + FURTHEST:
        raise Refused(_("Choose a time within a year."))


def _draft(wanted: Wanted, client_key: UUID, by: User, now: datetime, *, afresh: bool = False) -> Reply:
    """The draft of this key, made if there is none yet."""
    access.require(by, "write posts")
    if not access.teams_for(by).filter(pk=wanted.team.pk).exists():
        raise Refused(_("Choose one of your teams."))
    begun = under(client_key)
    if begun is None:
        if Reply.objects.filter(client_key=client_key).exists():
            raise Refused(_("This post is on its way already."))
        reply = _empty(client_key, by, now)
    elif begun.reply.author_id != by.pk or begun.reply.state != ReplyState.DRAFT:
        raise Refused(_("This post is on its way already."))
    else:
        reply = begun.reply
        same = replies.same_words(reply, wanted.text) and pictures.same(reply, wanted.said) and not afresh
        if replies.may_have_gone(reply) and not (same and reply.source_id == wanted.source.pk):
            key = uuid4()  # under its own other words would be answered with the first
            replies.leave_behind(reply, now, key=str(key))
            left, reply = reply, _empty(key, by, now)
            reply.source = wanted.source
            reply.save()
            pictures.go_on(left, reply)
    reply.source = wanted.source
    return reply


def _empty(client_key: UUID, by: User, now: datetime) -> Reply:
    return Reply(author=by, created_at=now, client_key=client_key, seen_version=0, visibility=Visibility.PUBLIC)


def _write(reply: Reply, wanted: Wanted) -> None:
    reply.revision += 1
    reply.save()
    said = {
        "team": wanted.team,
        "title": scrub.typed(wanted.title, 120),
        "kind": wanted.kind,
        "leave_at": wanted.leave_at,
        "incident": wanted.incident,
        "campaign": wanted.campaign,
        "token_id": wanted.token,
    }
    reply.original, _made = Original.objects.update_or_create(reply=reply, defaults=said)

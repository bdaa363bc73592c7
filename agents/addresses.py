"""Where an answer goes and how long it may be there: from which account, to whom, who can see it, by whose counting."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from agents.cases import Refused
from agents.models import Reply, ReplyState
from mentions import networks, sources
from mentions.models import Conversation, Mention, Source, Visibility
from mentions.networks import Limits, Network, Window
from mentions.sources import health

_LINK = f"https://bank.example/{'x' * 60}"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a reply goes, said in words before it is sent: from which account, to whom, who can see it.

    `once` is that its network takes no second private answer to what this answers.
    """

    source: Source
    target: Mention
    visibility: str
    limit: int
    counter: str
    window: Window | None = None
    once: bool = False

    def as_template(self, now: datetime) -> bool:
        """Whether what is written leaves as the variable of an approved text."""
        return self.window is not None and self.window.then == "template" and self.window.until <= now


def answerable(conversation: Conversation) -> Mention | None:
    """The post that a reply would answer: the customer's newest that still stands."""
    return (
        Mention.objects.select_related("author")
        .filter(conversation=conversation, deleted_at=None, author_id=conversation.author_id)
        .order_by("-id")
        .first()
    )


def newest_of(conversation: Conversation, mentions: Iterable[Mention]) -> Mention | None:
    """The `answerable` one of a conversation all of whose posts are in hand."""
    standing = (m for m in mentions if m.deleted_at is None and m.author_id == conversation.author_id)
    return max(standing, key=lambda mention: mention.pk, default=None)


def address(conversation: Conversation, visibility: str) -> Address:
    """Where a reply to this conversation would go. Raises `Refused` with the reason where it cannot."""
    return address_of(answerable(conversation), conversation, visibility)


def address_of(target: Mention | None, conversation: Conversation, visibility: str) -> Address:
    """The same with the `answerable` post in hand."""
    source = conversation.source
    try:
        network = networks.get(source.network)
    except networks.UnknownNetwork:
        raise Refused(_("No connector for this network is installed; it can only be read.")) from None
    if (why_not := health.why_not_sending(source)) is not None:
        raise Refused(why_not)
    if conversation.visibility == Visibility.PRIVATE and visibility == Visibility.PUBLIC:
        raise Refused(_("A private conversation is not answered in public."))
    if visibility == Visibility.PRIVATE and conversation.shut_since is not None:
        place = {"network": network.title, "at": date_format(timezone.localtime(conversation.shut_since), "j M, H:i T")}
        raise Refused(_("They have blocked us on %(network)s since %(at)s: nothing reaches them there.") % place)
    limits = limits_of(source)
    longest = limits.allowed(seen_by(visibility))
    if visibility not in network.capabilities.publish or not longest:
        raise Refused(_("%(network)s does not take this kind of reply.") % {"network": network.title})
    if target is None:
        raise Refused(_("The customer has deleted what this would answer."))
    once = network.private_once and in_private_what_was_public(target, visibility)
    # By us, or from elsewhere, as the network said when it refused another.
    sent = Q(state__in=(ReplyState.SENT, ReplyState.RETRACTED)) | Q(answers__contains=[{"answered": True}])
    if once and Reply.objects.filter(sent, target=target, once=True).exists():
        said = _(
            "%(network)s takes one private message to a comment, and it was sent: go on when they have written to you."
        )
        raise Refused(said % {"network": network.title})
    window = _window(network, source, conversation, target, visibility)
    if window is not None and window.then == "closed" and window.until <= timezone.now():
        place = {"network": network.title, "at": date_format(timezone.localtime(window.until), "j M, H:i T")}
        raise Refused(
            _("%(network)s took answers to this until %(at)s, and takes them again once they have written.") % place
        )
    return Address(source, target, visibility, longest, limits.counter, window, once)


def _window(
    network: Network, source: Source, conversation: Conversation, target: Mention, visibility: str
) -> Window | None:
    seen = seen_by(visibility)
    try:
        account = sources.account(source)
    except sources.UnreadableSecrets:
        return None
    return network.window(account, seen, target.external_id, heard_at(conversation, target, visibility))


def in_private_what_was_public(target: Mention, visibility: str) -> bool:
    """Whether it answers to its author alone what everybody can read."""
    return visibility == Visibility.PRIVATE and target.visibility == Visibility.PUBLIC


def heard_at(conversation: Conversation, target: Mention, visibility: str) -> datetime:
    """When its author last wrote, from which on a network lets them be answered for a while.

    What is answered in private under a comment has the comment's own time: nothing written beside it prolongs that.
    """
    return target.occurred_at if in_private_what_was_public(target, visibility) else conversation.last_inbound_at


def private_address(source: Source) -> str:
    """What a public post of this account may carry so that its reader can write to us in private; empty if nothing."""
    try:
        return networks.get(source.network).private_address(sources.account(source))
    except (networks.UnknownNetwork, sources.UnreadableSecrets):
        return ""


def limits_of(source: Source) -> Limits:
    """The limits of the source's account; its server or its subscription may set them."""
    network = networks.get(source.network)
    try:
        return network.limits_for(sources.account(source))
    except sources.UnreadableSecrets:
        return network.limits


def seen_by(visibility: str) -> Literal["public", "private"]:
    """A visibility as networks' limits name it."""
    return "public" if visibility == Visibility.PUBLIC else "private"


@dataclass(frozen=True, slots=True)
class Counted:
    """How long a text may be there, and how the browser counts it; the server's word is the last.

    `url_weight` is what any link counts for, None where a link counts like other words.
    """

    max: int
    counting: str
    url_weight: int | None


def counted(source: Source, visibility: str) -> Counted:
    """How the source's network counts what is written to be seen by these."""
    limits = limits_of(source)
    seen = seen_by(visibility)
    weight = limits.length(_LINK, seen)
    return Counted(
        limits.allowed(seen),
        limits.counted(seen),
        weight if weight != len(_LINK) else None,
    )


def too_many_links(limits: Limits) -> str:
    """That this network takes fewer links in a text, in a sentence."""
    return _("This network takes %(most)d links in a post at most: leave some out.") % {"most": limits.links or 0}


def unfit(
    source: Source, text: str, visibility: str, *, in_one_line: bool = False, beside_pictures: bool = False
) -> str | None:
    """Why the network would not take a text of this length, in a sentence; None if it would."""
    if in_one_line and text != " ".join(text.split()):
        return _("It leaves as the variable of an approved text: write it in one line, without wide spaces.")
    limits = limits_of(source)
    seen = seen_by(visibility)
    if limits.fits(text, seen, beside_pictures=beside_pictures):
        return None
    if limits.links_over(text):
        return too_many_links(limits)
    over = limits.length(text, seen) - limits.allowed(seen, beside_pictures=beside_pictures)
    if over > 0 and beside_pictures and limits.fits(text, seen):
        return _("Beside a picture the reply is %(over)d characters too long for this network.") % {"over": over}
    if over > 0 and limits.counted(seen) == "bytes":
        said = _("The reply is %(over)d bytes too long for this network: an accent takes two, an emoji four or more.")
        return said % {"over": over}
    if over > 0:
        return _("The reply is %(over)d characters too long for this network.") % {"over": over}
    return _("The reply is too long for this network, which counts bytes too: use fewer emoji and accents.")

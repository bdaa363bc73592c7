"""Pictures that go with a reply or a post of our own: drawn anew when they are attached, described before they leave.

They belong to their reply as its text does. Nobody but its author changes those of a draft (`agents.attaching`); an
approval binds them with what is said of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from agents import addresses
from agents.cases import Refused
from agents.models import Reply, ReplyPicture
from mentions import naming, networks, scrub
from mentions.models import Source
from mentions.pictures import Made, NotAPicture, to_send
from mentions.storable import clean_text

LONGEST_ALT: Final = 5_000
# As `mentions.pictures` says why it takes no picture.
_WHY: Final = {
    "it is not a picture of a kind that is read": gettext_lazy("It is no picture. JPEG, PNG, GIF and WebP are taken."),
    "it has too many pixels": gettext_lazy("It has too many pixels: make it smaller first."),
    "it is damaged": gettext_lazy("The file is damaged and cannot be read as a picture."),
}


class Unfit(Refused):
    """The pictures cannot leave as they are; said beside them."""


def drawn(body: bytes) -> Made:
    """What a file shows, as a picture of ours that may leave. Raises `Refused` with the reason."""
    try:
        return to_send(body)
    except NotAPicture as refused:
        raise Refused(str(_WHY.get(str(refused), refused))) from None


def of(reply: Reply | None) -> list[ReplyPicture]:
    """A reply's pictures without their bytes, in order; one that is not stored has none."""
    return list(reply.pictures.all()) if reply is not None and reply.pk is not None else []


def to_leave(reply: Reply) -> tuple[networks.Picture, ...]:
    """A reply's pictures as its network is given them."""
    return tuple(
        networks.Picture(bytes(one.body), one.type, one.width, one.height, one.alt)
        for one in reply.pictures.defer(None)
    )


def add(reply: Reply, made: Made, alt: str = "") -> None:
    """Put one more into a draft; the same again is the one that is there. Raises `Unfit` where that is too much."""
    standing, alt = of(reply), scrub.scrub(_tidy(alt)).text
    if there := next((one for one in standing if one.digest == made.digest), None):
        if alt:
            ReplyPicture.objects.filter(pk=there.pk).update(alt=alt)
        return
    row = ReplyPicture(
        reply=reply,
        body=made.body,
        type=made.type,
        width=made.width,
        height=made.height,
        size=len(made.body),
        digest=made.digest,
        alt=alt,
    )
    if (why := _unfit(reply.source, reply.visibility, [*standing, row])) is not None:
        raise Unfit(why)
    row.save()


def as_described(reply: Reply | None, said: Mapping[int, str] | None) -> list[ReplyPicture]:
    """A draft's pictures with what their author says of them now; nothing is stored.

    `said` is by the keys of those that the author had before their eyes, None if nothing was said. Raises `Refused` if
    the draft has others.
    """
    standing = of(reply)
    if said is None:
        return standing
    if set(said) != {one.pk for one in standing}:
        raise Unfit(_("The pictures of this draft were changed in another window: look at them again."))
    for one in standing:
        one.alt = _tidy(said[one.pk])
    return standing


def same(reply: Reply, said: Mapping[int, str] | None) -> bool:
    """Whether nothing else is said of a draft's pictures than before; of those that are not named nothing is."""
    return said is None or all(_tidy(said.get(one.pk, one.alt)) == one.alt for one in of(reply))


def keep(reply: Reply, shown: Sequence[ReplyPicture], *, scrubbed: bool = False) -> None:
    """Let a stored reply show just these, described so; what is another's picture is copied."""
    with transaction.atomic():
        mine = {one.pk: one for one in of(reply)}
        wanted = {one.pk for one in shown}
        reply.pictures.exclude(pk__in=wanted).delete()
        for one in shown:
            alt = scrub.scrub(one.alt).text if scrubbed else one.alt
            if one.pk not in mine:
                ReplyPicture.objects.create(reply=reply, alt=alt, **_copied(one))
            elif mine[one.pk].alt != alt:
                ReplyPicture.objects.filter(pk=one.pk).update(alt=alt)


def describe(reply: Reply, said: Mapping[int, str] | None) -> None:
    """Keep what is said of a draft's pictures so far, scrubbed; of one that was taken out meanwhile nothing."""
    if said is None:
        return
    for one in of(reply):
        alt = scrub.scrub(_tidy(said.get(one.pk, one.alt))).text
        if alt != one.alt:
            ReplyPicture.objects.filter(pk=one.pk).update(alt=alt)


def go_on(left: Reply, draft: Reply) -> None:
    """What is left behind keeps its pictures as they were, the draft that goes on has them under their old keys."""
    rows = of(left)
    ReplyPicture.objects.filter(pk__in=[one.pk for one in rows]).update(reply=draft)
    for one in rows:
        ReplyPicture.objects.create(reply=left, alt=one.alt, **_copied(one))


def join(other: Reply, reply: Reply, *, copied: bool = False) -> None:
    """Put the pictures of another draft below those of this one, or copies of them."""
    standing = {one.digest for one in of(reply)}
    for one in of(other):
        if one.digest in standing:
            continue
        if copied:
            ReplyPicture.objects.create(reply=reply, alt=one.alt, **_copied(one))
        else:
            ReplyPicture.objects.filter(pk=one.pk).update(reply=reply)


def require_fit(source: Source, visibility: str, shown: Sequence[ReplyPicture], *, as_template: bool = False) -> None:
    """Raises `Unfit` with the reason if these pictures would not leave as they are."""
    if as_template and shown:
        raise Unfit(_("It leaves as the variable of an approved text, which takes no pictures: take them out."))
    if (why := _unfit(source, visibility, shown)) is not None:
        raise Unfit(why)
    longest = addresses.limits_of(source).pictures.alt if shown else 0
    for number, one in enumerate(shown, start=1):
        if longest and not one.alt:
            raise Unfit(_("Say what picture %(n)d shows, for those who do not see it.") % {"n": number})
        if longest and len(one.alt) > longest:
            over = {"n": number, "over": len(one.alt) - longest}
            raise Unfit(_("What picture %(n)d shows is said in %(over)d characters too many for this network.") % over)


def words_only(source: Source, visibility: str) -> str:
    """That and why no picture goes with such a reply, in a sentence; empty where one does."""
    try:
        limits = addresses.limits_of(source)
    except networks.UnknownNetwork:
        return ""
    if limits.pictures.allowed(addresses.seen_by(visibility)) or not limits.allowed(addresses.seen_by(visibility)):
        return ""
    place = {"network": naming.network(source.network)}
    if limits.pictures.most or limits.pictures.private_most:
        said = (
            _("Public replies on %(network)s take words only.")
            if visibility == "public"
            else _("Private messages on %(network)s take words only.")
        )
        return said % place
    return _("%(network)s takes words only, no pictures.") % place


def _unfit(source: Source, visibility: str, shown: Sequence[ReplyPicture]) -> str | None:
    if not shown:
        return None
    limits = addresses.limits_of(source).pictures
    most = limits.allowed(addresses.seen_by(visibility))
    if not most:
        only = words_only(source, visibility) or _("No picture goes with this.")
        return _("%(why)s Take the pictures out.") % {"why": only}
    if len(shown) > most:
        return ngettext(
            "%(n)d picture at most goes with this on %(network)s.",
            "%(n)d pictures at most go with this on %(network)s.",
            most,
        ) % {"n": most, "network": naming.network(source.network)}
    if any(one.size > limits.max_bytes or one.type not in limits.kinds for one in shown):
        return _("%(network)s does not take a picture of this kind and size.") % {
            "network": naming.network(source.network)
        }
    return None


def _tidy(alt: str) -> str:
    return clean_text(alt).strip()[:LONGEST_ALT]


def _copied(one: ReplyPicture) -> dict[str, object]:
    return {name: getattr(one, name) for name in ("body", "type", "width", "height", "size", "digest")}

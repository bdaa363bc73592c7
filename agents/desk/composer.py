"""What may be written here: by whom, to whom, who can see it, how long, and what the guard says so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _

from agents import access, addresses, freeze, pictures, scrutiny
from agents.cases import Refused
from agents.desk import thread, words
from agents.desk.reading import Reading
from agents.desk.shown import Shown, shown
from agents.guard import Finding
from agents.models import Macro, Reply, User
from mentions import naming, networks
from mentions.models import Conversation, State, Visibility


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to answer: `why_not` says why it cannot be chosen, `window` how long the network leaves for it.

    `pictures` is how many go with it, `words_only` says why none does; `max_beside_pictures` is how long the text may
    be beside some. `counting` and `url_weight` are the network's, as `addresses.Counted` has them.
    """

    value: str
    title: str
    allowed: bool
    why_not: str | None
    audience: str
    account: str
    max: int
    window: words.Due | None = None
    pictures: int = 0
    max_beside_pictures: int = 0
    words_only: str = ""
    counting: str = "codepoints"
    url_weight: int | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """What stands in the textbox."""

    text: str = ""
    version: int = 0
    saved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Composer:
    """Where we write; see _composer.html."""

    mode: str
    modes: list[Mode]
    version: int
    target_id: int
    client_key: UUID
    draft: Draft
    findings: list[dict[str, Any]]
    outcome: str
    can_go_private: bool
    can_send: bool
    why_not: str | None
    undo_seconds: int
    macros: list[dict[str, Any]]
    colleagues: list[dict[str, str]]
    can_note: bool
    frozen: bool
    left: list[dict[str, Any]] = field(default_factory=list)
    returned: str = ""
    came_back: str = ""
    private_address: str = ""
    pictures: list[Shown] = field(default_factory=list)
    longest_alt: int = 0
    most_bytes: int = 0
    field_errors: dict[str, str] = field(default_factory=dict)


def composer(
    reading: Reading,
    *,
    mode: str = "",
    text: str | None = None,
    said: Mapping[int, str] | None = None,
    checked: bool = False,
) -> Composer | None:
    """The composer of a person for a conversation, or None where they only read.

    `text` and `said` of its pictures override the stored draft (what was just refused must not be lost); `checked`
    asks the guard.
    """
    conversation, user = reading.conversation, reading.user
    if not access.may(user, "work cases") or conversation.state == State.CLOSED:
        return None
    stored = reading.draft
    modes = [_mode(reading, Visibility.PUBLIC), _mode(reading, Visibility.PRIVATE)]
    allowed = [m.value for m in modes if m.allowed]
    wanted = mode or (stored.visibility if stored and stored.text else "") or conversation.visibility
    chosen = wanted if wanted in allowed or not allowed else allowed[0]
    words_now = text if text is not None else (stored.text if stored else "")
    why_not = _why_not(reading, allowed, modes)
    way = addresses.private_address(conversation.source) if Visibility.PUBLIC in allowed else ""
    pictured = pictures.of(stored)
    for one in pictured:
        one.alt = (said or {}).get(one.pk, one.alt)
    ask = checked and bool(words_now.strip() or pictured)
    verdict = scrutiny.check(conversation, words_now, chosen, by=user, shown=pictured) if ask else None
    findings = _findings(verdict.findings) if verdict else []
    return Composer(
        mode=chosen,
        modes=modes,
        version=conversation.version,
        target_id=conversation.last_mention_id,
        client_key=stored.client_key if stored else uuid4(),
        draft=Draft(words_now, stored.revision if stored else 0, reading.now if checked else None),
        findings=findings,
        outcome=verdict.outcome if verdict else "pass",
        can_go_private=chosen == Visibility.PUBLIC and Visibility.PRIVATE in allowed,
        can_send=why_not is None,
        why_not=why_not,
        undo_seconds=max(team.profile.undo_s for team in reading.teams),
        colleagues=[{"name": str(who), "username": who.username} for who in reading.colleagues if who.pk != user.pk],
        macros=_macros(reading, way),
        can_note=True,
        frozen=freeze.holds(),
        left=[_left(reply) for reply in reading.left],
        returned=stored.returned_reason if stored else "",
        came_back=reading.came_back,
        private_address=way,
        pictures=shown(pictured),
        longest_alt=_longest_alt(conversation),
        most_bytes=settings.PICTURE_BODY_LIMIT,
    )


def _left(reply: Reply) -> dict[str, Any]:
    """What a colleague began to write before somebody else had the conversation."""
    return {
        "id": reply.pk,
        "author": str(reply.author),
        "gone": not reply.author.is_active,
        "text": reply.text,
        "private": reply.visibility == Visibility.PRIVATE,
        "pictures": len(pictures.of(reply)),
    }


def _findings(found: Sequence[Finding]) -> list[dict[str, Any]]:
    """What the guard found; the same suggestion is made once, or it would hide what can be done about it."""
    told: list[dict[str, Any]] = []
    for f in found:
        fresh = all(f.suggestion != other.suggestion for other in found[: len(told)])
        told.append(
            {
                "action": f.action,
                "words": f.words,
                "message": f.message,
                "suggestion": f.suggestion if fresh else "",
                "rule": f.rule,
            }
        )
    return told


def why_read_only(conversation: Conversation, user: User) -> str:
    """Why there is no composer, in a sentence."""
    if conversation.state == State.CLOSED:
        return _("This conversation is closed. Reopen it to write.")
    return _("You can read this conversation; agents and supervisors answer.")


def _mode(reading: Reading, visibility: str) -> Mode:
    conversation = reading.conversation
    title = _("Public reply") if visibility == Visibility.PUBLIC else _("Private message")
    source = conversation.source
    account = naming.handle(source.handle) or source.name
    to = thread.writer(conversation.author).called
    try:
        address = addresses.address_of(reading.answerable, conversation, visibility)
    except Refused as refused:
        return Mode(visibility, title, False, str(refused), str(refused), account, 0)
    place = {"account": account, "to": to, "network": naming.network(source.network)}
    audience = (
        _("From %(account)s to %(to)s. Everyone on %(network)s can read this.")
        if visibility == Visibility.PUBLIC
        else _("From %(account)s to %(to)s. Only they can read this.")
    ) % place
    how = addresses.counted(source, visibility)
    if address.as_template(reading.now):
        name = str(source.settings.get("template", ""))
        audience += " " + _("A day has passed: it leaves as the variable of the template “%(name)s”, in one line.") % {
            "name": name
        }
        only = _("A template takes words only, no pictures.")
        return Mode(
            visibility,
            title,
            True,
            None,
            audience,
            account,
            address.limit,
            words_only=only,
            counting=how.counting,
            url_weight=how.url_weight,
        )
    left = words.ends(address.window.until, reading.now) if address.window is not None else None
    limits = addresses.limits_of(source)
    seen = addresses.seen_by(visibility)
    return Mode(
        visibility,
        title,
        True,
        None,
        audience,
        account,
        address.limit,
        left,
        limits.pictures.allowed(seen),
        limits.allowed(seen, beside_pictures=True),
        pictures.words_only(source, visibility),
        how.counting,
        how.url_weight,
    )


def _why_not(reading: Reading, allowed: list[str], modes: list[Mode]) -> str | None:
    if not allowed:
        return next(mode.why_not for mode in modes if mode.value == reading.conversation.visibility)
    if reading.owner is None:
        return _("Claim the conversation to answer it.")
    return None if reading.mine else _("%(who)s is answering this.") % {"who": reading.owner}


def _longest_alt(conversation: Conversation) -> int:
    try:
        return addresses.limits_of(conversation.source).pictures.alt
    except networks.UnknownNetwork:
        return 0


def _macros(reading: Reading, way: str) -> list[dict[str, Any]]:
    """Approved texts of the team that are still good, with what they need filled in."""
    conversation = reading.conversation
    current = Macro.objects.filter(Q(team=reading.teams[0]) | Q(team=None), approved_at__isnull=False).exclude(
        expires_at__lte=reading.now
    )
    name = conversation.author.name or conversation.author.handle
    names = {
        "name": name,
        "first_name": name.split()[0] if name else "",
        "handle": conversation.author.handle,
        "initials": words.initials(reading.user),
        "private_link": way,
    }
    filled = []
    # What is written in the customer's language comes first.
    for macro in sorted(current[:60], key=lambda macro: macro.language != conversation.language):
        text = macro.text
        for key, value in names.items():
            text = text.replace(f"{{{{ {key} }}}}", value)
        filled.append({"id": macro.pk, "title": macro.name, "text": text})
    return filled

"""The profiles that teams' replies are held to, as people change them: stricter by one, weaker by two."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agents import access, guard, proposals
from agents.guard import links
from agents.guard.verdict import STRENGTH
from agents.models import Proposal, RegulatoryProfile, TeamQueue, User
from mentions import editions, scrub
from mentions.editions import NotSaved
from mentions.models import Queue

SUBJECT: Final = "guard"
LONGEST_UNDO_S: Final = 120
ACTIONS: Final = {
    "block": gettext_lazy("block"),
    "approve": gettext_lazy("second person"),
    "warn": gettext_lazy("warn"),
    "off": gettext_lazy("off"),
}


def state(profile: RegulatoryProfile) -> dict[str, Any]:
    """A profile as an edition keeps it; actions are those that differ from the rules' own."""
    return {
        "name": profile.name,
        "actions": {key: action for key, action in sorted(profile.guard.items()) if key in guard.RULES},
        "hosts": sorted(profile.allowed_hosts),
        "branches": sorted(profile.branches),
        "phones": sorted(profile.phones),
        "undo_s": profile.undo_s,
        "four_eyes": profile.four_eyes,
    }


def policy(wanted: Mapping[str, Any], version: str = "draft") -> guard.GuardPolicy:
    """The guard's policy that a state stands for. Raises `NotSaved` for a rule or an action that does not exist."""
    try:
        return guard.GuardPolicy(
            actions=wanted["actions"],
            allowed_hosts=frozenset(wanted["hosts"]),
            branch_names=tuple(wanted["branches"]),
            allowed_phones=frozenset(wanted["phones"]),
            version=version,
        )
    except ValueError as wrong:
        raise NotSaved(str(wrong)) from wrong


def weaker(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """In what the second lets more leave than the first, each as a sentence; empty if it is as strict everywhere."""
    old, new = policy(before), policy(after)
    found = [
        _("%(rule)s: %(before)s becomes %(after)s")
        % {"rule": rule.title, "before": ACTIONS[was], "after": ACTIONS[now]}
        for key, rule in guard.RULES.items()
        if STRENGTH[now := new.action(key)] < STRENGTH[was := old.action(key)]
    ]
    if more := sorted(new.hosts - old.hosts):
        found.append(_("links to %(hosts)s become allowed") % {"hosts": ", ".join(more)})
    if more := sorted(set(after["phones"]) - set(before["phones"])):
        found.append(_("the numbers %(phones)s become allowed") % {"phones": ", ".join(more)})
    if gone := sorted(set(before["branches"]) - set(after["branches"])):
        found.append(_("the branches %(branches)s are not looked for any more") % {"branches": ", ".join(gone)})
    if before["four_eyes"] and not after["four_eyes"]:
        found.append(_("public replies leave without a second person"))
    if after["undo_s"] < before["undo_s"]:
        found.append(
            _("the time for undo falls from %(before)d to %(after)d seconds")
            % {"before": before["undo_s"], "after": after["undo_s"]}
        )
    return found


def as_strict(queue: Queue, than: Queue) -> bool:
    """Whether every team of a queue answers behind a guard that lets nothing more leave than that of another queue."""
    working = list(TeamQueue.objects.filter(queue__in=[queue, than]).select_related("team__profile"))
    before = [each for each in working if each.queue_id == than.pk]
    bound = [each for each in before if each.home] or before
    own = {each.team.profile for each in working if each.queue_id == queue.pk}
    return not any(weaker(state(old.team.profile), state(new)) for old in bound for new in own)


def save(
    profile: RegulatoryProfile, wanted: Mapping[str, Any], *, by: User, seen: int | None, now: datetime | None = None
) -> Proposal | None:
    """Hold replies to this from now on. What is weaker waits as a proposal, which is returned. Raises `NotSaved`."""
    access.require(by, "set up")
    moment = now or timezone.now()
    kept = _checked(wanted)
    with transaction.atomic():
        editions.lock(SUBJECT, profile.pk, seen=seen)
        row = RegulatoryProfile.objects.select_for_update().get(pk=profile.pk)
        if proposals.needed() and weaker(state(row), kept):
            change = {"wanted": kept, "edition": editions.number(SUBJECT, row.pk)}
            return proposals.ask(Proposal.Kind.GUARD, row.pk, change, by=by, now=moment)
        _apply(row, kept, by.pk, moment)
    return None


def copy(profile: RegulatoryProfile | None, name: str, *, by: User, now: datetime | None = None) -> RegulatoryProfile:
    """A new profile as strict as another, or with every rule as it comes; what is to be weaker is changed after it.

    Where two have to agree only the first one is made as the rules come. Raises `NotSaved`.
    """
    access.require(by, "set up")
    moment = now or timezone.now()
    title = scrub.typed(name, 80)
    if not title or RegulatoryProfile.objects.filter(name__iexact=title).exists():
        raise NotSaved(_("Give it a name that no other has."))
    if profile is None and proposals.needed() and RegulatoryProfile.objects.exists():
        # As they come the rules may be weaker than those that two agreed to, and any team could be held to them.
        raise NotSaved(_("Choose the one that it is as strict as; what is to be weaker takes two."))
    base = slugify(title)[:32] or "profile"
    taken = RegulatoryProfile.objects.filter(slug__startswith=base).count()
    with transaction.atomic():
        row = RegulatoryProfile(slug=f"{base}-{taken + 1}" if taken else base, name=title)
        if profile is not None:
            for field in ("guard", "allowed_hosts", "branches", "phones", "undo_s", "four_eyes", "clocks"):
                setattr(row, field, getattr(profile, field))
        row.save()
        editions.keep(SUBJECT, row.pk, before=None, after=state(row), what="made", by=by.pk, now=moment)
    return row


def _agreed(proposal: Proposal, by: User, now: datetime) -> str:
    editions.lock(SUBJECT, proposal.subject, seen=proposal.change["edition"])
    row = RegulatoryProfile.objects.select_for_update().get(pk=proposal.subject)
    _apply(row, proposal.change["wanted"], proposal.asked_by_id, now, agreed_by=by.pk)
    return ""


def _apply(row: RegulatoryProfile, wanted: Mapping[str, Any], by: int, now: datetime, **about: Any) -> None:
    before = state(row)
    if before == wanted:
        return
    row.name, row.guard = wanted["name"], dict(wanted["actions"])
    row.allowed_hosts, row.branches, row.phones = wanted["hosts"], wanted["branches"], wanted["phones"]
    row.undo_s, row.four_eyes = wanted["undo_s"], wanted["four_eyes"]
    row.version += 1
    row.save()
    what = "agreed" if about else "changed"
    editions.keep(SUBJECT, row.pk, before=before, after=state(row), what=what, by=by, now=now, **about)


def _checked(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The state with its lists tidied. Raises `NotSaved` for what makes no sense."""
    policy(wanted)
    hosts = sorted({scrub.typed(host, 120).lower().rstrip(".") for host in wanted["hosts"]} - {""})
    for host in hosts:
        if "/" in host or "." not in host or " " in host or not links.normal_hosts(frozenset({host})):
            raise NotSaved(_("“%(host)s” is no host name: write it like www.bank.example.") % {"host": host})
    name = scrub.typed(wanted["name"], 80)
    if not name:
        raise NotSaved(_("Give it a name."))
    if not 0 <= wanted["undo_s"] <= LONGEST_UNDO_S:
        raise NotSaved(_("The time for undo is 0 to %(most)d seconds.") % {"most": LONGEST_UNDO_S})
    defaults = {key: rule.default for key, rule in guard.RULES.items()}
    for key, action in wanted["actions"].items():
        if STRENGTH[action] < STRENGTH[guard.RULES[key].floor]:
            raise NotSaved(_("“%(rule)s” cannot be weaker than that.") % {"rule": guard.RULES[key].title})
    return {
        "name": name,
        "actions": {key: its for key, its in sorted(wanted["actions"].items()) if its != defaults[key]},
        "hosts": hosts,
        "branches": sorted({scrub.typed(each, 120) for each in wanted["branches"]} - {""}),
        "phones": sorted({scrub.typed(each, 32) for each in wanted["phones"]} - {""}),
        "undo_s": wanted["undo_s"],
        "four_eyes": wanted["four_eyes"],
    }


proposals.APPLY[Proposal.Kind.GUARD] = _agreed

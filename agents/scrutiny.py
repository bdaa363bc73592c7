"""What stands between words and the world: the guard under a team's policy, and the second person's word.

Asked when a reply is written, when it is submitted, and again in the moment in which it leaves.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, timedelta
from functools import reduce
from typing import Any

from agents import access, addresses, guard, pictures
from agents.models import Reply, ReplyPicture, ReplyState, Team, User
from mentions.models import Conversation, Source, Visibility

_DIGITS = re.compile(r"\d")
_LONG = re.compile(r"(?:\d\D{0,3}){5}")


def check(
    conversation: Conversation, text: str, visibility: str, *, by: User, shown: Sequence[ReplyPicture] = ()
) -> guard.Verdict:
    """What the guard says of a text and its pictures in this place, under the policy of the person's team."""
    return guard.check(
        guard.Draft(
            text=text,
            visibility="public" if visibility == Visibility.PUBLIC else "private",
            network=conversation.source.network,
            handle=conversation.author.handle,
            addresses_allowed=_ways_to_us(conversation.source, visibility),
            pictures=tuple(one.alt for one in shown),
        ),
        _policies(teams_binding(conversation, by)),
    )


def teams_binding(conversation: Conversation, by: User) -> list[Team]:
    """The teams whose regulatory profiles bind what this person answers here, the strictest of each rule: that of the
    queue it is in, and of the stricter one that a person handed it over from.
    """
    queues = [conversation.queue, *([conversation.guarded_in] if conversation.guarded_in is not None else [])]
    return [access.guarded_by(by, queue) for queue in queues]


def _policies(teams: Sequence[Team]) -> guard.GuardPolicy:
    return reduce(guard.GuardPolicy.and_also, map(policy, teams))


def examine(reply: Reply, text: str, *, by: User, shown: Sequence[ReplyPicture] = ()) -> guard.Verdict:
    """What the guard says of words and pictures in the place of this reply or post of our own, under today's policy."""
    if reply.conversation is not None:
        return check(reply.conversation, text, reply.visibility, by=by, shown=shown)
    draft = guard.Draft(
        text=text,
        visibility="public",
        network=reply.source.network,
        handle="",
        addresses_allowed=_ways_to_us(reply.source, Visibility.PUBLIC),
        pictures=tuple(one.alt for one in shown),
    )
    return guard.check(draft, policy(reply.original.team))


def _ways_to_us(source: Source, visibility: str) -> frozenset[str]:
    """The addresses by which a reader of something public writes to this account in private."""
    way = addresses.private_address(source) if visibility == Visibility.PUBLIC else ""
    return frozenset({way} if way else ())


def undo_time(reply: Reply, by: User) -> timedelta:
    """How long what this person sends here can be taken back: the longest of the teams that bind it."""
    teams = [reply.original.team] if reply.conversation is None else teams_binding(reply.conversation, by)
    return timedelta(seconds=max(team.profile.undo_s for team in teams))


def needs_second(reply: Reply, verdict: guard.Verdict, by: User) -> bool:
    """Whether it leaves only with another person's approval. What answers nobody always does."""
    if reply.conversation is None or verdict.outcome == "approve":
        return True
    four_eyes = any(team.profile.four_eyes for team in teams_binding(reply.conversation, by))
    return four_eyes and reply.visibility == Visibility.PUBLIC


def policy(team: Team) -> guard.GuardPolicy:
    """The guard's policy that a team's regulatory profile holds."""
    profile = team.profile
    return guard.GuardPolicy(
        actions=profile.guard,
        allowed_hosts=frozenset(profile.allowed_hosts),
        branch_names=tuple(profile.branches),
        allowed_phones=frozenset(profile.phones),
        version=f"{profile.slug} v{profile.version}",
    )


def digest_of(reply: Reply) -> str:
    """What an approval binds: text, pictures with what is said of them, account and who can see it; of an answer its
    target, of a post its time.
    """
    bound: list[Any] = [reply.text, reply.source_id, reply.source.handle]
    bound.append([[one.digest, one.alt] for one in pictures.of(reply)])
    if reply.target is not None:
        bound += [reply.target.external_id, reply.visibility]
    else:
        leave_at = reply.original.leave_at
        bound += ["post", leave_at.astimezone(UTC).isoformat() if leave_at else None]
    return hashlib.sha256(json.dumps(bound).encode()).hexdigest()


def cleared(reply: Reply) -> str:
    """Where a held reply goes in the moment of sending: `sending`, or back for approval or to its author.

    The guard is asked again, with today's policy; what it wants approved leaves only with an approval of
    exactly this text and these pictures.
    """
    verdict = examine(reply, reply.text, by=reply.author, shown=pictures.of(reply))
    judge(reply, verdict)
    if verdict.outcome == "block":
        return ReplyState.DRAFT
    if needs_second(reply, verdict, reply.author) and not _approved(reply):
        return ReplyState.AWAITING_APPROVAL
    return ReplyState.SENDING


def _approved(reply: Reply) -> bool:
    """Whether a second person has approved just this, and nobody has taken it back since."""
    said = reply.approvals.filter(approved=True, digest=digest_of(reply))
    return said.filter(at__gte=reply.submitted_at).exists() if reply.conversation is None else said.exists()


def judge(reply: Reply, verdict: guard.Verdict) -> None:
    """Write down what the guard found and what an approval would bind; not saved."""
    reply.findings, reply.guard_version = kept(verdict), verdict.version
    reply.digest = digest_of(reply)


def kept(verdict: guard.Verdict) -> list[dict[str, Any]]:
    """What the guard found, as it is stored."""
    found = [asdict(finding) for finding in verdict.findings]
    for finding in found:
        # A part of a number is no number to the scrubber, and still not ours to keep.
        finding["words"] = _DIGITS.sub("•", finding["words"]) if _LONG.search(finding["words"]) else finding["words"]
    return found

"""Who else looks at a conversation right now, and who is writing in it.

A hint in Valkey, forgotten within a minute and lost without harm. It gives nobody a right: owning a conversation is
`agents.cases`' affair.
"""

from __future__ import annotations

import logging
import time
from typing import Final

from django.utils.translation import gettext as _
from redis import RedisError

from agents.models import User
from mentions.live import valkey
from mentions.models import Conversation

log = logging.getLogger(__name__)

KEPT_S: Final = 40  # a console says every fifteen seconds that it is still open, see console.js
AT_MOST: Final = 5  # names; a crowd needs no list


def look(conversation: Conversation, user: User, *, writing: bool = False) -> list[str]:
    """Note that this person looks, or writes, and say who else does, in words and by name."""
    looking, at_work = _noted(conversation.pk, user.pk, writing=writing)
    others = (looking | at_work) - {user.pk}
    if not others:
        return []
    people = User.objects.filter(pk__in=others, is_active=True).order_by("pk")[:AT_MOST]
    return [_("%(name)s is writing") % {"name": who} if who.pk in at_work else str(who) for who in people]


def _noted(conversation: int, user: int, *, writing: bool) -> tuple[set[int], set[int]]:
    """Who looks and who writes, by key, once this person's own notes are made or taken away."""
    now = time.time()
    here, at_work = f"here/{conversation}", f"here/{conversation}/writing"
    try:
        pipe = valkey().pipeline()
        for key, present in ((here, True), (at_work, writing)):
            if present:
                pipe.zadd(key, {str(user): now})
                pipe.expire(key, KEPT_S)
            else:
                pipe.zrem(key, str(user))
        pipe.zrangebyscore(here, now - KEPT_S, "+inf")
        pipe.zrangebyscore(at_work, now - KEPT_S, "+inf")
        looking, busy = pipe.execute()[-2:]
    except RedisError as error:
        log.warning("nobody knows who looks: %s", type(error).__name__)
        return set(), set()
    return {int(member) for member in looking}, {int(member) for member in busy}

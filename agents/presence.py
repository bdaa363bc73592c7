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
    looking = _noted(f"here/{conversation.pk}", user.pk, present=True)
    at_work = _noted(f"here/{conversation.pk}/writing", user.pk, present=writing)
    others = (looking | at_work) - {user.pk}
    if not others:
        return []
    people = User.objects.filter(pk__in=others, is_active=True).order_by("pk")[:AT_MOST]
    return [_("%(name)s is writing") % {"name": who} if who.pk in at_work else str(who) for who in people]


def _noted(key: str, user: int, *, present: bool) -> set[int]:
    """Whose notes stand under this key, once this person's is made or taken away."""
    now = time.time()
    try:
        pipe = valkey().pipeline()
        if present:
            pipe.zadd(key, {str(user): now})
            pipe.expire(key, KEPT_S)
        else:
            pipe.zrem(key, str(user))
        pipe.zrangebyscore(key, now - KEPT_S, "+inf")
        return {int(member) for member in pipe.execute()[-1]}
    except RedisError as error:
        log.warning("nobody knows who looks: %s", type(error).__name__)
        return set()

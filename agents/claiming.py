"""The claim, as one prepared statement: the conversation, its case and the event, or nothing.

Fifty people who claim at once wait for nobody: each takes a row that no other has locked. Nobody has it before it came
into its queue, though their clock was read before the one who put it back was done. What a claim means for the one who
comes second, and who may claim at all, is said in `agents.cases`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any

import psycopg
from django.db import connection

from agents import access
from agents.models import Case, User

_CLAIM = """
WITH won AS (
    UPDATE mentions_conversation SET state = 'claimed', returned = false, version = version + 1
    WHERE id = {which}
    RETURNING id, queue_id, queued_at, origin, version, greatest(%(now)s, queued_at) AS claimed_at
), made AS (
    INSERT INTO agents_case (conversation_id, owner_id, team_id, queue_id, queued_at, claimed_at, lease_until,
                             outcome, focus_s)
    SELECT won.id, %(owner)s, (SELECT team_id FROM agents_teamqueue t WHERE t.queue_id = won.queue_id AND t.home),
           won.queue_id, won.queued_at, won.claimed_at, %(lease)s, '', 0
    FROM won RETURNING {columns}
), told AS (
    INSERT INTO mentions_event (kind, at, origin, actor, actor_id, conversation_id, queue_id, case_id, data)
    SELECT 'case.claimed', won.claimed_at, won.origin, 'person', %(owner)s, won.id, won.queue_id, made.id,
           jsonb_build_object('version', won.version)
    FROM won JOIN made ON made.conversation_id = won.id
)
SELECT {columns} FROM made
"""
_THIS = "%(conversation)s AND state = 'waiting'"
# What a person has just put back for somebody else.
_NOT_RETURNED = """AND NOT EXISTS (
            SELECT FROM agents_case k WHERE k.conversation_id = mentions_conversation.id AND k.owner_id = %(owner)s
            AND k.outcome = 'released' AND k.ended_at > %(now)s - interval '30 minutes')"""
_NEXT = f"""(
    SELECT c.id FROM (
        SELECT w.id FROM ({access.WORKED_QUEUES}) w WHERE %(only)s::bigint[] IS NULL OR w.id = ANY(%(only)s)
    ) q, LATERAL (
        SELECT id, returned, due_at, priority FROM mentions_conversation
        WHERE queue_id = q.id AND state = 'waiting' AND origin = 'live' AND actionable IS NOT FALSE {{but}}
        ORDER BY returned DESC, due_at NULLS LAST, priority, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    ) c ORDER BY c.returned DESC, c.due_at NULLS LAST, c.priority, c.id LIMIT 1
)"""


_NEXT_OF_OTHERS, _NEXT_OF_ANY = _NEXT.format(but=_NOT_RETURNED), _NEXT.format(but="")


def this(conversation_id: int, *, by: User, now: datetime, lease_until: datetime) -> Case | None:
    """Claim this conversation; None if it does not wait for anybody."""
    return _claim(_THIS, by, now, lease_until, conversation=conversation_id)


def most_urgent(queues: Sequence[int] | None, *, by: User, now: datetime, lease_until: datetime) -> Case | None:
    """Claim what is due first in these queues, or in all that the person works; None if nothing waits there.

    What they have put back themselves in the last half hour comes after everything else.
    """
    only = list(queues) if queues is not None else None
    others = _claim(_NEXT_OF_OTHERS, by, now, lease_until, only=only)
    return others or _claim(_NEXT_OF_ANY, by, now, lease_until, only=only)


def _claim(which: str, by: User, now: datetime, lease_until: datetime, **values: Any) -> Case | None:
    statement, names = _prepared(which)
    connection.ensure_connection()
    # Planning costs as much as doing it: it is prepared at once, and read in PostgreSQL's own form.
    with psycopg.Cursor(connection.connection) as cursor:
        told = {"owner": by.pk, "now": now, "lease": lease_until, **values}
        cursor.execute(statement, told, prepare=True, binary=True)
        row = cursor.fetchone()
    return Case.from_db(connection.alias, names, row) if row else None


@cache
def _prepared(which: str) -> tuple[str, list[str]]:
    """The statement that claims what `which` names, and the names of what it returns."""
    fields = Case._meta.concrete_fields  # noqa: SLF001  the documented model _meta API
    columns = ", ".join(str(field.column) for field in fields)
    return _CLAIM.format(which=which, columns=columns), [field.attname for field in fields]

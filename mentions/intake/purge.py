"""What a deletion takes: every stored copy of a post's words, wherever one of our tables keeps one.

Figures, identifiers and labels stay. Whoever must keep the words under a legal hold copies them first.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mentions import holds
from mentions.pictures import keeping
from mentions.posts import Operation

_TABLES = ("mentioncontent", "rawrecord", "mentionversion", "searchentry", "heard")


def purge(cursor: Any, mention_id: int) -> None:
    """Delete the words of one mention, inside the deletion's transaction."""
    holds.before_purge([mention_id])
    for table in _TABLES:
        cursor.execute(f"DELETE FROM mentions_{table} WHERE mention_id = %s", [mention_id])
    keeping.purge(cursor, mention_id)


def traces(cursor: Any, deletions: Sequence[Operation]) -> None:
    """Take the words of deleted posts from where others keep them, whether we ever stored them as mentions or not.

    Those are posts that quote them, posts beside which they stand, edits that waited for them, and refused input.
    """
    if not deletions:
        return
    keys = [[o.network for o in deletions], [o.external_id for o in deletions]]
    gone = "unnest(%s::text[], %s::text[]) AS k(network, external_id)"
    cursor.execute(
        f"UPDATE mentions_beside b SET state = 'gone', text = '', author_handle = '', author_name = '', url = '', "
        f"next_at = NULL FROM {gone} WHERE b.network = k.network AND b.external_id = k.external_id",
        keys,
    )
    cursor.execute(
        f"DELETE FROM mentions_pendingoperation p USING {gone} WHERE p.network = k.network "
        "AND p.external_id = k.external_id AND p.op <> 'delete' AND p.drill IS NULL",
        keys,
    )
    cursor.execute(
        f"DELETE FROM mentions_reject r USING {gone} JOIN mentions_source s ON s.network = k.network "
        "WHERE r.source_id = s.id AND r.external_id = k.external_id AND r.external_id <> ''",
        keys,
    )
    cursor.execute(
        f"SELECT c.mention_id FROM mentions_mentioncontent c JOIN mentions_mention m ON m.id = c.mention_id "
        f"JOIN mentions_rawrecord r ON r.mention_id = c.mention_id JOIN {gone} ON k.network = m.network "
        "AND k.external_id = r.body->'quoted'->>'external_id' WHERE c.quoted <> ''",
        keys,
    )
    if quoting := [mention for (mention,) in cursor.fetchall()]:
        cursor.execute("UPDATE mentions_mentioncontent SET quoted = '' WHERE mention_id = ANY(%s)", [quoting])
        cursor.execute(
            "UPDATE mentions_rawrecord SET body = body #- '{quoted,text}' #- '{quoted,author}' "
            "WHERE mention_id = ANY(%s)",
            [quoting],
        )


def gone(cursor: Any, keys: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of the posts, by network and external id, whose deletion was told, stored or not."""
    same = "t.network = k.network AND t.external_id = k.external_id"
    cursor.execute(
        "SELECT k.network, k.external_id FROM unnest(%s::text[], %s::text[]) AS k(network, external_id) WHERE "
        f"EXISTS (SELECT FROM mentions_mention t WHERE {same} AND t.drill IS NULL AND t.deleted_at IS NOT NULL) "
        f"OR EXISTS (SELECT FROM mentions_ownpost t WHERE {same} AND t.deleted_at IS NOT NULL) "
        f"OR EXISTS (SELECT FROM mentions_pendingoperation t WHERE {same} AND t.drill IS NULL "
        "AND t.source_id IS NULL AND t.op = 'delete')",
        [[network for network, _ in keys], [external_id for _, external_id in keys]],
    )
    return set(cursor.fetchall())

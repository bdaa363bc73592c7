"""Authors as posts tell of them: stored, refreshed, and locked while what they wrote is written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from mentions import bulk
from mentions.intake.prepare import Clean
from mentions.intake.store import Key


class StoredAuthor(NamedTuple):
    """An author's key, and whether this batch saw it first."""

    id: int
    fresh: bool


# What a post says of an author who is known already; some networks tell of one only now and then.
_TOLD: Final = {
    "handle": "coalesce(nullif(EXCLUDED.handle, ''), mentions_author.handle)",
    "name": "coalesce(nullif(EXCLUDED.name, ''), mentions_author.name)",
    "followers": "coalesce(EXCLUDED.followers, mentions_author.followers)",
    "verified": "coalesce(EXCLUDED.verified, mentions_author.verified)",
    "avatar_url": "coalesce(nullif(EXCLUDED.avatar_url, ''), mentions_author.avatar_url)",
}


def keep(
    cursor: Any, posts: Sequence[Clean], now: datetime, *, hearsay: Sequence[Clean] = ()
) -> dict[Key, StoredAuthor]:
    """Store or refresh the posts' authors and lock their rows until the transaction ends.

    What is known outlives a post that does not say it, and what others than their network say: such `hearsay` counts of
    authors who are new.
    """
    newest = {(c.post.network, c.post.author.id): c.post.author for c in (*hearsay, *posts)}
    keys = sorted(newest)
    people = [newest[key] for key in keys]
    unsaid = newest.keys() - {(c.post.network, c.post.author.id) for c in posts}
    said = _TOLD
    if unsaid:
        said = {
            column: f"CASE WHEN EXCLUDED.network || ' ' || EXCLUDED.external_id = ANY(%(unsaid)s::text[]) "
            f"THEN mentions_author.{column} ELSE {told} END"
            for column, told in _TOLD.items()
        }
    cursor.execute(
        "INSERT INTO mentions_author (network, external_id, handle, name, followers, verified, avatar_url, "
        "account_created_at, first_seen_at) "
        "SELECT *, %(now)s::timestamptz FROM unnest(%(networks)s::text[], %(ids)s::text[], %(handles)s::text[], "
        "%(names)s::text[], %(followers)s::bigint[], %(verified)s::bool[], %(pictures)s::text[], "
        "%(created)s::timestamptz[]) ON CONFLICT (network, external_id) DO UPDATE SET "
        + ", ".join(f"{column} = {told}" for column, told in said.items())
        + " RETURNING network, external_id, id, (xmax = 0)",
        {
            "now": now,
            "networks": bulk.array([network for network, _ in keys]),
            "ids": bulk.array([external_id for _, external_id in keys]),
            "handles": bulk.array([person.handle for person in people]),
            "names": bulk.array([person.name for person in people]),
            "followers": bulk.array([person.followers for person in people]),
            "verified": bulk.array([person.verified for person in people]),
            "pictures": bulk.array([person.avatar_url or "" for person in people]),
            "created": bulk.array([person.created_at for person in people]),
            "unsaid": bulk.array([f"{network} {external_id}" for network, external_id in unsaid]),
        },
    )
    return {(network, key): StoredAuthor(pk, fresh) for network, key, pk, fresh in cursor.fetchall()}

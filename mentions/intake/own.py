"""What our own accounts wrote: kept apart from mentions, for the comparison with what was sent from here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from mentions import events
from mentions.events import Fact
from mentions.intake.prepare import Clean
from mentions.models import OwnPost
from mentions.posts import Operation, Post, unspelled

Key = tuple[str, str]

# Right after connecting, a network tells what is older than the connection. Later, an old date is only a claim.
SETTLING_IN = timedelta(days=1)
_REACHES: Final = ("", *OwnPost.Reach.values)  # each further than the one before
_FURTHER: Final = (
    "array_position(%(reaches)s::text[], excluded.reached::text) > "
    "array_position(%(reaches)s::text[], mentions_ownpost.reached::text)"
)


def keep(cursor: Any, written: Sequence[tuple[Clean, int]], now: datetime) -> set[Key]:
    """Store posts with the source whose account wrote each; returns those that were not stored yet.

    A new one is an event, by which whoever compares hears of it; so is one that is heard of again because it never
    reached whom it was for, or, where it is known as ours, because it got further.
    """
    if not written:
        return set()
    once: dict[Key, tuple[Post, int]] = {}
    reached: dict[Key, str] = {}
    for clean, account in written:
        key = (clean.post.network, clean.post.external_id)
        if key not in once or _told(clean.post, "refused", 1):
            once[key] = (clean.post, account)
        reached[key] = max(reached.get(key, ""), _reach(clean.post), key=_REACHES.index)
    posts = [post for post, _ in once.values()]
    cursor.execute(
        "INSERT INTO mentions_ownpost (source_id, network, external_id, account_id, kind, visibility, in_reply_to, "
        "thread, url, text, client_key, refused, reached, network_at, received_at, compare_from, verdict, explanation) "
        "SELECT p.source_id, p.network, p.external_id, p.account_id, p.kind, p.visibility, p.in_reply_to, p.thread, "
        "p.url, p.text, p.client_key, p.refused, p.reached, p.network_at, %(now)s, %(now)s, "
        "CASE WHEN p.network_at < s.created_at AND s.created_at > %(now)s - %(settling)s "
        "THEN 'earlier' ELSE 'new' END, '' "
        "FROM unnest(%(sources)s::bigint[], %(networks)s::text[], %(ids)s::text[], %(accounts)s::text[], "
        "%(kinds)s::text[], %(visibilities)s::text[], %(parents)s::text[], %(threads)s::text[], "
        "%(urls)s::text[], %(texts)s::text[], %(keys)s::text[], %(refused)s::text[], %(reached)s::text[], "
        "%(times)s::timestamptz[]) AS p(source_id, network, external_id, account_id, kind, visibility, in_reply_to, "
        "thread, url, text, client_key, refused, reached, network_at) "
        "JOIN mentions_source s ON s.id = p.source_id ORDER BY p.network, p.external_id "
        "ON CONFLICT (network, external_id) DO UPDATE SET refused = excluded.refused, "
        f"reached = CASE WHEN {_FURTHER} THEN excluded.reached ELSE mentions_ownpost.reached END, "
        "verdict = CASE WHEN mentions_ownpost.verdict = 'ours' OR excluded.refused <> '' THEN 'new' "
        "ELSE mentions_ownpost.verdict END, compare_from = excluded.compare_from "
        f"WHERE mentions_ownpost.refused = '' AND (excluded.refused <> '' OR {_FURTHER}) "
        "RETURNING id, network, external_id, source_id, verdict, network_at",
        {
            "now": now,
            "settling": SETTLING_IN,
            "sources": [source for _, source in once.values()],
            "networks": [post.network for post in posts],
            "ids": [post.external_id for post in posts],
            "accounts": [post.author.id for post in posts],
            "kinds": [post.kind for post in posts],
            "visibilities": [post.visibility for post in posts],
            "parents": [post.in_reply_to for post in posts],
            "threads": [post.conversation_id for post in posts],
            "urls": [post.url or "" for post in posts],
            "texts": [post.text for post in posts],
            "keys": [unspelled(_told(post, "client_key", 64)) for post in posts],
            "refused": [_told(post, "refused", 300) for post in posts],
            "reached": [reached[key] for key in once],
            "reaches": list(_REACHES),
            "times": [post.created_at for post in posts],
        },
    )
    rows = cursor.fetchall()
    events.record_many(
        [
            Fact("source.own_post", min(at, now), events.NETWORK, source_id=source, data={"own_post": pk})
            for pk, _, _, source, verdict, at in rows
            if verdict == "new"
        ]
    )
    return {(network, external_id) for _, network, external_id, _, _, _ in rows}


def reached(
    cursor: Any,
    network: str,
    ids: Sequence[str],
    *,
    thread: str,
    until: datetime | None,
    reach: str,
    now: datetime,
) -> None:
    """A network says how far messages of ours got: those of these identifiers, or all of a thread up to a time.

    Of what is known as ours whoever compares hears, as in `keep`.
    """
    if reach not in OwnPost.Reach.values:
        return
    cursor.execute(
        "UPDATE mentions_ownpost SET reached = %(reach)s, compare_from = %(now)s, "
        "verdict = CASE WHEN verdict = 'ours' THEN 'new' ELSE verdict END "
        "WHERE network = %(network)s AND visibility = 'private' AND refused = '' "
        "AND array_position(%(reaches)s::text[], %(reach)s::text) > "
        "array_position(%(reaches)s::text[], reached::text) "
        "AND (external_id = ANY(%(ids)s::text[]) OR (thread = %(thread)s AND network_at <= %(until)s)) "
        "RETURNING id, source_id, verdict, network_at",
        {
            "reach": reach,
            "now": now,
            "network": network,
            "reaches": list(_REACHES),
            "ids": list(ids),
            "thread": thread or None,
            "until": until,
        },
    )
    events.record_many(
        [
            Fact("source.own_post", min(at, now), events.NETWORK, source_id=source, data={"own_post": pk})
            for pk, source, verdict, at in cursor.fetchall()
            if verdict == "new"
        ]
    )


def _reach(post: Post) -> str:
    told = _told(post, "reached", 20)
    return told if told in _REACHES else ""


def _told(post: Post, name: str, longest: int) -> str:
    """What a connector says beyond the form: our own key, or why nobody got it."""
    value = (post.raw or {}).get(name)
    return value[:longest] if isinstance(value, str) else ""


def change(cursor: Any, operations: Sequence[Operation], now: datetime) -> dict[int, bool]:
    """Apply the operations that concern our own posts; by their place in the list, whether each did something.

    A changed text is compared anew, since a foreign hand edits as well as it writes.
    """
    if not operations:
        return {}
    cursor.execute(
        "SELECT o.network, o.external_id FROM unnest(%s::text[], %s::text[]) AS k(network, external_id) "
        "JOIN mentions_ownpost o ON o.network = k.network AND o.external_id = k.external_id",
        [[o.network for o in operations], [o.external_id for o in operations]],
    )
    ours = set(cursor.fetchall())
    done: dict[int, bool] = {}
    for place, operation in enumerate(operations):
        if (operation.network, operation.external_id) not in ours:
            continue
        if operation.op not in ("edit", "delete"):
            done[place] = False
            continue
        if operation.op == "delete":
            cursor.execute(
                "UPDATE mentions_ownpost SET deleted_at = %s, text = '' "
                "WHERE network = %s AND external_id = %s AND deleted_at IS NULL",
                [now, operation.network, operation.external_id],
            )
        else:
            cursor.execute(
                "UPDATE mentions_ownpost SET text = %s, edited_at = %s, compare_from = %s, "
                "verdict = CASE WHEN text = %s THEN verdict ELSE 'new' END "
                "WHERE network = %s AND external_id = %s AND deleted_at IS NULL "
                "AND (edited_at IS NULL OR edited_at < %s)",
                [
                    *(operation.text, operation.edited_at, now, operation.text),
                    *(operation.network, operation.external_id, operation.edited_at),
                ],
            )
        done[place] = cursor.rowcount > 0
    return done

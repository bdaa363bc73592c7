"""Where pictures stay: in the database, once each, for as long as a row shows them.

Whoever keeps and whoever lets go both lock the picture's row first, so that one is never deleted while another begins
to show it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from mentions.models import Author, Media
from mentions.pictures.making import Made


def keep_media(pk: int, made: Made) -> bool:
    """Give a post its picture; False, and nothing is kept, if the post has been deleted meanwhile."""
    with transaction.atomic():
        _store(made)
        waiting = Media.objects.filter(pk=pk, state=Media.Fetch.PENDING)
        if waiting.update(state=Media.Fetch.KEPT, picture=made.digest, reason="", next_at=None):
            return True
        transaction.set_rollback(True)
    return False


def keep_avatar(pk: int, url: str, made: Made | None, refused: str = "") -> None:
    """Give an author the face of this address, or none with the reason; the one before it is let go."""
    with transaction.atomic():
        author = Author.objects.select_for_update().filter(pk=pk).first()
        if author is None or author.avatar_url != url:
            return
        before = author.avatar_id
        if made is not None:
            _store(made)
        Author.objects.filter(pk=pk).update(
            avatar=made.digest if made else None, avatar_asked=url, avatar_refused=refused[:120]
        )
        if before is not None and (made is None or made.digest != before):
            with connection.cursor() as cursor:
                let_go(cursor, [before])


def let_go(cursor: Any, digests: Sequence[str]) -> None:
    """Delete those of the pictures that nothing shows any more, in the caller's transaction."""
    if not digests:
        return
    wanted = sorted(set(digests))
    cursor.execute("SELECT digest FROM mentions_picture WHERE digest = ANY(%s) ORDER BY 1 FOR UPDATE", [wanted])
    cursor.execute(
        "DELETE FROM mentions_picture p WHERE p.digest = ANY(%s) "
        "AND NOT EXISTS (SELECT FROM mentions_media m WHERE m.picture_id = p.digest) "
        "AND NOT EXISTS (SELECT FROM mentions_author a WHERE a.avatar_id = p.digest)",
        [wanted],
    )


def purge(cursor: Any, mention_id: int) -> None:
    """Take a deleted post's pictures, and its author's face if no post of theirs is left, in the same transaction."""
    cursor.execute("DELETE FROM mentions_media WHERE mention_id = %s RETURNING picture_id", [mention_id])
    shown = [digest for (digest,) in cursor.fetchall() if digest is not None]
    # A row that somebody else writes is left alone: they store another post of this author.
    cursor.execute(
        "WITH gone AS (SELECT a.id, a.avatar_id FROM mentions_author a WHERE a.avatar_id IS NOT NULL "
        "AND a.id = (SELECT author_id FROM mentions_mention WHERE id = %(mention)s) AND NOT EXISTS (SELECT "
        "FROM mentions_mention m WHERE m.author_id = a.id AND m.id <> %(mention)s AND m.deleted_at IS NULL) "
        "FOR UPDATE OF a SKIP LOCKED) UPDATE mentions_author a SET avatar_id = NULL, avatar_url = '', "
        "avatar_asked = '' FROM gone WHERE a.id = gone.id RETURNING gone.avatar_id",
        {"mention": mention_id},
    )
    let_go(cursor, [*shown, *(digest for (digest,) in cursor.fetchall())])


def _store(made: Made) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO mentions_picture (digest, body, type, width, height, kept_at) VALUES (%s, %s, %s, %s, %s, %s) "
            "ON CONFLICT (digest) DO UPDATE SET kept_at = mentions_picture.kept_at",
            [made.digest, made.body, made.type, made.width, made.height, timezone.now()],
        )

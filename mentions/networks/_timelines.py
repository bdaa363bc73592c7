"""Mastodon's streams: server-sent events of what concerns our account, and of all that is public on its server.

The server names what was deleted by its own number alone, so the numbers of what was heard are kept in the cursor. It
keeps nothing of what nobody heard: whoever comes back asks for that.
"""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from mentions import connections
from mentions.networks import Account, Streamed, Wanted
from mentions.networks._answers import listened
from mentions.networks._clientapi import TITLE, edit_of, read
from mentions.networks._shapes import mapping, unread
from mentions.networks._statuses import KEY, OPEN, heard, text, uri

REMEMBERED: Final = 500
_READ: Final = frozenset({"update", "status.update", "notification"})
# Servers name the scheme of a websocket; the same address answers with server-sent events.
_OVER_HTTP: Final = {"wss": "https", "ws": "http"}


def server(account: Account) -> str:
    """Where the server streams, as it said when it was probed; nothing where it does not, or not as safely."""
    told = account.settings.get("streaming")
    if not isinstance(told, str) or "://" not in told:
        return ""
    scheme, _, rest = told.partition("://")
    scheme = _OVER_HTTP.get(scheme, scheme)
    # The token travels there: never in the clear from a server that is itself reached by https.
    if scheme != "https" and account.base_url.startswith("https://"):
        return ""
    return f"{scheme}://{rest.rstrip('/')}"


def hear(
    account: Account, name: str, cursor: Mapping[str, Any], wanted: Wanted, *, silence_s: float
) -> Generator[Streamed, None, None]:
    """The events of the timeline "user" or "public"."""
    numbers = {str(number): str(found) for number, found in mapping(cursor.get("numbers")).items()}
    incoming = connections.events(
        f"{server(account)}/api/v1/streaming/{name}",
        headers={"authorization": f"Bearer {account.secrets.get('token', '')}"},
        local=account.local,
        silence_s=silence_s,
    )
    for batch in listened(f"{TITLE}'s stream", incoming):
        items: list[dict[str, Any]] = []
        found: list[dict[str, Any]] = []
        for kind, data in batch:
            if kind == "delete" and data in numbers:
                items.append({"network": KEY, "external_id": numbers.pop(data), "op": "delete"})
            elif kind in _READ:
                told = _decoded(data)
                if told is None:
                    items.append(unread(KEY, data))
                    continue
                for status in heard([told]) if kind == "notification" else [told]:
                    taken = _taken(account, name, kind, status, wanted)
                    if taken is None:
                        continue
                    (found if name == "public" and "op" not in taken else items).append(taken)
                    # Only of what was passed on is it worth knowing the number.
                    numbers[str(status.get("id"))] = str(uri(status))
        numbers = dict([*numbers.items()][-REMEMBERED:])
        yield Streamed({"numbers": numbers}, tuple(items), tuple(found), len(batch))


def _taken(account: Account, name: str, kind: str, status: dict[str, Any], wanted: Wanted) -> dict[str, Any] | None:
    """What one status means: news for us, a change of something that is kept, something that may fit a search."""
    if kind != "update" and wanted.stored([str(uri(status))]):
        return edit_of(status, datetime.now(UTC))
    if kind == "notification":
        return read(account, status)
    if kind != "update":
        return None
    if name == "user":
        return read(account, status) if uri(mapping(status.get("account"))) == account.account_id else None
    if status.get("reblog"):
        return None
    words = text(status)
    fits = status.get("visibility") in OPEN and isinstance(words, str) and wanted.may_fit(words)
    return read(account, status) if fits else None


def _decoded(data: str) -> dict[str, Any] | None:
    try:
        told = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None

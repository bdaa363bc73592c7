"""How this installation connects to PostgreSQL, read from libpq addresses."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

JOB_TIMEOUT = "5min"
PLANNED_ANEW = 5  # times, before a statement is prepared
LIMITS = ("lock_timeout=15s", "idle_in_transaction_session_timeout=2min", "timezone=UTC")


def entry(url: str, options: dict[str, Any]) -> dict[str, Any]:
    """One entry of `DATABASES`. The host may be a folder of sockets, in the address or in its query."""
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or "") or dict(parse_qsl(parts.query)).get("host", ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def options(
    url: str, name: str = "glasshouse", *, pool: int = 0, timeout: str = JOB_TIMEOUT, prepares: bool = True
) -> dict[str, Any]:
    """What goes to libpq: the rest of the address's query, a name for the server's lists, and limits.

    `timeout` is for one statement, in PostgreSQL's words; `pool` is the most connections of a process that serves
    requests: under ASGI each runs in a thread of its own, where a persistent connection would not be found again.
    What `prepares` has PostgreSQL plan what is asked again and again once a connection, for some 20 MB of its memory
    each.
    """
    told: dict[str, Any] = {key: value for key, value in parse_qsl(urlsplit(url).query) if key != "host"}
    told["application_name"] = name
    told |= {"server_side_binding": True, "prepare_threshold": PLANNED_ANEW if prepares else None}
    told["options"] = " ".join(f"-c {limit}" for limit in (f"statement_timeout={timeout}", *LIMITS))
    if pool:
        told["pool"] = {"min_size": 1, "max_size": pool, "timeout": 5, "max_idle": 120}
    return told

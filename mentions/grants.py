"""What the application's database role may do, granted by the schema's owner after every migration."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections
from psycopg import sql

from mentions.events import COLUMNS

APPEND_ONLY = ("mentions_event", "mentions_seal", "mentions_edition")


def apply(*, using: str, **kwargs: Any) -> None:
    """Give the role of the `default` database its rights on everything that `using`'s role owns.

    Reading and writing everywhere, but no change or removal of events, seals and editions, their partitions
    included; an event's identifier and time of recording are never chosen, or one could take the place of another
    that comes later; making partitions only through the owner's function. Safe to run again.
    """
    role = settings.DATABASES["default"]["USER"]
    connection = connections[using]
    if role == connection.settings_dict["USER"]:
        return
    app = sql.Identifier(role)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.relname FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid "
            "WHERE c.relname = ANY(%s) OR i.inhparent = 'mentions_event'::regclass AND c.relkind = 'r'",
            [list(APPEND_ONLY)],
        )
        names = [name for (name,) in cursor.fetchall()]
        append_only = [sql.Identifier(name) for name in names]
        of_events = [sql.Identifier(name) for name in names if name.startswith("mentions_event")]
        for statement in (
            sql.SQL("GRANT USAGE ON SCHEMA public TO {app}"),
            sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {app}"),
            sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {app}"),
            sql.SQL(
                "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}"
            ),
            sql.SQL("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}"),
            sql.SQL("REVOKE UPDATE, DELETE, TRUNCATE ON {tables} FROM {app}"),
            sql.SQL("REVOKE INSERT ON {events} FROM {app}"),
            sql.SQL("GRANT INSERT ({columns}) ON mentions_event TO {app}"),
            sql.SQL("REVOKE UPDATE, DELETE, INSERT ON django_migrations FROM {app}"),
            sql.SQL("GRANT EXECUTE ON FUNCTION mentions_make_partitions(integer) TO {app}"),
        ):
            cursor.execute(
                statement.format(
                    app=app,
                    tables=sql.SQL(", ").join(append_only),
                    events=sql.SQL(", ").join(of_events),
                    columns=sql.SQL(", ").join(map(sql.Identifier, COLUMNS)),
                )
            )

"""An empty database again, for tests that commit."""

import psycopg
from django.db import connections
from psycopg import sql

from config.embedded import SUPERUSER
from tests.engines import of_session


def truncate_as_superuser() -> None:
    """Empty every table after tests that committed.

    Events refuse TRUNCATE, by right and by trigger; only the superuser may lift both, and only here.
    """
    name = connections["default"].settings_dict["NAME"]
    with psycopg.connect(of_session().url(SUPERUSER, name)) as connection:
        rows = connection.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0 AND c.relname <> ALL(%s)",
            [["django_migrations", "django_content_type", "auth_permission"]],
        )
        if written := [sql.Identifier(table) for (table,) in rows.fetchall()]:
            connection.execute("SET session_replication_role = replica")
            # A server of the test that still reads while it stops would be waited for, and wait for us:
            # PostgreSQL then ends whoever looks for the cause first, which is never this one.
            connection.execute("SET deadlock_timeout = '5min'")
            emptying = sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE")
            connection.execute(emptying.format(sql.SQL(", ").join(written)))

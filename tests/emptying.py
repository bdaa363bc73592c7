"""An empty database again, for tests that commit."""

from typing import Final

import psycopg
from django.db import connections
from psycopg import sql

from config.embedded import SUPERUSER
from tests.engines import of_session

KEPT: Final = ["django_migrations", "django_content_type", "auth_permission"]
# New files for every table and index take ten times as long as to delete a few rows; what grew is begun anew.
SMALL: Final = 128 * 1024

_WRITTEN = """
SELECT c.relname, pg_relation_size(c.oid) > %s FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind = 'r' AND pg_relation_size(c.oid) > 0 AND c.relname <> ALL(%s)
"""
_COUNT_ANEW = """
SELECT setval(s.oid::regclass, 1, false) FROM pg_class s
JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = s.oid AND d.deptype IN ('a', 'i')
JOIN pg_class t ON t.oid = d.refobjid
WHERE s.relkind = 'S' AND t.relname = ANY(%s)
"""


def empty_as_superuser() -> None:
    """Empty every table after tests that committed.

    Events refuse to be deleted, by right and by trigger; only the superuser may lift both, and only here.
    """
    name = connections["default"].settings_dict["NAME"]
    with psycopg.connect(of_session().url(SUPERUSER, name)) as connection:
        written = connection.execute(_WRITTEN, [SMALL, KEPT]).fetchall()
        if not written:
            return
        connection.execute("SET session_replication_role = replica")
        # A server of the test that still reads while it stops would be waited for, and wait for us:
        # PostgreSQL then ends whoever looks for the cause first, which is never this one.
        connection.execute("SET deadlock_timeout = '5min'")
        tables = {table: sql.Identifier(table) for table, _grew in written}
        # What a server has begun to write is waited for, or it would be there after all.
        connection.execute(
            sql.SQL("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE").format(sql.SQL(", ").join(tables.values()))
        )
        if large := [tables[table] for table, grew in written if grew]:
            connection.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(large)))
        deleting = [sql.SQL("DELETE FROM {}").format(tables[table]) for table, grew in written if not grew]
        connection.execute(sql.SQL("; ").join(deleting))
        connection.execute(_COUNT_ANEW, [list(tables)])

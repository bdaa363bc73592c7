"""Everything that stands in the database, for tests that ask what must not."""

import re

from django.db import connection

DIGEST = re.compile(r"[0-9a-f]{32,}")


def everything() -> str:
    """Every stored value of every table of posts, as text, without digests: any few digits stand in one by chance."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind = 'r' AND relname LIKE 'mentions\\_%'")
        tables = [name for (name,) in cursor.fetchall()]
        rows = []
        for table in tables:
            cursor.execute(f"SELECT t::text FROM {table} t")
            rows += [row for (row,) in cursor.fetchall()]
    return DIGEST.sub("", "\n".join(rows))

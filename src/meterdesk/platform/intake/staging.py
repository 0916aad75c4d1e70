"""COPY, the quickest way into PostgreSQL."""

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import sql


def copy_into(
    cursor: Any, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Write rows into a table with COPY; values are what psycopg can adapt.

    Args:
        cursor: Django's cursor, inside a transaction.
        table: a table, or a temporary one made in the same transaction.
        columns: its columns, in the order of the values.
        rows: may be a generator; none at all is allowed.
    """
    statement = sql.SQL("copy {} ({}) from stdin").format(
        sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)

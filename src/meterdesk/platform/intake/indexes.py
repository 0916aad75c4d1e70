"""Tables without their indexes, for as long as very many rows are copied into them."""

from collections.abc import Sequence
from typing import Any, Final

from psycopg import sql

_INDEXES: Final = """
select c.relname, i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid), k.conname,
       pg_get_constraintdef(k.oid)
  from pg_index i join pg_class c on c.oid = i.indrelid
  left join pg_constraint k on k.conindid = i.indexrelid and k.contype in ('p', 'u', 'x')
 where c.relname = any(%s) and c.relnamespace = current_schema::regnamespace
 order by c.relname, not i.indisprimary, 2
"""


def drop_indexes(cursor: Any, tables: Sequence[str]) -> list[Any]:
    """Drop the indexes of tables; returns the statements that make them as they were.

    Args:
        cursor: of the owner of the tables, inside a transaction: should it fail, nothing happened.
        tables: names in the current schema. Others cannot read them until the transaction ends.
    """
    cursor.execute(_INDEXES, [list(tables)])
    made: list[Any] = []
    for table, index, statement, constraint, means in cursor.fetchall():
        if constraint:
            names = sql.Identifier(table), sql.Identifier(constraint)
            cursor.execute(sql.SQL("alter table {} drop constraint {}").format(*names))
            add = sql.SQL("alter table {} add constraint {} {}")
            made.append(add.format(*names, sql.SQL(means)))
        else:
            cursor.execute(f"drop index {index}")
            made.append(statement)
    return made


def make_indexes(cursor: Any, statements: Sequence[Any], memory: str) -> None:
    """Make indexes again, a table's primary key first. Raises IntegrityError.

    Args:
        statements: as `drop_indexes` returned them.
        memory: what making an index may use, such as `512MB`.
    """
    cursor.execute("select set_config('maintenance_work_mem', %s, true)", [memory])
    for statement in statements:
        cursor.execute(statement)

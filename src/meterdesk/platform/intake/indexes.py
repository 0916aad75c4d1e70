"""Tables without their indexes, for as long as very many rows are copied into them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
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


@contextmanager
def without_indexes(cursor: Any, tables: Sequence[str], memory: str) -> Iterator[None]:
    """Drop the indexes of tables, and make them again, as they were, when the block has ended.

    Args:
        cursor: of the owner of the tables, inside a transaction: should it fail, nothing happened.
        tables: names in the current schema. Others cannot read them until the transaction ends.
        memory: what making an index may use, such as `512MB`.
    """
    cursor.execute(_INDEXES, [list(tables)])
    held = cursor.fetchall()
    for table, index, _made, constraint, _means in held:
        if constraint:
            drop = sql.SQL("alter table {} drop constraint {}")
            cursor.execute(drop.format(sql.Identifier(table), sql.Identifier(constraint)))
        else:
            cursor.execute(f"drop index {index}")
    yield
    cursor.execute("select set_config('maintenance_work_mem', %s, true)", [memory])
    for table, _index, made, constraint, means in held:
        if constraint:
            add = sql.SQL("alter table {} add constraint {} {}").format(
                sql.Identifier(table), sql.Identifier(constraint), sql.SQL(means)
            )
            cursor.execute(add)
        else:
            cursor.execute(made)

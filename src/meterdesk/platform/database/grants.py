"""What the serving role may do; the owner grants it after every migration."""

from typing import Any, Protocol

from psycopg import sql

APPEND_ONLY = ("platform_activityentry", "platform_activityseal")
"""Tables the serving role may read and add to, and never change (FSM-10)."""


class Cursor(Protocol):
    """A psycopg cursor, or Django's around it."""

    def execute(self, query: Any, params: Any = ..., /) -> Any: ...
    def fetchone(self) -> Any: ...


def grant_serving_rights(cursor: Cursor, role: str) -> None:
    """Give role the rows of every table, present and future, except to change the append-only.

    Does nothing when role is the one that runs this: an owner cannot be kept from its tables.
    """
    cursor.execute("select current_user = %s", [role])
    if cursor.fetchone()[0]:
        return
    to = sql.Identifier(role)
    for statement in (
        "grant usage on schema public to {}",
        "grant select, insert, update, delete on all tables in schema public to {}",
        "grant usage, select, update on all sequences in schema public to {}",
        "alter default privileges in schema public "
        "grant select, insert, update, delete on tables to {}",
        "alter default privileges in schema public grant usage, select, update on sequences to {}",
    ):
        cursor.execute(sql.SQL(statement).format(to))
    for table in APPEND_ONLY:
        cursor.execute("select to_regclass(%s) is not null", [table])
        if cursor.fetchone()[0]:
            revoke = sql.SQL("revoke update, delete, truncate on {} from {}")
            cursor.execute(revoke.format(sql.Identifier(table), to))

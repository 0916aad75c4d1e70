"""The roles and the database inside the embedded cluster."""

from pathlib import Path

import psycopg
from psycopg import sql

OWNER_ROLE = "meterdesk_owner"
"""Owns the schema and runs the migrations; serves no request."""
APP_ROLE = "meterdesk_app"
"""Serves: reads and writes rows as far as the owner granted it."""
DATABASE = "meterdesk"
SUPERUSER = "postgres"


def provision(socket_dir: Path, port: int) -> None:
    """Make the roles and the database where they are absent. Cheap when all is there.

    Raises psycopg.OperationalError when the server does not answer.
    """
    with psycopg.connect(
        host=str(socket_dir),
        port=port,
        user=SUPERUSER,
        dbname="postgres",
        connect_timeout=10,
        autocommit=True,
    ) as connection:
        database = sql.Identifier(DATABASE)
        if _has(connection, "select 1 from pg_database where datname = %s", DATABASE):
            return
        for role, rights in ((OWNER_ROLE, "login createdb"), (APP_ROLE, "login")):
            if not _has(connection, "select 1 from pg_roles where rolname = %s", role):
                statement = f"create role {{}} nosuperuser {rights}"
                connection.execute(sql.SQL(statement).format(sql.Identifier(role)))
        # Last, because its presence says that all the rest is there.
        owner = sql.Identifier(OWNER_ROLE)
        connection.execute(sql.SQL("create database {} owner {}").format(database, owner))


def _has(connection: "psycopg.Connection[tuple[object, ...]]", query: str, name: str) -> bool:
    return connection.execute(query.encode(), [name]).fetchone() is not None

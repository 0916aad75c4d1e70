"""Sessions of the database that have planned what is dear to plan before anybody waits for it.

An app registers a statement in its apps.py; each session that a pool opens, in the background, runs
it once. What a function plans at its first call is kept by the session that called it.
"""

import contextlib
from typing import Any, Self

import psycopg

_statements: list[str] = []


def warm_with(statement: str) -> None:
    """Have every pooled session run this once, when it begins; twice the same counts once.

    It may fail, as before the first migration: then the session is not warm, and no more.
    """
    if statement not in _statements:
        _statements.append(statement)


class WarmConnection(psycopg.Connection[Any]):
    """A connection on which the registered statements have been run."""

    @classmethod
    def connect(cls, conninfo: str = "", **given: Any) -> Self:
        """As psycopg's own."""
        connection = super().connect(conninfo, **given)
        for statement in _statements:
            with contextlib.suppress(psycopg.Error), connection.transaction():
                connection.execute(statement)
        return connection

"""References such as INC0000123: one PostgreSQL sequence a prefix, gaps allowed, never reused."""

from django.db import connection

PREFIXES = ("INC", "PRB", "REQ", "ORD", "RET", "ALT", "CHG", "SIP")


def next_reference(prefix: str) -> str:
    """Return the next reference of a prefix: the prefix and seven digits, 10 characters in all.

    Raises:
        ValueError: the prefix is not one of PREFIXES.
    """
    if prefix not in PREFIXES:
        raise ValueError(f"unknown reference prefix {prefix}")
    with connection.cursor() as cursor:
        cursor.execute("select nextval(%s::regclass)", [f"reference_{prefix.lower()}_seq"])
        (number,) = cursor.fetchone()
    return f"{prefix}{number:07d}"


def any_given(prefix: str) -> bool:
    """Whether any reference of a prefix has been given yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select last_value is not null from pg_sequences where sequencename = %s",
            [f"reference_{prefix.lower()}_seq"],
        )
        row = cursor.fetchone()
    return bool(row and row[0])

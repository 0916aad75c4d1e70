"""Counters shared by every worker process: rate limits and lock-out.

They live in an unlogged table: a crash forgets them, which errs on the side of letting people in.
"""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

_HIT = """
insert into platform_counter as c (key, window_ends_at, count)
values (%(key)s, %(ends)s, 1)
on conflict (key) do update set
  count = case when c.window_ends_at <= %(now)s then 1 else c.count + 1 end,
  window_ends_at = case when c.window_ends_at <= %(now)s then %(ends)s else c.window_ends_at end
returning count, window_ends_at
"""


EXCEEDED = """exists (
  select 1 from platform_counter over
  where over.key = %(counter)s and over.count > %(counter_limit)s
    and over.window_ends_at > %(at)s)"""
"""SQL: whether a counter is over its limit, for a query that asks it beside something else."""


_LONGEST: Final = 64
_SUBSCRIBER: Final = 64
"""Bits of an IPv6 address that belong to whoever was given it: the rest is theirs to choose."""


def caller(address: str) -> str:
    """How what comes from an address is counted: an IPv6 address by its network of 64 bits.

    Whoever has one of those addresses has all 2^64 of them, and would begin afresh with each.
    """
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:_LONGEST]
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((int(found), _SUBSCRIBER), strict=False))


def unknown_callers(address: str) -> str:
    """The key that counts the calls of the API without a valid token from an address."""
    return f"api:address:{caller(address)}"


@dataclass(frozen=True, slots=True)
class Count:
    """How often something happened in its window, and when the window ends (aware UTC)."""

    count: int
    window_ends_at: datetime

    def seconds_left(self, now: datetime) -> int:
        """Whole seconds until the window ends, at least 1."""
        return max(1, int((self.window_ends_at - now).total_seconds()) + 1)


def hit(key: str, window: timedelta, *, at: datetime) -> Count:
    """Count one more of `key`; the first one opens a window of that length."""
    with connection.cursor() as cursor:
        cursor.execute(_HIT, {"key": key, "now": at, "ends": at + window})
        return Count(*cursor.fetchone())


def forget(key: str) -> None:
    """Start over with `key`."""
    with connection.cursor() as cursor:
        cursor.execute("delete from platform_counter where key = %s", [key])


def give_back(key: str) -> None:
    """Take back one count of `key`: what was counted turned out not to count."""
    with connection.cursor() as cursor:
        cursor.execute(
            "update platform_counter set count = greatest(count - 1, 0) where key = %s", [key]
        )


def forget_ended(*, at: datetime) -> None:
    """Drop the counters whose window is over."""
    with connection.cursor() as cursor:
        cursor.execute("delete from platform_counter where window_ends_at < %s", [at])

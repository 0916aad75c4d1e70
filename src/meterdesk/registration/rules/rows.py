"""A row of registration as it travels from a file to the tables."""

from datetime import datetime
from typing import NamedTuple

from meterdesk.kernel.identifiers import mprn_check_ok


class Row(NamedTuple):
    """A row as it is stored; UserIds as numbers, instants aware UTC. The order is COPY's."""

    mpxn: str
    active_from: datetime
    ends: datetime | None
    supplier: int
    network_party: int
    agent: int | None
    kind: str
    property: str
    street: str
    town: str
    postcode: str
    uprn: str
    premises_key: str


def is_doubtful(row: Row) -> bool:
    """Whether the MPRN disagrees with the check rule, which is not refused."""
    return row.kind == "GAS" and not mprn_check_ok(row.mpxn)


class Staged(NamedTuple):
    """A record of a provider's file: a registration, or the withdrawal of one (no row)."""

    is_withdrawal: bool
    mpxn: str
    active_from: datetime
    row: Row | None


class Wrong(NamedTuple):
    """A record that was refused while it was read."""

    mpxn: str
    code: str
    reason: str

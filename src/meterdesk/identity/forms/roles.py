"""Job Type Roles by UserId, as one table of boxes: for people and for service accounts."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from meterdesk.identity.queries import Assignable
from meterdesk.identity.rules import JobTypeRole

_BETWEEN: Final = "|"
Pair = tuple[str, JobTypeRole]


@dataclass(frozen=True, slots=True)
class MatrixCell:
    """Whether a role is held on a UserId; without a value there is nothing to choose."""

    value: str
    label: str
    is_checked: bool


@dataclass(frozen=True, slots=True)
class MatrixRow:
    """A Job Type Role with a cell for each UserId."""

    role: str
    cells: tuple[MatrixCell, ...]


class RolesMatrix:
    """What may be ticked: the roles that can be given, and those held that can be taken away."""

    def __init__(
        self, user_ids: Iterable[Assignable], roles: Iterable[JobTypeRole], held: Iterable[Pair]
    ) -> None:
        self._user_ids, self._roles = tuple(user_ids), tuple(roles)
        free = {
            (one.eui, role) for one in self._user_ids for role in self._roles if one.takes(role)
        }
        self._offered = free | set(held)

    @property
    def choices(self) -> list[tuple[str, str]]:
        """For the form's field; the table says what they are."""
        return [(value_of(pair), "") for pair in sorted(self._offered)]

    def rows(self, checked: Iterable[str]) -> list[MatrixRow]:
        """A row for each Job Type Role, a cell for each UserId."""
        ticked = set(checked)
        return [
            MatrixRow(role.value, tuple(self._cell(one, role, ticked) for one in self._user_ids))
            for role in self._roles
        ]

    def _cell(self, one: Assignable, role: JobTypeRole, ticked: set[str]) -> MatrixCell:
        pair = (one.eui, role)
        value = value_of(pair) if pair in self._offered else ""
        return MatrixCell(value, f"{role.value} on {one.eui}", value in ticked)


def value_of(pair: Pair) -> str:
    """What the box of a role on a UserId sends."""
    eui, role = pair
    return f"{eui}{_BETWEEN}{role.value}"


def pairs_of(values: Iterable[str]) -> frozenset[Pair]:
    """The roles of boxes that were ticked, which the field has checked."""
    parted = (value.split(_BETWEEN) for value in values)
    return frozenset((eui, JobTypeRole(role)) for eui, role in parted)

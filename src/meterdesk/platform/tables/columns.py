"""What columns a table has, and which of them a person sees."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from meterdesk.kernel.errors import NotVisible, Refused
from meterdesk.kernel.paging import DEFAULT_LIMIT, PageRequest

PAGE_SIZES: Final = (25, 50, 100)

Cell = str | Callable[[Any], object]
"""A field of the row, empty where its type withholds it, or a function of the row."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    Attributes:
        name: stable, kept with people's choices.
        label: its head on screen.
        cells: what it holds in a file, by head; its own field when left out.
        sort: the `sort` of the address by which its head orders the list; empty: it does not.
        always: it names the row and cannot be hidden.
        numeric: its head stands on the right, as its numbers do.
    """

    name: str
    label: str
    cells: Mapping[str, Cell] = field(default_factory=dict)
    sort: str = ""
    always: bool = False
    numeric: bool = False

    @property
    def heads(self) -> tuple[str, ...]:
        """Heads of its fields in a file."""
        return tuple(self.cells) or (self.label,)

    def values(self, row: Any) -> list[object]:
        """Its fields of a row, in the order of the heads."""
        return [_value(cell, row) for cell in self.cells.values() or (self.name,)]


def _value(cell: Cell, row: Any) -> object:
    return getattr(row, cell, None) if isinstance(cell, str) else cell(row)


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a list; `sort` is the order of an address that names none."""

    name: str
    columns: tuple[Column, ...]
    sort: str = ""

    def hideable(self) -> frozenset[str]:
        """Names of the columns that a person may hide."""
        return frozenset(column.name for column in self.columns if not column.always)


@dataclass(frozen=True)
class TableView:
    """A table as one person sees it. `columns` are those offered, `hidden` the names not shown."""

    table: Table
    columns: tuple[Column, ...]
    hidden: frozenset[str] = frozenset()
    page_size: int = DEFAULT_LIMIT

    @property
    def shown(self) -> tuple[Column, ...]:
        """The columns on screen and in files, in order."""
        return tuple(
            column for column in self.columns if column.always or column.name not in self.hidden
        )

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(column.name for column in self.shown)

    def shows(self, name: str) -> bool:
        """Whether a column is on screen.

        Raises ValueError for a name that the table has not, a slip of the template.
        """
        if name in self._names:
            return True
        if name not in self.table.hideable():
            raise ValueError(f"The table {self.table.name} has no column {name!r}.")
        return False

    def page(self, cursor: str | None) -> PageRequest:
        """The request for a page of the size this person chose, after `cursor`."""
        return PageRequest(self.page_size, cursor or None)


_TABLES: Final[dict[str, Table]] = {}


def register(table: Table) -> Table:
    """Make a table known, so that people's choices can be kept; the name must be new."""
    if table.name in _TABLES:
        raise ValueError(f"There are two tables named {table.name!r}.")
    _TABLES[table.name] = table
    return table


def find(name: str) -> Table:
    """The table of that name. Raises NotVisible."""
    try:
        return _TABLES[name]
    except KeyError:
        raise NotVisible("There is no such table.") from None


def known_page_size(text: str) -> int:
    """The page size written so. Raises Refused for one that is not offered."""
    if text not in map(str, PAGE_SIZES):
        message = "Choose 25, 50 or 100 rows a page."
        raise Refused(message, fields={"page_size": message})
    return int(text)

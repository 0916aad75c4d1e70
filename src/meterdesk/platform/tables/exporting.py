"""A list as CSV: the rows of its filters, the columns that its person sees."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Final, TypeVar

from django.http import HttpRequest, StreamingHttpResponse

from meterdesk.kernel.formats import csv_lines
from meterdesk.kernel.paging import MAX_LIMIT, Page, PageRequest
from meterdesk.platform import activity
from meterdesk.platform.tables.columns import TableView

Row = TypeVar("Row")
_MOST_FILTERS: Final = 40
_LONGEST_FILTER: Final = 200


def export(
    request: HttpRequest,
    view: TableView,
    read: Callable[[PageRequest], Page[Row]],
    *,
    at: datetime,
) -> StreamingHttpResponse:
    """Answer with every row of a list as a file to be saved (SSI-FR-70, SSI-NFR-21).

    Args:
        read: reads a page of the list with the filters of the request, as its screen does.
        at: aware UTC instant; who took which list with which filters is recorded as activity.

    Pages are read while the file is sent, so that its length costs no memory. The first is read
    before, so that a refusal is a page of its own.
    """
    first = read(PageRequest(MAX_LIMIT))
    activity.record(
        actor=getattr(request, "actor", None),
        verb="tables.export",
        subject=view.table.name,
        at=at,
        detail={
            "filters": _filters(request),
            "columns": [column.name for column in view.shown],
        },
    )
    heads = [head for column in view.shown for head in column.heads]
    rows = (_cells(view, row) for row in _every_row(first, read))
    return StreamingHttpResponse(
        csv_lines(heads, rows, bom=True),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{view.table.name}.csv"'},
    )


def _filters(request: HttpRequest) -> dict[str, list[str]]:
    """What the address asks for, as far as it can be kept: without NUL, and not endless."""
    asked = list(request.GET.lists())[:_MOST_FILTERS]
    kept = ((_short(name), [_short(one) for one in values]) for name, values in asked)
    return {name: values for name, values in kept if any(values)}


def _short(text: str) -> str:
    return text.replace("\x00", "")[:_LONGEST_FILTER]


def _every_row(page: Page[Row], read: Callable[[PageRequest], Page[Row]]) -> Iterator[Row]:
    yield from page.items
    while page.next:
        page = read(PageRequest(MAX_LIMIT, page.next))
        yield from page.items


def _cells(view: TableView, row: object) -> list[object]:
    return [value for column in view.shown for value in column.values(row)]

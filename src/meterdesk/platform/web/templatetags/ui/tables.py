"""Tables: sticky heads, sorting in the address, empty states, cursor paging, filters."""

from __future__ import annotations

from typing import cast

from django.template.context import Context
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

from meterdesk.platform.tables import TableView
from meterdesk.platform.tables.columns import PAGE_SIZES
from meterdesk.platform.web.templatetags.ui.library import (
    Body,
    block,
    draw,
    library,
    page_request,
)
from meterdesk.platform.web.templatetags.ui.marks import icon


def query_with(context: Context, **changes: str | None) -> str:
    """Return the page's query string with parameters set, or dropped when None."""
    request = page_request(context)
    query = request.GET.copy() if request else None
    if query is None:
        return "?"
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return f"?{query.urlencode()}"


@block
def table(
    body: Body,
    label: str,
    rows: object = True,
    caption: bool = False,
    tall: bool = False,
    page: bool = False,
    empty: str = "Nothing to show.",
) -> str:
    """A table; slots "head" (its `th`s), "empty", "foot"; the content is its rows.

    Falsy `rows` shows the empty state instead. `tall` scrolls inside 70 % of the window with
    a sticky head, `page` keeps the head under the top bar while the page scrolls.
    """
    return draw(
        "table",
        label=label,
        rows=rows,
        caption=caption,
        tall=tall,
        page=page,
        head=body.slot("head"),
        foot=body.slot("foot"),
        empty=body.slot("empty") or empty,
        content=body.content,
    )


@library.simple_tag(takes_context=True)
def th(
    context: Context,
    label: str,
    sort: str = "",
    numeric: bool = False,
    hidden: bool = False,
) -> SafeString:
    """A column head; with `sort` it sorts by that field, the other way on a second press."""
    css = SafeString(' class="num"') if numeric else ""
    if hidden:
        return format_html('<th scope="col"{}><span class="vh">{}</span></th>', css, label)
    if not sort:
        return format_html('<th scope="col"{}>{}</th>', css, label)
    request = page_request(context)
    now = request.GET.get("sort", "") if request else ""
    view = context.get("table")
    if not now and isinstance(view, TableView):
        now = view.table.sort
    state, arrow, target = SafeString(""), "chevrons-up-down", sort
    if now == sort:
        state, arrow, target = SafeString(' aria-sort="ascending"'), "arrow-up", f"-{sort}"
    elif now == f"-{sort}":
        state, arrow = SafeString(' aria-sort="descending"'), "arrow-down"
    return format_html(
        '<th scope="col"{}{}><a class="sort" href="{}">{}{}</a></th>',
        css,
        state,
        query_with(context, sort=target, after=None, before=None),
        label,
        icon(arrow, size=12),
    )


def _view(context: Context) -> TableView:
    """The table that the view put into the context as `table`."""
    return cast(TableView, context["table"])


@library.simple_tag(takes_context=True)
def heads(context: Context) -> SafeString:
    """The heads of the columns that this person sees."""
    return SafeString(
        "".join(
            th(context, column.label, sort=column.sort, numeric=column.numeric)
            for column in _view(context).shown
        )
    )


@block
def td(body: Body, column: str, css: str = "") -> str:
    """A cell; nothing where this person does not see its column."""
    if not _view(body.context).shows(column):
        return ""
    # Joined by hand, since a page has hundreds; the content is markup already.
    shape = f' class="{escape(css)}"' if css else ""
    return f"<td{shape}>{body.content}</td>"


@library.simple_tag(takes_context=True)
def table_tools(context: Context, export_url: str = "") -> SafeString:
    """Above a table: its CSV with the filters of the address, and the choice of columns."""
    request = page_request(context)
    return draw(
        "table_tools",
        view=_view(context),
        page_sizes=PAGE_SIZES,
        export_url=export_url
        and export_url + query_with(context, after=None, before=None).rstrip("?"),
        here=request.get_full_path() if request else "/",
        csrf_token=context.get("csrf_token"),
    )


@library.simple_tag
def row_link(label: str, url: str, mono: bool = False) -> SafeString:
    """The cell that names the row and links to it."""
    css = SafeString(' class="mono"') if mono else ""
    return format_html('<th scope="row"{}><a href="{}">{}</a></th>', css, url, label)


@library.simple_tag
def num(value: object, places: int = 0) -> SafeString:
    """A numeric cell, thousands parted by commas; None is a dash."""
    shown = f"{value:,.{places}f}" if isinstance(value, int | float) else value
    return format_html('<td class="num">{}</td>', "–" if value is None else shown)


@library.filter
def thousands(value: int) -> str:
    """A whole number, thousands parted by commas."""
    return f"{value:,}"


@library.simple_tag(takes_context=True)
def pager(context: Context, next: str | None = None, previous: str | None = None) -> SafeString:
    """Cursor paging; draws nothing when there is one page only."""
    request = page_request(context)
    inside = bool(request and (request.GET.get("after") or request.GET.get("before")))
    if not (next or previous or inside):
        return SafeString("")
    first = query_with(context, after=None, before=None) if inside else ""
    back = query_with(context, before=previous, after=None) if previous else ""
    onward = query_with(context, after=next, before=None) if next else ""
    return draw("pager", first=first, previous=back, next=onward)


@block
def filters(body: Body, label: str, clear_url: str = "") -> str:
    """A filter form; the answers stand in the address. Slot "actions" for more buttons."""
    return draw(
        "filters",
        label=label,
        content=body.content,
        clear_url=clear_url,
        actions=body.slot("actions"),
    )

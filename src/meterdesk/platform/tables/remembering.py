"""What a person chose of a table, kept from page to page and from day to day."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction

from meterdesk.platform import activity
from meterdesk.platform.models import TableChoice
from meterdesk.platform.tables.columns import Table, TableView, known_page_size


def view_of(actor: Any, table: Table, *, without: Iterable[str] = ()) -> TableView:
    """The table as the actor chose to see it.

    Args:
        actor: the identity.rules.Actor.
        without: names of columns that are not for this actor; neither shown nor offered.
    """
    left_out = frozenset(without)
    columns = tuple(column for column in table.columns if column.name not in left_out)
    kept = TableChoice.objects.filter(person_id=actor.person_id, table=table.name).first()
    if kept is None:
        return TableView(table, columns)
    return TableView(table, columns, frozenset(kept.hidden), kept.page_size)


@transaction.atomic
def remember(
    actor: Any, table: Table, shown: Iterable[str], page_size: str, *, at: datetime
) -> None:
    """Keep which columns the actor wants to see and how many rows a page holds.

    Columns that come to the table later are shown. Raises Refused for a page size not offered.
    """
    size = known_page_size(page_size)
    hidden = sorted(table.hideable().difference(shown))
    TableChoice.objects.update_or_create(
        person_id=actor.person_id, table=table.name, defaults={"hidden": hidden, "page_size": size}
    )
    detail = {"hidden": hidden, "page_size": size}
    activity.record(actor=actor, verb="tables.remember", subject=table.name, at=at, detail=detail)


@transaction.atomic
def forget(actor: Any, table: Table, *, at: datetime) -> None:
    """Show the actor the table as everybody has it at first."""
    TableChoice.objects.filter(person_id=actor.person_id, table=table.name).delete()
    activity.record(actor=actor, verb="tables.forget", subject=table.name, at=at)

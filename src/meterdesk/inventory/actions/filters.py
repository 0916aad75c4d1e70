"""Filters of the portfolio's lists, kept by name; and who took a list as a file."""

from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from django.db import transaction

from meterdesk.identity.rules import Actor
from meterdesk.inventory.models import SavedFilter
from meterdesk.inventory.rules.points import PointSearch
from meterdesk.inventory.rules.portfolio import PortfolioList, PortfolioSearch
from meterdesk.kernel.errors import Conflict, NotVisible, Refused, Stale
from meterdesk.platform import activity

MOST: Final = 50
LONGEST_NAME: Final = 80

Search = PortfolioSearch | PointSearch


@transaction.atomic
def save_filter(actor: Actor, name: str, search: Search, *, at: datetime) -> int:
    """Keep filters by name; a name kept already gets the new ones. Returns their number.

    Raises Refused for a name that is empty or too long, or when too many are kept.
    """
    name = _name(name)
    mine = SavedFilter.objects.filter(person_id=actor.person_id, of_list=search.of_list)
    if not mine.filter(name=name).exists() and mine.count() >= MOST:
        raise Refused(f"You have {MOST} saved filters. Remove one first.", code="too_many_filters")
    # Pressed twice at once, the second finds what the first made.
    kept, is_new = SavedFilter.objects.select_for_update().get_or_create(
        person_id=actor.person_id, of_list=search.of_list, name=name, defaults=_kept(search, at)
    )
    if not is_new:
        _write(kept, search, at)
    activity.record(actor=actor, verb="inventory.save_filter", subject=name, at=at)
    return kept.pk


@transaction.atomic
def change_filter(
    actor: Actor,
    filter_id: int,
    name: str,
    search: Search,
    *,
    at: datetime,
    version: int | None = None,
) -> None:
    """Give filters of the actor's another name or other values; they stay with their list.

    Raises NotVisible for any but the actor's own, Stale when they are no longer at `version`,
    Conflict when the name is that of others, Refused for a name that is empty or too long.
    """
    name = _name(name)
    kept = _own(actor, filter_id)
    if kept.of_list != search.of_list:
        raise NotVisible("You have no such saved filter.")
    if version is not None and version != kept.version:
        raise Stale()
    same = SavedFilter.objects.filter(person_id=actor.person_id, of_list=kept.of_list, name=name)
    if same.exclude(pk=kept.pk).exists():
        message = "You keep other filters by this name. Choose another."
        raise Conflict(message, fields={"name": message})
    kept.name = name
    _write(kept, search, at)
    activity.record(actor=actor, verb="inventory.save_filter", subject=name, at=at)


@transaction.atomic
def remove_filter(actor: Actor, filter_id: int, *, at: datetime) -> PortfolioList:
    """Remove filters of the actor's; returns whose list they were. Raises NotVisible."""
    found = _own(actor, filter_id)
    found.delete()
    activity.record(actor=actor, verb="inventory.remove_filter", subject=found.name, at=at)
    return PortfolioList(found.of_list)


def note_export(actor: Actor, search: Search, *, at: datetime) -> None:
    """Record who takes a list as a file, with which filters."""
    subject = "portfolio" if search.of_list is PortfolioList.DEVICES else "meter points"
    detail = {"filters": search.given()}
    activity.record(actor=actor, verb="tables.export", subject=subject, at=at, detail=detail)


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        message = f"Enter a name of up to {LONGEST_NAME} characters."
        raise Refused(message, fields={"name": message})
    return name


def _own(actor: Actor, filter_id: int) -> SavedFilter:
    own = SavedFilter.objects.select_for_update().filter(person_id=actor.person_id)
    found = own.filter(pk=filter_id).first()
    if found is None:
        raise NotVisible("You have no such saved filter.")
    return found


def _kept(search: Search, at: datetime) -> dict[str, Any]:
    return {"query": urlencode(search.given()), "saved_at": at}


def _write(kept: SavedFilter, search: Search, at: datetime) -> None:
    for name, value in _kept(search, at).items():
        setattr(kept, name, value)
    kept.version += 1
    kept.save()

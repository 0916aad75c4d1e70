"""Filters of the portfolio, kept by name; and who took it as a file."""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from django.db import transaction

from meterdesk.identity.rules import Actor
from meterdesk.inventory.models import SavedFilter
from meterdesk.inventory.rules.portfolio import PortfolioSearch
from meterdesk.kernel.errors import NotVisible, Refused
from meterdesk.platform import activity

MOST: Final = 50
LONGEST_NAME: Final = 80


@transaction.atomic
def save_filter(actor: Actor, name: str, search: PortfolioSearch, *, at: datetime) -> None:
    """Keep filters by name; a name kept already gets the new ones. Raises Refused."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        message = f"Enter a name of up to {LONGEST_NAME} characters."
        raise Refused(message, fields={"name": message})
    mine = SavedFilter.objects.filter(person_id=actor.person_id)
    if mine.exclude(name=name).count() >= MOST:
        raise Refused(f"You have {MOST} saved filters. Remove one first.")
    SavedFilter.objects.update_or_create(
        person_id=actor.person_id,
        name=name,
        defaults={"query": urlencode(search.given()), "saved_at": at},
    )
    activity.record(actor=actor, verb="inventory.save_filter", subject=name, at=at)


def note_export(actor: Actor, search: PortfolioSearch, *, at: datetime) -> None:
    """Record who takes the portfolio as a file, with which filters."""
    activity.record(
        actor=actor,
        verb="tables.export",
        subject="portfolio",
        at=at,
        detail={"filters": search.given()},
    )


@transaction.atomic
def remove_filter(actor: Actor, filter_id: int, *, at: datetime) -> None:
    """Remove one of the actor's own filters. Raises NotVisible for any other."""
    found = SavedFilter.objects.filter(pk=filter_id, person_id=actor.person_id).first()
    if found is None:
        raise NotVisible("You have no such saved filter.")
    found.delete()
    activity.record(actor=actor, verb="inventory.remove_filter", subject=found.name, at=at)

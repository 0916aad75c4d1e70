"""Filters that people keep by name, each their own."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl

from meterdesk.identity.rules import Actor
from meterdesk.inventory.models import SavedFilter
from meterdesk.inventory.rules.portfolio import PortfolioList
from meterdesk.kernel.errors import NotVisible


@dataclass(frozen=True, slots=True)
class SavedFilterEntry:
    """Filters kept by name; `query` is the address behind the question mark."""

    id: int
    of_list: PortfolioList
    name: str
    query: str
    saved_at: datetime
    version: int

    @property
    def filters(self) -> dict[str, str]:
        """The filters by name."""
        return dict(parse_qsl(self.query))


def saved_filters(actor: Actor, of_list: PortfolioList) -> list[SavedFilterEntry]:
    """The actor's own filters of a list, by name."""
    rows = SavedFilter.objects.filter(person_id=actor.person_id, of_list=of_list).order_by("name")
    return [_entry(one) for one in rows]


def saved_filter(actor: Actor, filter_id: int) -> SavedFilterEntry:
    """One of the actor's own filters. Raises NotVisible."""
    found = SavedFilter.objects.filter(person_id=actor.person_id, pk=filter_id).first()
    if found is None:
        raise NotVisible("You have no such saved filter.")
    return _entry(found)


def _entry(one: SavedFilter) -> SavedFilterEntry:
    kept_of = PortfolioList(one.of_list)
    return SavedFilterEntry(one.pk, kept_of, one.name, one.query, one.saved_at, one.version)

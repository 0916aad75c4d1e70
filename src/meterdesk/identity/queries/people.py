"""People as their administrators see them (SSI-FR-59)."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, Value
from django.db.models.functions import Concat, Lower

from meterdesk.identity.access import people_visible_to
from meterdesk.identity.models import Person
from meterdesk.identity.rules import Actor
from meterdesk.kernel.paging import Order, Page, PageRequest, after_cursor, order_by, page_of

_COUNT_CAP = 10_000


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A line of the people page."""

    id: int
    username: str
    display_name: str
    organisation_name: str
    status: str
    status_word: str
    last_login_at: datetime | None
    version: int


def people(
    actor: Actor, page: PageRequest, text: str = "", status: str = "", *, descending: bool = False
) -> Page[PersonRow]:
    """People whom the actor administers, by username.

    Args:
        text: part of a username or of a name; empty for everybody.
        status: ACTIVE, LOCKED or DELETED; empty for any.
    """
    rows = (
        Person.objects.select_related("organisation")
        .filter(people_visible_to(actor))
        .annotate(
            username_lower=Lower("username"),
            full_name=Concat("first_name", Value(" "), "last_name"),
        )
    )
    if text.strip():
        rows = rows.filter(
            Q(username__icontains=text.strip()) | Q(full_name__icontains=text.strip())
        )
    if status in Person.Status.values:
        rows = rows.filter(status=status)
    order = [Order("username_lower", str, descending)]
    scope = f"people:{actor.person_id}:{text}:{status}:{descending}"
    keyset = after_cursor(scope, order, page)
    total = rows.order_by()[: _COUNT_CAP + 1].count()
    if keyset is not None:
        rows = rows.filter(**keyset.guard).filter(_any_of(keyset.alternatives))
    found = page_of(
        scope,
        list(rows.order_by(*order_by(order))[: page.limit + 1]),
        page,
        lambda person: (person.username_lower,),
    )
    return Page(
        tuple(_row(person) for person in found.items),
        found.next,
        min(total, _COUNT_CAP),
        total > _COUNT_CAP,
    )


def _any_of(alternatives: tuple[dict[str, object], ...]) -> Q:
    condition = Q()
    for alternative in alternatives:
        condition |= Q(**alternative)
    return condition


def _row(person: Person) -> PersonRow:
    return PersonRow(
        id=person.pk,
        username=person.username,
        display_name=person.display_name,
        organisation_name=person.organisation.name,
        status=person.status,
        status_word=Person.Status(person.status).label,
        last_login_at=person.last_login,
        version=person.version,
    )

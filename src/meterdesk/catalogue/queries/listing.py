"""Lists of requests: by cursor, limited by the one predicate, counted up to a cap (SSI-FR-53)."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from meterdesk.catalogue.access import is_desk, visible_to
from meterdesk.catalogue.models import ServiceRequest
from meterdesk.catalogue.queries.records import DisputeMark, QueueRow, RequestRow
from meterdesk.catalogue.rules.data import RecordKind, RecordName
from meterdesk.catalogue.rules.states import OPEN_STATES, DeliveryState
from meterdesk.identity.rules import Actor
from meterdesk.kernel.paging import Order, Page, PageRequest, after_cursor, order_by, page_of
from meterdesk.kernel.recognise import Certainty, recognise

COUNT_CAP: Final = 10_000
SORTS: Final[Mapping[str, tuple[Order, ...]]] = {
    "-raised": (
        Order("raised_at", datetime, descending=True),
        Order("id", int, descending=True),
    ),
    "raised": (Order("raised_at", datetime), Order("id", int)),
}
WHOSE: Final = ("all", "mine", "nobody")


@dataclass(frozen=True, slots=True)
class RequestSearch:
    """What to list. Empty filters leave everything in.

    Attributes:
        text: a reference, your own reference, or an identifier of a disputed record.
        whose: all; mine (I raised it, or at the desk: I took it on); nobody (taken on by none).
        sort: a key of SORTS.
    """

    text: str = ""
    states: tuple[DeliveryState, ...] = ()
    request_type: str = ""
    whose: str = "all"
    sort: str = "-raised"

    @property
    def scope(self) -> str:
        """The list's name for its cursors: filters and order."""
        return f"requests {astuple(self)!r}"


def search_requests(
    actor: Actor, search: RequestSearch, page: PageRequest, *, count: bool = False
) -> Page[RequestRow]:
    """Requests that the actor may see and that fit; at the desk, rows of its queue."""
    order = SORTS.get(search.sort, SORTS["-raised"])
    found = _matching(actor, search)
    if keyset := after_cursor(search.scope, order, page):
        beyond = Q()
        for alternative in keyset.alternatives:
            beyond |= Q(**alternative)
        found = found.filter(Q(**keyset.guard), beyond)
    related = found.select_related("raising_organisation", "assigned_person")
    rows = list(related.order_by(*order_by(order))[: page.limit + 1])
    shown = page_of(search.scope, rows, page, lambda row: (row.raised_at, row.pk))
    desk = is_desk(actor)
    listed = Page(tuple(_row(one, desk=desk) for one in shown.items), shown.next)
    if not count:
        return listed
    total = _matching(actor, search).order_by().values("pk")[: COUNT_CAP + 1].count()
    return replace(listed, total_capped=min(total, COUNT_CAP), total_is_capped=total > COUNT_CAP)


def request_named(actor: Actor, reference: str) -> RequestRow | None:
    """The request of a reference as a row, or None where the actor sees none."""
    found = ServiceRequest.objects.filter(visible_to(actor), reference=reference).first()
    return _row(found, desk=False) if found else None


def open_disputes(actor: Actor, *names: RecordName) -> tuple[DisputeMark, ...]:
    """Open disputes of these records that the actor may see, oldest first."""
    about = Q(pk__in=[])
    for kind in {one.kind for one in names}:
        keys = [one.key for one in names if one.kind is kind]
        about |= Q(record=kind, record_key__in=keys)
    rows = ServiceRequest.objects.filter(
        visible_to(actor), about, state__in=sorted(OPEN_STATES)
    ).select_related("dispute")
    return tuple(
        DisputeMark(
            one.reference,
            RecordName(RecordKind(one.record), one.record_key),
            one.datum,
            one.dispute.label,
            one.raised_at,
        )
        for one in rows.order_by("raised_at", "pk")[:50]
    )


def _matching(actor: Actor, search: RequestSearch) -> QuerySet[ServiceRequest]:
    found = ServiceRequest.objects.filter(visible_to(actor))
    if search.states:
        found = found.filter(state__in=sorted(search.states))
    if search.request_type:
        found = found.filter(request_type=search.request_type)
    if search.whose == "mine":
        own = "assigned_person_id" if is_desk(actor) else "raised_by_id"
        found = found.filter(**{own: actor.person_id})
    elif search.whose == "nobody":
        found = found.filter(assigned_person=None)
    if text := search.text.strip():
        found = found.alias(own_reference=Lower("your_reference")).filter(_about(text))
    return found


def _about(text: str) -> Q:
    values = [one.value for one in recognise(text) if one.certainty is not Certainty.NEAR_MISS]
    of_record = Q(record__in=list(RecordKind), record_key__in=values)
    for value in values:  # a postcode's properties
        of_record |= Q(record=RecordKind.COVERAGE, record_key__startswith=f"{value}, ")
    return Q(own_reference=text.lower()) | Q(reference__in=values) | of_record


def _row(one: ServiceRequest, *, desk: bool) -> RequestRow:
    row = RequestRow(
        reference=one.reference,
        request_type=one.type_title,
        summary=one.summary,
        state=DeliveryState(one.state),
        your_reference=one.your_reference,
        raised_at=one.raised_at,
        updated_at=one.updated_at,
    )
    if not desk:
        return row
    shared = {name: getattr(row, name) for name in RequestRow.__dataclass_fields__}
    person = one.assigned_person
    return QueueRow(
        **shared,
        raising_organisation=one.raising_organisation.name,
        assigned_person=person.display_name if person else "",
    )

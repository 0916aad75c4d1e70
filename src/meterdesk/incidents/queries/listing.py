"""Lists of incidents: by cursor, limited by the one predicate, counted up to a cap (SSI-FR-32)."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet
from django.utils import timezone

from meterdesk.diagnosis.rules import Evidence
from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.incidents.access import VIEW, deciding_part, parts_of
from meterdesk.incidents.models import Incident, InterestedParty
from meterdesk.incidents.queries.clocks import clock_view, intervals_of
from meterdesk.incidents.queries.configuration import categories, policy
from meterdesk.incidents.queries.records import ClockView, IncidentRow, QueueRow, RaiserRow
from meterdesk.incidents.queries.search import SORTS, IncidentSearch, matching, visible_incidents
from meterdesk.incidents.queries.wording import responsible_words
from meterdesk.incidents.rules.states import OPEN_STATES, Part, State
from meterdesk.incidents.rules.targets import ClockKind
from meterdesk.kernel.paging import Page, PageRequest, after_cursor, order_by, page_of

COUNT_CAP: Final = 10_000
_SHOWN: Final = (
    "reference",
    "state",
    "category",
    "priority",
    "summary",
    "your_reference",
    "device_id",
    "mpxns",
    "postcode",
    "raised_for",
    "seen_by",
    "responsible_user_id",
    "responsible_label",
    "responsible_organisation__kind",
    "responsible_organisation__name",
    "raised_at",
    "updated_at",
)
_SHOWN_IN_QUEUE: Final = (
    "raising_organisation__name",
    "assigned_group__name",
    "assigned_person__first_name",
    "assigned_person__last_name",
    "assigned_person__username",
)


def search_incidents(
    actor: Actor, search: IncidentSearch, page: PageRequest, *, count: bool = False
) -> Page[IncidentRow]:
    """The incidents this actor may see that fit a search, each as the type it may be read as."""
    rows, onward = _read(actor, search, page, queue=False)
    found = Page(tuple(_rows(actor, rows, queue=False)), onward)
    return _counted(actor, search, found) if count else found


def desk_queue(
    actor: Actor, search: IncidentSearch, page: PageRequest, *, count: bool = True
) -> Page[IncidentRow]:
    """The desk's queue, or a resolver's: what is allocated to its organisation alone (IM-21)."""
    rows, onward = _read(actor, search, page, queue=True)
    found = Page(tuple(_rows(actor, rows, queue=True)), onward)
    return _counted(actor, search, found) if count else found


def open_on_premises(
    actor: Actor, mpxns: Iterable[str], device_ids: Iterable[str], limit: int = 20
) -> list[IncidentRow]:
    """Open incidents on these meter points or Devices that the actor may see, newest first.

    Without their targets, which would take two more queries.
    """
    points, devices = sorted(set(mpxns)), sorted(set(device_ids))
    if not points and not devices:
        return []
    about = Q(device_id__in=devices)
    if points:
        about |= Q(mpxns__overlap=points)
    found = visible_incidents(actor).filter(about, state__in=sorted(OPEN_STATES))
    newest = list(_lean(found, queue=False).order_by("-raised_at", "-id")[:limit])
    registered = _registered(actor, newest)
    return [_row(actor, one, None, registered, queue=False) for one in newest]


def open_here(actor: Actor, evidence: Evidence, _at: datetime) -> object:
    """What the check on open incidents looks at; None for those who may see none at all."""
    if not (actor.may_use(VIEW) or actor.may_at_desk(DeskPermission.QUEUE)):
        return None
    device_ids = [one.device_id for one in evidence.devices or ()]
    rows = open_on_premises(actor, [one.mpxn for one in evidence.points], device_ids)
    return tuple((row.reference, row.summary, row.state.word.lower()) for row in rows)


def resolved_past_reopening(now: datetime, limit: int = 1_000) -> list[int]:
    """Numbers of resolved incidents that can no longer be reopened, oldest first; system use."""
    found = Incident.objects.filter(
        state=State.RESOLVED, resolved_at__lt=now - policy().reopen_window
    )
    return list(found.order_by("resolved_at").values_list("pk", flat=True)[:limit])


def _lean(found: QuerySet[Incident], *, queue: bool) -> QuerySet[Incident]:
    """The same incidents with what a row shows, and no more."""
    shown = (*_SHOWN, *_SHOWN_IN_QUEUE) if queue else _SHOWN
    related = {name.partition("__")[0] for name in shown if "__" in name}
    return found.only(*shown).select_related(*sorted(related))


def _registered(actor: Actor, incidents: Sequence[Incident]) -> frozenset[int]:
    """Those of the incidents at whose premises the actor is registered; one query."""
    here = InterestedParty.objects.filter(
        incident_id__in=[one.pk for one in incidents], user_id__in=actor.user_ids_for(VIEW)
    )
    return frozenset(here.values_list("incident_id", flat=True))


def _read(
    actor: Actor, search: IncidentSearch, page: PageRequest, *, queue: bool
) -> tuple[list[Incident], str | None]:
    order = SORTS.get(search.sort, SORTS["-raised"])
    found = matching(actor, search)
    if keyset := after_cursor(search.scope, order, page):
        beyond = Q()
        for alternative in keyset.alternatives:
            beyond |= Q(**alternative)
        found = found.filter(Q(**keyset.guard), beyond)
    found = _lean(found, queue=queue).order_by(*order_by(order))
    rows = list(found[: page.limit + 1])
    shown = page_of(
        search.scope, rows, page, lambda row: [getattr(row, column.field) for column in order]
    )
    return list(shown.items), shown.next


def _counted(actor: Actor, search: IncidentSearch, page: Page[IncidentRow]) -> Page[IncidentRow]:
    total = matching(actor, search).order_by().values("pk")[: COUNT_CAP + 1].count()
    return replace(page, total_capped=min(total, COUNT_CAP), total_is_capped=total > COUNT_CAP)


def _rows(actor: Actor, incidents: Sequence[Incident], *, queue: bool) -> list[IncidentRow]:
    now, known = timezone.now(), categories()
    registered = _registered(actor, incidents)
    intervals = intervals_of((one.pk for one in incidents), ClockKind.RESOLUTION)
    rows = []
    for one in incidents:
        stored = intervals.get((one.pk, ClockKind.RESOLUTION), [])
        target = clock_view(ClockKind.RESOLUTION, known[one.category_id], stored, now)
        rows.append(_row(actor, one, target, registered, queue=queue))
    return rows


def _row(
    actor: Actor,
    one: Incident,
    target: ClockView | None,
    registered: frozenset[int],
    *,
    queue: bool,
) -> IncidentRow:
    part = deciding_part(parts_of(actor, one))
    row = IncidentRow(
        reference=one.reference,
        state=State(one.state),
        part=part,
        category=one.category_id,
        priority=one.priority,
        summary=one.summary,
        device_id=one.device_id,
        mpxns=tuple(one.mpxns),
        postcode=one.postcode,
        responsible=responsible_words(one, part, registered=one.pk in registered),
        raised_at=one.raised_at,
        updated_at=one.updated_at,
        target=target,
    )
    shared = {name: getattr(row, name) for name in IncidentRow.__dataclass_fields__}
    if queue and part in {Part.OPERATOR, Part.RESPONSIBLE}:
        # Who works on it is the operator's own business, as in the views of one incident.
        at_desk = part is Part.OPERATOR
        group = one.assigned_group if at_desk else None
        person = one.assigned_person if at_desk else None
        return QueueRow(
            **shared,
            raising_organisation=one.raising_organisation.name,
            assigned_group=group.name if group else "",
            assigned_person=person.display_name if person else "",
        )
    if part is Part.RAISER:
        return RaiserRow(**shared, your_reference=one.your_reference)
    return row


def raised_for_causes(actor: Actor, causes: Iterable[str]) -> dict[str, str]:
    """References of the incidents that Meterdesk raised for these causes, where visible."""
    found = visible_incidents(actor).filter(cause__in=list(causes)).exclude(cause="")
    return dict(found.values_list("cause", "reference"))

"""What a list of incidents can be asked for, and the conditions that follow (SSI-FR-32)."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Lower

from meterdesk.identity.rules import Actor, DeskPermission
from meterdesk.incidents.access import VIEW, visible_to
from meterdesk.incidents.models import DeskGroupMember, Incident
from meterdesk.incidents.rules.states import State
from meterdesk.kernel.paging import Order
from meterdesk.kernel.recognise import Certainty, IdKind, recognise

_ID: Final = Order("id", int)
_ID_DOWN: Final = Order("id", int, descending=True)
SORTS: Final[Mapping[str, tuple[Order, ...]]] = {
    "-raised": (Order("raised_at", datetime, descending=True), _ID_DOWN),
    "raised": (Order("raised_at", datetime), _ID),
    "priority": (Order("priority", int), Order("raised_at", datetime), _ID),
    "-priority": (
        Order("priority", int, descending=True),
        Order("raised_at", datetime, descending=True),
        _ID_DOWN,
    ),
}
WHOSE: Final = ("all", "mine", "raised", "responsible", "interested")
ASSIGNED: Final = ("all", "me", "my_groups", "nobody")


@dataclass(frozen=True, slots=True)
class IncidentSearch:
    """What to list. Empty filters leave everything in.

    Attributes:
        text: a reference, your own reference, Device ID, MPxN, UPRN or postcode.
        whose: all; mine (I raised it); raised, responsible or interested (by UserId).
        assigned: for the queue: all, me, my_groups or nobody.
        sort: a key of SORTS.
    """

    text: str = ""
    states: tuple[State, ...] = ()
    category: int | None = None
    priority: int | None = None
    whose: str = "all"
    assigned: str = "all"
    group_id: int | None = None
    sort: str = "-raised"

    @property
    def scope(self) -> str:
        """The list's name for its cursors: filters and order."""
        return f"incidents {astuple(self)!r}"


def visible_incidents(actor: Actor) -> QuerySet[Incident]:
    """Incidents the actor may know of."""
    return Incident.objects.filter(visible_to(actor))


def matching(actor: Actor, search: IncidentSearch) -> QuerySet[Incident]:
    """Visible incidents that fit a search, in no order."""
    found = visible_incidents(actor)
    if search.states:
        found = found.filter(state__in=sorted(search.states))
    if search.category:
        found = found.filter(category_id=search.category)
    if search.priority:
        found = found.filter(priority=search.priority)
    if text := search.text.strip():
        found = found.alias(own_reference=Lower("your_reference")).filter(_about(text))
    return found.filter(_whose(actor, search.whose), _assigned(actor, search))


def _about(text: str) -> Q:
    about = Q(own_reference=text.lower())
    for one in recognise(text):
        if one.certainty is Certainty.NEAR_MISS:
            continue
        about |= _IDENTIFIERS.get(one.kind, lambda _value: Q())(one.value)
    return about


_IDENTIFIERS: Final[Mapping[IdKind, Any]] = {
    IdKind.REFERENCE: lambda value: Q(reference=value),
    IdKind.DEVICE_ID: lambda value: Q(device_id=value) | Q(hub_id=value),
    IdKind.MPAN: lambda value: Q(mpxns__contains=[value]),
    IdKind.MPRN: lambda value: Q(mpxns__contains=[value]),
    IdKind.UPRN: lambda value: Q(uprn=value),
    IdKind.POSTCODE: lambda value: Q(postcode=value),
}


def _whose(actor: Actor, whose: str) -> Q:
    user_ids = sorted(actor.user_ids_for(VIEW))
    raised = Q(raised_for__in=user_ids)
    responsible = Q(responsible_user_id__in=user_ids, responsible_user_id__isnull=False)
    if actor.may_at_desk(DeskPermission.QUEUE):
        responsible |= Q(responsible_organisation_id=actor.organisation_id)
    match whose:
        case "mine":
            return Q(raised_by_id=actor.person_id)
        case "raised":
            return raised
        case "responsible":
            return responsible
        case "interested":
            return ~raised & ~responsible
        case _:
            return Q()


def _assigned(actor: Actor, search: IncidentSearch) -> Q:
    wanted = Q(assigned_group_id=search.group_id) if search.group_id else Q()
    match search.assigned:
        case "me":
            return wanted & Q(assigned_person_id=actor.person_id)
        case "my_groups":
            groups = DeskGroupMember.objects.filter(person_id=actor.person_id).values("group_id")
            return wanted & Q(assigned_group_id__in=groups)
        case "nobody":
            return wanted & Q(assigned_person=None)
        case _:
            return wanted

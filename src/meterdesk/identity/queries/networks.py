"""Networks: whether a caller's address is admitted; what was asked for and decided (FSM-12)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.conf import settings
from django.db import connection
from django.db.models import Q, QuerySet

from meterdesk.identity.access import network_parts, networks_visible_to
from meterdesk.identity.models import Network, NetworkChange, Organisation, Person
from meterdesk.identity.rules import (
    Actor,
    DeskPermission,
    NetworkKind,
    NetworkState,
    NetworkStep,
    NetworkVerb,
    parse_address,
    steps_open,
)
from meterdesk.kernel.errors import NotAllowed, NotVisible
from meterdesk.kernel.paging import Order, Page, PageRequest
from meterdesk.platform.pages import COUNT_CAP, page_of_rows

_ORDER: Final = (Order("requested_at", datetime, descending=True), Order("id", int, True))

ADMITS: Final = """exists (
  select 1 from identity_network network
  where network.organisation_id = {organisation} and network.state = 'APPROVED'
    and network.cidr >>= {address}::inet)"""
"""SQL: whether an organisation is approved for an address, for a query that reads its person too.

`{organisation}` is the column to compare with, `{address}` a parameter.
"""


def enforced_address(address: str) -> str | None:
    """The address as ADMITS takes it; None, which nothing admits, for what is no address."""
    found = parse_address(address)
    return str(found) if found else None


def network_admits(organisation_id: int, address: str) -> bool:
    """Whether people and programs of an organisation may come from this address (FSM-12).

    Always, where METERDESK_ENFORCE_NETWORKS is off. Sessions and tokens ask the same in the query
    that finds them (ADMITS).
    """
    if not settings.METERDESK_ENFORCE_NETWORKS:
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "select " + ADMITS.format(organisation="%s", address="%s"),
            [organisation_id, enforced_address(address)],
        )
        return bool(cursor.fetchone()[0])


@dataclass(frozen=True, slots=True)
class NetworkRow:
    """A line of the list of networks. `review_date` is a date in London."""

    id: int
    organisation_name: str
    kind: NetworkKind
    cidr: str
    state: NetworkState
    requested_at: datetime
    review_date: date | None


@dataclass(frozen=True, slots=True)
class NetworkStepTaken:
    """One line of a network's history; people of another organisation stand by its name."""

    word: str
    why: str
    who: str
    review_date: date | None
    at: datetime


@dataclass(frozen=True, slots=True)
class NetworkPage:
    """One network: `steps` are those its reader may take."""

    row: NetworkRow
    grounds: str
    requested_by: str
    version: int
    steps: tuple[NetworkStep, ...]
    history: tuple[NetworkStepTaken, ...]


@dataclass(frozen=True, slots=True)
class NetworkSearch:
    """Which networks to list; empty fields ask for all. `overdue`: review date before `today`."""

    state: str = ""
    kind: str = ""
    text: str = ""
    overdue: bool = False
    organisation_id: int | None = None

    @property
    def scope(self) -> str:
        """Names the list for its cursors."""
        return (
            f"networks:{self.organisation_id}:{self.state}:{self.kind}:{self.text}:{self.overdue}"
        )


def networks(
    actor: Actor, search: NetworkSearch, page: PageRequest, *, today: date
) -> Page[NetworkRow]:
    """The networks that the actor administers or decides on, requested last first."""
    rows, scope = _matching(actor, search, today), f"{search.scope}:{actor.person_id}"
    return page_of_rows(rows, scope, _ORDER, page, cap=COUNT_CAP).as_entries(_row)


def _matching(actor: Actor, search: NetworkSearch, today: date) -> QuerySet[Network]:
    rows = Network.objects.select_related("organisation").filter(networks_visible_to(actor))
    if search.organisation_id is not None:
        rows = rows.filter(organisation_id=search.organisation_id)
    if search.state in set(NetworkState):
        rows = rows.filter(state=search.state)
    if search.kind in set(NetworkKind):
        rows = rows.filter(kind=search.kind)
    if search.overdue:
        rows = rows.filter(state=NetworkState.APPROVED, review_date__lt=today)
    if text := search.text.strip():
        rows = rows.filter(Q(organisation__name__icontains=text) | Q(grounds__icontains=text))
    return rows


def network(actor: Actor, network_id: int) -> NetworkPage:
    """One network with its history, newest first. Raises NotVisible."""
    one = (
        Network.objects.select_related("organisation", "requested_by")
        .filter(networks_visible_to(actor), pk=network_id)
        .first()
    )
    if one is None:
        raise NotVisible()
    changes = one.changes.select_related("person__organisation").order_by("-at", "-pk")
    requester = one.requested_by
    return NetworkPage(
        row=_row(one),
        grounds=one.grounds,
        requested_by=_who(actor, requester),
        version=one.version,
        steps=steps_open(
            NetworkState(one.state),
            network_parts(actor, one.organisation_id),
            asked_for_it=one.requested_by_id == actor.person_id,
        ),
        history=tuple(_taken(actor, change) for change in changes),
    )


def overlapping_gateways(cidr: str) -> list[str]:
    """Names of the organisations with an approved gateway connection among these addresses.

    For the operator alone: unlimited.
    """
    found = Network.objects.filter(kind=NetworkKind.GATEWAY, state=NetworkState.APPROVED).extra(
        where=["cidr && %s::cidr"], params=[cidr]
    )
    return sorted(set(found.values_list("organisation__name", flat=True)))


def _row(one: Network) -> NetworkRow:
    return NetworkRow(
        id=one.pk,
        organisation_name=one.organisation.name,
        kind=NetworkKind(one.kind),
        cidr=str(one.cidr),
        state=NetworkState(one.state),
        requested_at=one.requested_at,
        review_date=one.review_date,
    )


def _taken(actor: Actor, change: NetworkChange) -> NetworkStepTaken:
    words = {
        "request": "Requested",
        "record": "Recorded",
        NetworkVerb.APPROVE: "Approved",
        NetworkVerb.REFUSE: "Refused",
        NetworkVerb.REVIEW: "Reviewed",
        NetworkVerb.WITHDRAW: "Withdrawn",
    }
    return NetworkStepTaken(
        word=words.get(change.verb, change.verb),
        why=change.why,
        who=_who(actor, change.person),
        review_date=change.review_date,
        at=change.at,
    )


def _who(actor: Actor, person: Person | None) -> str:
    """A colleague by name, anybody else by organisation; the operator reads every name."""
    if person is None:
        return "Meterdesk"
    if actor.is_operator or person.organisation_id == actor.organisation_id:
        return person.display_name
    return person.organisation.name


def organisations_by_name(actor: Actor) -> list[tuple[int, str]]:
    """Organisations that the actor can record networks of. Raises NotAllowed for who cannot."""
    if not actor.sees_everything(DeskPermission.ACCOUNTS):
        raise NotAllowed("Only the operator's administrators record networks.")
    found = Organisation.objects.exclude(pk=actor.organisation_id).order_by("name")
    return list(found.values_list("pk", "name"))

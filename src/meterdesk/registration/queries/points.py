"""Meter points and premises as their readers may see them."""

import builtins
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, OuterRef
from django.utils import timezone

from meterdesk.identity.queries import UserIdEntry, user_id_entries
from meterdesk.identity.rules import Actor
from meterdesk.platform.intake import last_taken_in_each
from meterdesk.registration import models
from meterdesk.registration.access import may_read_names, visible_to
from meterdesk.registration.queries.parties import (
    RegisteredParties,
    parties_at_premises,
)
from meterdesk.registration.rules import MeterPointKind, PartyRole, matches_property, unnamed
from meterdesk.registration.rules.files import Fuel
from meterdesk.registration.rules.troubles import MisalignmentState

INVENTORY = "UC_Inventory"
_KINDS = ("registration", *(fuel.intake_kind for fuel in Fuel))
_NEIGHBOURS = 2_000
"""Meter points of one postcode that are looked through at most; a postcode has about a hundred."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address as registered; any part may be empty."""

    property: str
    street: str
    town: str
    postcode: str

    @builtins.property
    def line(self) -> str:
        """Without the postcode: `12 High Street, Townley`."""
        first = " ".join(part for part in (self.property, self.street) if part)
        return ", ".join(part for part in (first, self.town) if part)

    @builtins.property
    def full(self) -> str:
        """The whole of it on one line."""
        return ", ".join(part for part in (self.line, self.postcode) if part)


@dataclass(frozen=True)
class PartyView:
    """A party of a meter point for those who may not know its name: what it is, no more."""

    role: PartyRole
    label: str

    @property
    def organisation_name(self) -> str | None:
        """Withheld."""
        return None

    @property
    def user_id(self) -> str | None:
        """Withheld."""
        return None


@dataclass(frozen=True)
class NamedPartyView(PartyView):
    """A party for those registered at the premises, and for the operator; label is its name."""

    entry: UserIdEntry

    @property
    def organisation_name(self) -> str | None:
        """The organisation."""
        return self.entry.organisation_name

    @property
    def user_id(self) -> str | None:
        """The UserId, EUI-64 text."""
        return self.entry.eui


@dataclass(frozen=True, slots=True)
class Parties:
    """Who is registered now; nobody at all when the registration has ended or not begun."""

    supplier: PartyView | None = None
    network_party: PartyView | None = None
    agent: PartyView | None = None

    def __iter__(self) -> Iterator[PartyView]:
        """Those there are."""
        return iter([one for one in (self.supplier, self.network_party, self.agent) if one])


@dataclass(frozen=True, slots=True)
class MeterPoint:
    """A meter point.

    `is_disputed`: its provider is reported to say something else; told to those alone who are
    shown the parties by name.
    """

    mpxn: str
    kind: MeterPointKind
    address: Address
    uprn: str
    premises_key: str
    parties: Parties
    is_disputed: bool = False

    @property
    def fuel(self) -> str:
        """`electricity` or `gas`."""
        return self.kind.fuel


@dataclass(frozen=True, slots=True)
class PremisesSummary:
    """A premises in a list: where it is and its meter points, import first."""

    key: str
    uprn: str
    address: Address
    meter_points: tuple[tuple[str, MeterPointKind], ...]

    @property
    def mpxn(self) -> str:
        """The meter point by which to open it."""
        return self.meter_points[0][0]


@dataclass(frozen=True, slots=True)
class Premises:
    """A premises: its meter points, import first, with who is registered at each."""

    key: str
    uprn: str
    address: Address
    meter_points: tuple[MeterPoint, ...]

    @property
    def mpxns(self) -> tuple[str, ...]:
        """MPANs and MPRNs of the premises."""
        return tuple(point.mpxn for point in self.meter_points)

    @property
    def disputed(self) -> tuple[str, ...]:
        """Meter points of which the provider is reported to say something else."""
        return tuple(point.mpxn for point in self.meter_points if point.is_disputed)


def meter_point(
    actor: Actor, mpxn: str, *, at: datetime | None = None, component: str = INVENTORY
) -> MeterPoint | None:
    """A meter point with its parties as they are now; None when there is none to be seen."""
    premises = premises_of(actor, mpxn, at=at, component=component)
    if premises is None:
        return None
    return next(point for point in premises.meter_points if point.mpxn == mpxn)


def premises_of(
    actor: Actor, mpxn: str, *, at: datetime | None = None, component: str = INVENTORY
) -> Premises | None:
    """The premises of a meter point with its parties, or None when there is none to be seen.

    The names of parties are there only for whom access.may_read_names; others get PartyView,
    which has none. `at` is the present instant, for parties and for rights alike.
    """
    found = premises_and_parties(actor, mpxn, at=at, component=component)
    return found[0] if found else None


def premises_and_parties(
    actor: Actor, mpxn: str, *, at: datetime | None = None, component: str = INVENTORY
) -> tuple[Premises, list[RegisteredParties]] | None:
    """`premises_of`, and who is registered there now: for decisions, never to be shown."""
    key = models.MeterPoint.objects.filter(mpxn=mpxn).values("premises_key")[:1]
    visible = models.MeterPoint.objects.filter(visible_to(actor, component), premises_key=key)
    disputes = models.Misalignment.objects.filter(
        mpxn=OuterRef("mpxn"), state=MisalignmentState.OPEN
    )
    rows: list[Any] = _by_kind(visible.annotate(is_disputed=Exists(disputes)))
    if not rows:
        return None
    present = parties_at_premises([row.mpxn for row in rows], at or timezone.now())
    registered = frozenset().union(*(one.user_ids for one in present))
    is_named = may_read_names(actor, component, registered)
    entries = user_id_entries(registered) if is_named else {}
    by_mpxn = {one.mpxn: parties_named(one, entries) for one in present}
    points = tuple(
        MeterPoint(
            row.mpxn,
            MeterPointKind(row.kind),
            _address(row),
            row.uprn,
            row.premises_key,
            by_mpxn.get(row.mpxn, Parties()),
            is_named and row.is_disputed,
        )
        for row in rows
    )
    head = points[0]
    return Premises(head.premises_key, head.uprn, head.address, points), present


def premises_at(
    actor: Actor,
    postcode: str = "",
    property: str | None = None,
    uprn: str | None = None,
    limit: int = 50,
    *,
    component: str = INVENTORY,
) -> list[PremisesSummary]:
    """Premises of a UPRN or a postcode, narrowed to a property, in order of the house number.

    Args:
        actor: who asks.
        postcode: canonical, `AB1 0AJ`.
        property: a property's name or number as somebody typed it.
        uprn: canonical; decides alone when given.
        limit: premises at most.
        component: the functional component at hand.
    """
    rows = models.MeterPoint.objects.filter(visible_to(actor, component))
    if uprn:
        rows = rows.filter(premises_key=f"U{uprn}")
    elif postcode:
        rows = rows.filter(postcode=postcode)
    else:
        return []
    found = [
        row
        for row in rows[:_NEIGHBOURS]
        if not property or matches_property(property, row.property, row.street, row.town)
    ]
    grouped: dict[str, list[models.MeterPoint]] = {}
    for row in found:
        grouped.setdefault(row.premises_key, []).append(row)
    premises = [_summary(group) for group in grouped.values()]
    return sorted(premises, key=lambda one: _door_order(one.address))[:limit]


def premises_at_postcodes(postcodes: Iterable[str]) -> dict[str, int]:
    """How many premises there are at each of these postcodes; for counts alone, unfiltered."""
    found: dict[str, int] = {}
    waiting = iter(postcodes)
    while some := list(islice(waiting, 10_000)):
        rows = models.MeterPoint.objects.filter(postcode__in=some).values_list("postcode")
        found.update(rows.annotate(Count("premises_key", distinct=True)))
    return found


def freshness() -> datetime | None:
    """When registration data last came in whole (SSI-NFR-35)."""
    return max(last_taken_in_each(_KINDS).values(), default=None)


KIND_ORDER = list(MeterPointKind)
"""Import before export before gas."""


def _by_kind(rows: Iterable[models.MeterPoint]) -> list[models.MeterPoint]:
    """Import before export before gas."""
    return sorted(rows, key=lambda row: (KIND_ORDER.index(MeterPointKind(row.kind)), row.mpxn))


def _address(row: models.MeterPoint) -> Address:
    return Address(row.property, row.street, row.town, row.postcode)


def parties_named(there: RegisteredParties, entries: Mapping[str, UserIdEntry]) -> Parties:
    """The parties of a meter point, by name those that have an entry."""

    def view(role: PartyRole, eui: str) -> PartyView:
        if entry := entries.get(eui):
            return NamedPartyView(role, entry.organisation_name, entry)
        return PartyView(role, unnamed(role, there.kind))

    return Parties(
        view(PartyRole.SUPPLIER, there.supplier),
        view(PartyRole.NETWORK_PARTY, there.network_party),
        view(PartyRole.AGENT, there.agent) if there.agent else None,
    )


def _summary(rows: Iterable[models.MeterPoint]) -> PremisesSummary:
    points = _by_kind(rows)
    head = points[0]
    return PremisesSummary(
        head.premises_key,
        head.uprn,
        _address(head),
        tuple((row.mpxn, MeterPointKind(row.kind)) for row in points),
    )


_NUMBER = re.compile(r"[0-9]+")


def _door_order(address: Address) -> tuple[str, int, str]:
    """Street, then the first number of the property as a number, then the rest."""
    number = _NUMBER.search(address.property)
    return address.street, int(number[0][:9]) if number else 0, address.property

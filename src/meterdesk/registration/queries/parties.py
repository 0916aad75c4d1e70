"""Who is registered at an instant, unfiltered: for decisions, never to be shown as it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from meterdesk.registration.models import Registration
from meterdesk.registration.rules import MeterPointKind


@dataclass(frozen=True, slots=True)
class RegisteredParties:
    """The parties of one meter point at an instant; UserIds are EUI-64 text.

    `since` is when this registration began, `run` and `line` what told of it; None: not known.
    """

    mpxn: str
    kind: MeterPointKind
    supplier: str
    network_party: str
    agent: str | None
    since: datetime | None = None
    run: int | None = None
    line: int | None = None

    @property
    def user_ids(self) -> frozenset[str]:
        """Everybody registered here."""
        everybody = (self.supplier, self.network_party, self.agent)
        return frozenset(eui for eui in everybody if eui)


_COLUMNS = (
    *("meter_point__mpxn", "meter_point__kind", "supplier", "network_party", "agent"),
    *("active_from", "source_run", "source_line"),
)


def in_force(at: datetime, prefix: str = "") -> Q:
    """Registrations that hold at an instant, their first included and their last not (REG-2)."""
    return Q(**{f"{prefix}active_from__lte": at}) & (
        Q(**{f"{prefix}active_to": None}) | Q(**{f"{prefix}active_to__gt": at})
    )


def parties_on(mpxn: str, at: datetime) -> RegisteredParties | None:
    """Who is registered at a meter point at an instant; None: nobody, or it is not known.

    Unfiltered, for the system's own decisions (responsibility, access).
    """
    return next(iter(parties_at_premises([mpxn], at)), None)


def parties_at_premises(mpxns: Iterable[str], at: datetime) -> list[RegisteredParties]:
    """Who is registered at each of these meter points at an instant, in order of the MPxN.

    Unfiltered, for the system's own decisions. Meter points without a registration are left out.
    """
    rows = (
        Registration.objects.filter(in_force(at), meter_point__mpxn__in=list(mpxns))
        .order_by("meter_point__mpxn")
        .values_list(*_COLUMNS)
    )
    return [RegisteredParties(mpxn, MeterPointKind(kind), *rest) for mpxn, kind, *rest in rows]


def parties_at(mpxns: Iterable[str], uprns: Iterable[str], at: datetime) -> list[RegisteredParties]:
    """Who was registered at these meter points, and at every one of these UPRNs, at an instant.

    One query, in order of the MPxN. Unfiltered, for the system's own decisions.
    """
    there = Q(meter_point__mpxn__in=list(mpxns))
    there |= Q(meter_point__premises_key__in=[f"U{uprn}" for uprn in uprns])
    rows = (
        Registration.objects.filter(in_force(at), there)
        .order_by("meter_point__mpxn")
        .values_list(*_COLUMNS)
    )
    return [RegisteredParties(mpxn, MeterPointKind(kind), *rest) for mpxn, kind, *rest in rows]


def registered_user_ids(mpxns: Iterable[str], at: datetime) -> frozenset[str]:
    """UserIds registered in any role at any of these meter points at an instant."""
    return frozenset().union(*(one.user_ids for one in parties_at_premises(mpxns, at)))

"""Reads of meter points, premises and who is registered at them (REG-2)."""

from meterdesk.registration.queries.disputes import DisputedPoint, DisputedValues, disputed
from meterdesk.registration.queries.parties import (
    RegisteredParties,
    parties_at,
    parties_at_premises,
    parties_on,
    registered_user_ids,
)
from meterdesk.registration.queries.points import (
    Address,
    MeterPoint,
    NamedPartyView,
    Parties,
    PartyView,
    Premises,
    PremisesSummary,
    freshness,
    meter_point,
    premises_and_parties,
    premises_at,
    premises_at_postcodes,
    premises_of,
)
from meterdesk.registration.queries.portfolio import (
    DISPUTED,
    OWN_POINTS,
    POINTS,
    has_more_points,
    registered_there,
    registration_values,
)
from meterdesk.registration.queries.responsible import (
    PointParties,
    ToldParties,
    parties_shown,
    responsible_at,
)

__all__ = [
    "DISPUTED",
    "OWN_POINTS",
    "POINTS",
    "Address",
    "DisputedPoint",
    "DisputedValues",
    "MeterPoint",
    "NamedPartyView",
    "Parties",
    "PartyView",
    "PointParties",
    "Premises",
    "PremisesSummary",
    "RegisteredParties",
    "ToldParties",
    "disputed",
    "freshness",
    "has_more_points",
    "meter_point",
    "parties_at",
    "parties_at_premises",
    "parties_on",
    "parties_shown",
    "premises_and_parties",
    "premises_at",
    "premises_at_postcodes",
    "premises_of",
    "registered_there",
    "registered_user_ids",
    "registration_values",
    "responsible_at",
]

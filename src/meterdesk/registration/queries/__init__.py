"""Reads of meter points, premises and who is registered at them (REG-2)."""

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
    PointParties,
    Premises,
    PremisesSummary,
    freshness,
    meter_point,
    parties_shown,
    premises_and_parties,
    premises_at,
    premises_at_postcodes,
    premises_of,
)
from meterdesk.registration.queries.portfolio import (
    points_of,
    registered_there,
    registration_values,
)

__all__ = [
    "Address",
    "MeterPoint",
    "NamedPartyView",
    "Parties",
    "PartyView",
    "PointParties",
    "Premises",
    "PremisesSummary",
    "RegisteredParties",
    "freshness",
    "meter_point",
    "parties_at",
    "parties_at_premises",
    "parties_on",
    "parties_shown",
    "points_of",
    "premises_and_parties",
    "premises_at",
    "premises_at_postcodes",
    "premises_of",
    "registered_there",
    "registered_user_ids",
    "registration_values",
]

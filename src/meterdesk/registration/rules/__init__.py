"""What a meter point is, and how a provider's files, troubles and refreshes go. Plain Python."""

from meterdesk.registration.rules.meter_points import (
    MeterPointKind,
    PartyRole,
    folded,
    matches_property,
    premises_key,
    unnamed,
)

__all__ = [
    "MeterPointKind",
    "PartyRole",
    "folded",
    "matches_property",
    "premises_key",
    "unnamed",
]

"""What happened to organisations, for the apps above that keep something of theirs."""

from dataclasses import dataclass
from datetime import datetime

from meterdesk.identity.rules import Actor


@dataclass(frozen=True, slots=True)
class OrganisationClosed:
    """An organisation was off-boarded by `actor`; what it had opened elsewhere is to be closed."""

    organisation_id: int
    actor: Actor
    at: datetime

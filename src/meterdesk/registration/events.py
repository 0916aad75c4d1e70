"""What registration tells the apps above it, in the transaction in which it happened."""

from dataclasses import dataclass
from datetime import datetime

from meterdesk.registration.rules.troubles import Cause, Side


@dataclass(frozen=True, slots=True)
class RegistrationDataTrouble:
    """Something is wrong with a provider's data, noticed now for the first time (IM-17).

    Attributes:
        number: the trouble's, so that it raises one incident.
        provider: code and name; empty when nobody we know sent it.
        organisation_id: the provider's organisation, or None.
        user_id: the UserId through which a SEC Party is told, or None.
        mpxn: the one meter point concerned, or None.
    """

    number: int
    cause: Cause
    side: Side
    provider: str
    organisation_id: int | None
    user_id: str | None
    summary: str
    detail: str
    at: datetime
    mpxn: str | None = None

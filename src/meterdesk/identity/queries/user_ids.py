"""UserIds: whose they are and in which role."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from meterdesk.identity.models import UserId
from meterdesk.identity.rules import UserRole


@dataclass(frozen=True, slots=True)
class UserIdEntry:
    """A UserId with its role and whose it is."""

    eui: str
    user_role: UserRole
    organisation_id: int
    organisation_name: str


def user_id_entries(euis: Iterable[str] | None = None) -> dict[str, UserIdEntry]:
    """The known ones of these UserIds (EUI-64 text), or every UserId there is.

    Unfiltered: for the system's own use and for callers that have asked access first.
    """
    rows = UserId.objects.order_by("eui")
    if euis is not None:
        rows = rows.filter(eui__in=list(euis))
    found = rows.values_list("eui", "user_role", "organisation_id", "organisation__name")
    return {
        eui: UserIdEntry(eui, UserRole(role), organisation_id, name)
        for eui, role, organisation_id, name in found
    }


def user_ids_in_reach(organisation_id: int, *, at: datetime) -> frozenset[str]:
    """An organisation's own UserIds, and those granted to it and not rescinded (SSI-NFR-29, 33).

    Unfiltered, as above.
    """
    own = Q(organisation_id=organisation_id)
    granted = (
        Q(grants_given__granted__organisation_id=organisation_id)
        & Q(grants_given__active_from__lte=at, grants_given__rescinded_at=None)
        & (Q(grants_given__expires_at=None) | Q(grants_given__expires_at__gt=at))
    )
    return frozenset(UserId.objects.filter(own | granted).values_list("eui", flat=True))

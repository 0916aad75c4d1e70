"""UserIds: whose they are and in which role."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from meterdesk.identity.models import UserId
from meterdesk.identity.rules import UserRole
from meterdesk.kernel.errors import NotAllowed, Refused
from meterdesk.kernel.identifiers import parse_eui


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


def chosen_user_id(given: str | None, known: Sequence[UserIdEntry]) -> str:
    """The UserId that a caller names, else the one that they could name; EUI-64 text.

    Raises:
        NotAllowed: there is none that they could name.
        Refused: several, code which_user_id; InvalidIdentifier when it is none.
    """
    if given:
        return parse_eui(given)
    if not known:
        raise NotAllowed("No role of yours gives this for any UserId. Ask your administrator.")
    if len(known) > 1:
        message = "You may do this for several UserIds. Say for which."
        raise Refused(message, code="which_user_id", fields={"user_id": message})
    return known[0].eui


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

"""Resets of second factors: whose the actor can reset, and which wait for agreement."""

from dataclasses import dataclass
from datetime import datetime

from meterdesk.identity.access import administrator_roles, resets_visible_to, resettable_by
from meterdesk.identity.models import FactorReset, Person
from meterdesk.identity.queries.factors import FactorEntry, factors_of
from meterdesk.identity.rules import RESET_OPEN, Actor, ResetState
from meterdesk.kernel.errors import NotVisible


@dataclass(frozen=True, slots=True)
class ResetTarget:
    """Somebody whose second factors the actor can reset.

    `needs_second`: they administer accounts themselves, so that two people have to agree.
    """

    id: int
    username: str
    display_name: str
    organisation_name: str
    needs_second: bool
    factors: list[FactorEntry]


@dataclass(frozen=True, slots=True)
class WaitingReset:
    """A reset that waits for a second administrator, until `ends_at` (aware UTC)."""

    id: int
    username: str
    display_name: str
    organisation_name: str
    reason: str
    requested_by: str
    requested_at: datetime
    ends_at: datetime
    is_own_request: bool
    is_for_actor: bool


def person_to_reset(actor: Actor, person_id: int) -> ResetTarget:
    """Somebody whom the actor can reset. Raises NotVisible."""
    found = Person.objects.select_related("organisation")
    person = found.filter(resettable_by(actor), pk=person_id).first()
    if person is None:
        raise NotVisible()
    return ResetTarget(
        id=person.pk,
        username=person.username,
        display_name=person.display_name,
        organisation_name=person.organisation.name,
        needs_second=administers_accounts(person.pk),
        factors=factors_of(person.pk),
    )


def administers_accounts(person_id: int) -> bool:
    """Whether a person holds a role that administers accounts, their account locked or not."""
    return Person.objects.filter(administrator_roles(), pk=person_id).exists()


def id_to_reset(actor: Actor, username: str) -> int:
    """The id of the person of that username, if the actor can reset them. Raises NotVisible."""
    found = Person.objects.filter(resettable_by(actor), username__iexact=username.strip())
    person_id = found.values_list("pk", flat=True).first()
    if person_id is None:
        raise NotVisible("There is no such account whose second factors you can reset.")
    return person_id


def waiting_resets(actor: Actor, *, at: datetime) -> list[WaitingReset]:
    """Requests in the actor's reach that wait for a second administrator, oldest first."""
    rows = (
        FactorReset.objects.select_related("person__organisation", "requested_by")
        .filter(
            resets_visible_to(actor),
            state=ResetState.REQUESTED,
            requested_at__gt=at - RESET_OPEN,
        )
        .order_by("requested_at", "pk")
    )
    return [
        WaitingReset(
            id=row.pk,
            username=row.person.username,
            display_name=row.person.display_name,
            organisation_name=row.person.organisation.name,
            reason=row.reason,
            requested_by=row.requested_by.display_name if row.requested_by else "the operator",
            requested_at=row.requested_at,
            ends_at=row.requested_at + RESET_OPEN,
            is_own_request=row.requested_by_id == actor.person_id,
            is_for_actor=row.person_id == actor.person_id,
        )
        for row in rows
    ]

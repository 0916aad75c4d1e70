"""Administrators, their rules, and the UserIds they can give roles on; for identity's own use."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from meterdesk.identity.models import (
    AccountRules,
    DeskAssignment,
    Grant,
    Organisation,
    Person,
    RoleAssignment,
    UserId,
)
from meterdesk.identity.rules import Actor, DeskRole, JobTypeRole, OrganisationKind, UserRole

PROVIDER_DESK_ROLES: Final = (DeskRole.RESOLVER,)


@dataclass(frozen=True, slots=True)
class RulesView:
    """How an organisation keeps its accounts."""

    email_domains: tuple[str, ...]
    dormant_after_days: int
    review_every_months: int
    version: int


@dataclass(frozen=True, slots=True)
class Assignable:
    """A UserId on which roles can be given; `is_own` or granted by `organisation_name`."""

    eui: str
    user_role: str
    organisation_name: str
    is_own: bool
    is_in_force: bool = True

    def takes(self, role: JobTypeRole) -> bool:
        """Whether this role can be given on it: none on one no longer granted, and on another
        organisation's none that administers accounts.
        """
        administers = role is JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
        return self.is_in_force and (self.is_own or not administers)


def account_rules(organisation_id: int) -> RulesView:
    """The rules of an organisation's accounts, or the defaults."""
    found = AccountRules.objects.filter(organisation_id=organisation_id).first()
    kept = found or AccountRules(organisation_id=organisation_id, version=0)
    return RulesView(
        tuple(kept.email_domains),
        kept.dormant_after_days,
        kept.review_every_months,
        kept.version,
    )


def own_account_rules(actor: Actor) -> RulesView:
    """The rules of the actor's own organisation."""
    return account_rules(actor.organisation_id)


def assignable_user_ids(
    organisation_id: int, at: datetime, held: Iterable[str] = ()
) -> list[Assignable]:
    """UserIds on which an organisation's people can hold roles, own ones first.

    Args:
        held: UserIds that a person has roles on already; one that is neither own nor granted now
            is listed as no longer in force, so that its roles can be taken away.
    """
    granted = Grant.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=at),
        granted__organisation_id=organisation_id,
        active_from__lte=at,
        rescinded_at=None,
    ).values_list("granting_id", flat=True)
    in_force = set(granted)
    found = UserId.objects.select_related("organisation").filter(
        Q(organisation_id=organisation_id) | Q(eui__in=in_force | set(held))
    )
    listed = [
        Assignable(
            eui=one.eui,
            user_role=UserRole(one.user_role).title,
            organisation_name=one.organisation.name,
            is_own=one.organisation_id == organisation_id,
            is_in_force=one.organisation_id == organisation_id or one.eui in in_force,
        )
        for one in found
    ]
    return sorted(listed, key=lambda one: (not one.is_own, not one.is_in_force, one.eui))


def assignable_desk_roles(kind: OrganisationKind) -> tuple[DeskRole, ...]:
    """Desk roles that people of such an organisation can hold."""
    if kind is OrganisationKind.OPERATOR:
        return tuple(DeskRole)
    return PROVIDER_DESK_ROLES if kind is OrganisationKind.SERVICE_PROVIDER else ()


def administrators_of(organisation: Organisation) -> QuerySet[Person]:
    """Active people who administer an organisation's accounts by a log-in of their own here.

    Whoever an identity provider logs in has the roles that it asserts, each time anew, and is not
    among them: the provider's failure must leave somebody who can act (decision 0013). The
    operator's administrators look after its service providers, which have none.
    """
    active = Person.objects.filter(
        status=Person.Status.ACTIVE, kind=Person.Kind.PERSON, by_provider=False
    )
    if organisation.kind == OrganisationKind.PARTY:
        role = RoleAssignment.objects.filter(
            person=OuterRef("pk"),
            job_type_role=JobTypeRole.ORGANISATIONAL_ADMINISTRATOR,
            user_id__organisation_id=F("person__organisation_id"),
        )
        return active.filter(Exists(role), organisation=organisation)
    desk = DeskAssignment.objects.filter(person=OuterRef("pk"), desk_role=DeskRole.ADMINISTRATOR)
    return active.filter(Exists(desk), organisation__kind=OrganisationKind.OPERATOR)


def other_administrators(organisation: Organisation, person_id: int) -> QuerySet[Person]:
    """Administrators besides one who have finished their first log-in, so that they can act."""
    return administrators_of(organisation).filter(~Q(pk=person_id), ~Q(details_confirmed_at=None))

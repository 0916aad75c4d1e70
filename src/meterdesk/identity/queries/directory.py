"""Organisations and people by number, name and address, for the system's own use."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F

from meterdesk.identity.models import Organisation, Person, RoleAssignment, UserId
from meterdesk.identity.rules import DeskRole, JobTypeRole, OrganisationKind, Suspension


@dataclass(frozen=True, slots=True)
class OrganisationEntry:
    """An organisation by number and name."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class PersonEntry:
    """A person by number and name."""

    id: int
    name: str


def organisations_of_kind(kind: OrganisationKind) -> list[OrganisationEntry]:
    """Organisations of a kind by name: the operator, its service providers, SEC Parties."""
    found = Organisation.objects.filter(kind=kind).order_by("name")
    return [OrganisationEntry(one.pk, one.name) for one in found]


def desk_people(organisation_id: int) -> list[PersonEntry]:
    """Active people of an organisation who hold a desk role, by name."""
    people = (
        Person.objects.filter(
            organisation_id=organisation_id,
            status=Person.Status.ACTIVE,
            desk_assignments__isnull=False,
        )
        .order_by("last_name", "first_name", "pk")
        .distinct()
    )
    return [PersonEntry(one.pk, one.display_name) for one in people]


def service_management_addresses(euis: Iterable[str]) -> dict[str, list[str]]:
    """Email addresses, by UserId, of its own organisation's Service Management Users (IM-8).

    None where the UserId or its organisation is suspended to nothing: who may read nothing in
    Meterdesk is not written to of it either.
    """
    found: dict[str, list[str]] = defaultdict(list)
    rows = (
        RoleAssignment.objects.filter(
            user_id__in=list(euis),
            job_type_role=JobTypeRole.SERVICE_MANAGEMENT_USER,
            person__status=Person.Status.ACTIVE,
            person__organisation_id=F("user_id__organisation_id"),
        )
        .exclude(user_id__suspension=Suspension.NOTHING)
        .exclude(user_id__organisation__suspension=Suspension.NOTHING)
        .exclude(person__email="")
        .values_list("user_id", "person__email")
        .order_by("person_id")
    )
    for eui, address in rows:
        found[eui].append(address)
    return dict(found)


def is_written_to(eui: str) -> bool:
    """Whether contacts named for a UserId are written to: not where it may read nothing.

    That is where it or its organisation is suspended to nothing, or the organisation has left.
    """
    return (
        UserId.objects.filter(pk=eui, organisation__closed_at=None)
        .exclude(suspension=Suspension.NOTHING)
        .exclude(organisation__suspension=Suspension.NOTHING)
        .exists()
    )


def resolver_addresses(organisation_id: int) -> list[str]:
    """Email addresses of the resolvers of a service provider that is not suspended to nothing."""
    return list(
        Person.objects.filter(
            organisation_id=organisation_id,
            status=Person.Status.ACTIVE,
            desk_assignments__desk_role=DeskRole.RESOLVER,
        )
        .exclude(organisation__suspension=Suspension.NOTHING)
        .exclude(email="")
        .values_list("email", flat=True)
        .order_by("pk")
    )


def person_id_of(username: str) -> int | None:
    """The id of the person of that username, whatever the letter case; for the operator's shell."""
    return Person.objects.filter(username__iexact=username).values_list("pk", flat=True).first()


def administrator_addresses(organisation_id: int) -> list[str]:
    """Email addresses of an organisation's active administrators.

    Of an organisation without UserIds, the operator and its service providers, those of the
    operator's administrators.
    """
    administrators = Person.objects.filter(
        organisation_id=organisation_id,
        status=Person.Status.ACTIVE,
        role_assignments__job_type_role=JobTypeRole.ORGANISATIONAL_ADMINISTRATOR,
        role_assignments__user_id__organisation_id=organisation_id,
    ).exclude(email="")
    found = administrators.order_by("pk").distinct().values_list("email", flat=True)
    if (
        found
        or Organisation.objects.filter(pk=organisation_id, kind=OrganisationKind.PARTY).exists()
    ):
        return list(found)
    return operator_addresses()


def operator_addresses(desk_role: DeskRole = DeskRole.ADMINISTRATOR) -> list[str]:
    """Email addresses of the operator's staff of a desk role."""
    return list(
        Person.objects.filter(
            organisation__kind=OrganisationKind.OPERATOR,
            status=Person.Status.ACTIVE,
            desk_assignments__desk_role=desk_role,
        )
        .exclude(email="")
        .order_by("pk")
        .values_list("email", flat=True)
    )


def organisation_id_of(name: str) -> int | None:
    """The id of the organisation of that name, whatever the letter case; for the shell."""
    found = Organisation.objects.filter(name__iexact=name.strip())
    return found.values_list("pk", flat=True).first()


def person_names(ids: Iterable[int]) -> dict[int, str]:
    """Names of people by id. Unfiltered: for callers that have asked access first."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {one.pk: one.display_name for one in Person.objects.filter(pk__in=wanted)}

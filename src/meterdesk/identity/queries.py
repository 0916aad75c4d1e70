"""Reads about people and rights. The actor is built here, afresh on every request."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.db import connection
from django.db.models import F, Q
from django.utils import timezone

from meterdesk.identity.models import (
    ApiToken,
    DeskAssignment,
    Organisation,
    Person,
    RoleAssignment,
    UserId,
)
from meterdesk.identity.rules import (
    DESK_PERMISSIONS,
    Actor,
    DeskPermission,
    DeskRole,
    JobTypeRole,
    OrganisationKind,
    UserRole,
    entitlements_of,
)
from meterdesk.kernel.identifiers import eui_from_int

_ASSIGNMENTS = """
select a.eui, a.job_type_role, u.user_role,
       (select json_agg(c.id) from identity_functionalcomponent c
         where c.job_type_roles @> to_jsonb(a.job_type_role))
from identity_roleassignment a join identity_userid u on u.eui = a.eui
where a.person_id = %(person)s
  and (u.organisation_id = %(organisation)s or exists (
    select 1 from identity_grant g join identity_userid mine on mine.eui = g.granted_id
    where g.granting_id = u.eui and mine.organisation_id = %(organisation)s
      and g.active_from <= now() and g.rescinded_at is null))
"""


def actor_of(person: Person, *, request_id: str = "", token: ApiToken | None = None) -> Actor:
    """Build the actor with the rights this person has at this moment.

    One query for parties; one more for the operator's and service providers' staff. A role on
    another organisation's UserId counts only while a grant in force covers it (SSI-NFR-29, 33).
    A token's components narrow the person's, never widen them; a narrowed token opens no desk.
    """
    assignments: list[tuple[str, str]] = []
    user_roles: dict[str, UserRole] = {}
    roles: dict[str, set[str]] = defaultdict(set)
    matrix: dict[str, frozenset[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ASSIGNMENTS, {"person": person.pk, "organisation": person.organisation_id})
        for eui, job_type_role, user_role, components in cursor.fetchall():
            user_id = eui_from_int(eui)
            assignments.append((user_id, job_type_role))
            user_roles[user_id] = UserRole(user_role)
            roles[user_id].add(job_type_role)
            matrix[job_type_role] = frozenset(components or ())
    entitlements = entitlements_of(assignments, matrix)
    if token is not None and token.components is not None:
        entitlements = {c: ids for c, ids in entitlements.items() if c in token.components}
    organisation = person.organisation
    narrowed = token is not None and token.components is not None
    desk = frozenset() if narrowed else _desk_permissions(person, organisation)
    return Actor(
        person_id=person.pk,
        username=person.username,
        display_name=person.display_name,
        organisation_id=organisation.pk,
        organisation_name=organisation.name,
        organisation_kind=OrganisationKind(organisation.kind),
        user_ids=frozenset(user_roles),
        user_roles=user_roles,
        job_type_roles={user_id: frozenset(names) for user_id, names in roles.items()},
        entitlements=entitlements,
        desk=desk,
        request_id=request_id,
        token_id=token.pk if token else None,
    )


def _desk_permissions(person: Person, organisation: Organisation) -> frozenset[DeskPermission]:
    if organisation.kind == OrganisationKind.PARTY:
        return frozenset()
    held = DeskAssignment.objects.filter(person=person).values_list("desk_role", flat=True)
    return frozenset().union(*(DESK_PERMISSIONS[DeskRole(role)] for role in held))


def person_id_of(username: str) -> int | None:
    """The id of the person of that username, whatever the letter case; for the operator's shell."""
    return Person.objects.filter(username__iexact=username).values_list("pk", flat=True).first()


def person_of_session(person_id: object) -> Person | None:
    """The active person behind a session, with the organisation, or None."""
    if not isinstance(person_id, str | int):
        return None
    return (
        Person.objects.select_related("organisation")
        .filter(pk=person_id, status=Person.Status.ACTIVE)
        .first()
    )


def live_token(secret: str) -> ApiToken | None:
    """The token of this secret if it is neither expired nor revoked and its person is active."""
    return (
        ApiToken.objects.select_related("person__organisation")
        .filter(
            Q(digest=sha256(secret.encode()).hexdigest()),
            Q(revoked_at=None),
            Q(expires_at__gt=timezone.now()),
            Q(person__status=Person.Status.ACTIVE),
        )
        .first()
    )


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
    entries = UserId.objects.select_related("organisation").order_by("eui")
    if euis is not None:
        entries = entries.filter(eui__in=list(euis))
    return {
        one.eui: UserIdEntry(
            one.eui, UserRole(one.user_role), one.organisation_id, one.organisation.name
        )
        for one in entries
    }


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
    """Email addresses, by UserId, of its own organisation's Service Management Users (IM-8)."""
    found: dict[str, list[str]] = defaultdict(list)
    rows = (
        RoleAssignment.objects.filter(
            user_id__in=list(euis),
            job_type_role=JobTypeRole.SERVICE_MANAGEMENT_USER,
            person__status=Person.Status.ACTIVE,
            person__organisation_id=F("user_id__organisation_id"),
        )
        .exclude(person__email="")
        .values_list("user_id", "person__email")
        .order_by("person_id")
    )
    for eui, address in rows:
        found[eui].append(address)
    return dict(found)


def resolver_addresses(organisation_id: int) -> list[str]:
    """Email addresses of the resolvers of a service provider."""
    return list(
        Person.objects.filter(
            organisation_id=organisation_id,
            status=Person.Status.ACTIVE,
            desk_assignments__desk_role=DeskRole.RESOLVER,
        )
        .exclude(email="")
        .values_list("email", flat=True)
        .order_by("pk")
    )

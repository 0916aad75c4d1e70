"""Organisations and grants as records: for the app `organisations`, which asks access first."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.db.models.functions import Lower

from meterdesk.identity.models import Grant, Network, Organisation, Person, RoleAssignment, UserId
from meterdesk.identity.rules import (
    JobTypeRole,
    NetworkState,
    OrganisationKind,
    Suspension,
    UserRole,
)
from meterdesk.kernel.errors import NotVisible
from meterdesk.kernel.paging import Order, Page, PageRequest
from meterdesk.platform.pages import COUNT_CAP, page_of_rows


@dataclass(frozen=True, slots=True)
class UserIdRecord:
    """A UserId with its standing."""

    eui: str
    user_role: UserRole
    descriptor: str
    suspension: Suspension
    suspension_reason: str
    suspended_at: datetime | None
    version: int


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    """An organisation: who it is, its standing, and how many people it has.

    Attributes:
        people: active and locked accounts; administrators: those of them who administer it.
        administrators_ready: those of them who have finished their first log-in.
        networks: those that it is approved to come from.
        closed_at: when it was off-boarded.
    """

    id: int
    name: str
    kind: OrganisationKind
    suspension: Suspension
    suspension_reason: str
    suspended_at: datetime | None
    closed_at: datetime | None
    version: int
    people: int = 0
    administrators: int = 0
    administrators_ready: int = 0
    networks: int = 0
    user_ids: tuple[UserIdRecord, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class OrganisationSearch:
    """What a list of organisations is asked for; empty fields limit nothing.

    Attributes:
        text: part of a name, or a whole UserId in canonical form.
        standing: ACTIVE, READ_ONLY, NOTHING or CLOSED.
    """

    text: str = ""
    kind: str = ""
    standing: str = ""
    descending: bool = False

    @property
    def scope(self) -> str:
        """Names the list for its cursors."""
        return f"organisations:{self.text}:{self.kind}:{self.standing}:{self.descending}"


def organisation_records(search: OrganisationSearch, page: PageRequest) -> Page[OrganisationRecord]:
    """Organisations by name. Unlimited: for callers that have asked access first."""
    order = [Order("name_lower", str, search.descending)]
    found = page_of_rows(_matching(search), search.scope, order, page, cap=COUNT_CAP)
    return replace(found, items=_records(found.items))


def _matching(search: OrganisationSearch) -> Any:
    rows = Organisation.objects.annotate(name_lower=Lower("name"))
    if text := search.text.strip():
        by_user_id = UserId.objects.filter(eui=text) if _is_eui(text) else UserId.objects.none()
        rows = rows.filter(Q(name__icontains=text) | Q(pk__in=by_user_id.values("organisation")))
    if search.kind in set(OrganisationKind):
        rows = rows.filter(kind=search.kind)
    if search.standing == "CLOSED":
        rows = rows.filter(closed_at__isnull=False)
    elif search.standing in {"ACTIVE", *Suspension}:
        level = Suspension.NONE if search.standing == "ACTIVE" else search.standing
        rows = rows.filter(closed_at=None, suspension=level)
    return rows


def _is_eui(text: str) -> bool:
    return len(text) == 23 and text.count("-") == 7


def organisation_record(organisation_id: int) -> OrganisationRecord:
    """One organisation. Unlimited, as `organisation_records`. Raises NotVisible."""
    found = Organisation.objects.filter(pk=organisation_id).first()
    if found is None:
        raise NotVisible()
    return _records([found])[0]


def _records(found: Iterable[Organisation]) -> tuple[OrganisationRecord, ...]:
    rows = list(found)
    user_ids: dict[int, list[UserIdRecord]] = defaultdict(list)
    for one in UserId.objects.filter(organisation__in=rows).order_by("eui"):
        user_ids[one.organisation_id].append(_user_id(one))
    alive = Person.objects.filter(organisation__in=rows, kind=Person.Kind.PERSON).exclude(
        status=Person.Status.DELETED
    )
    people = dict(alive.order_by().values_list("organisation").annotate(Count("pk")))
    administrators = RoleAssignment.objects.filter(
        person__in=alive,
        job_type_role=JobTypeRole.ORGANISATIONAL_ADMINISTRATOR,
        user_id__organisation_id__in=[one.pk for one in rows],
    )
    counted = administrators.order_by().values_list("person__organisation")
    each = Count("person", distinct=True)
    administer = dict(counted.annotate(each))
    ready = dict(counted.exclude(person__details_confirmed_at=None).annotate(each))
    approved = Network.objects.filter(organisation__in=rows, state=NetworkState.APPROVED)
    networks = dict(approved.order_by().values_list("organisation").annotate(Count("pk")))
    return tuple(
        OrganisationRecord(
            id=one.pk,
            name=one.name,
            kind=OrganisationKind(one.kind),
            suspension=Suspension(one.suspension),
            suspension_reason=one.suspension_reason,
            suspended_at=one.suspended_at,
            closed_at=one.closed_at,
            version=one.version,
            people=people.get(one.pk, 0),
            administrators=administer.get(one.pk, 0),
            administrators_ready=ready.get(one.pk, 0),
            networks=networks.get(one.pk, 0),
            user_ids=tuple(user_ids[one.pk]),
        )
        for one in rows
    )


def _user_id(one: UserId) -> UserIdRecord:
    return UserIdRecord(
        eui=one.eui,
        user_role=UserRole(one.user_role),
        descriptor=one.descriptor,
        suspension=Suspension(one.suspension),
        suspension_reason=one.suspension_reason,
        suspended_at=one.suspended_at,
        version=one.version,
    )


@dataclass(frozen=True, slots=True)
class Holder:
    """A person of the granted organisation with their Job Type Roles on the granted data."""

    name: str
    job_type_roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GrantRecord:
    """A grant in force: whose data it opens, to whom, and who makes use of it.

    `holders` are people of the organisation that was granted access, with a role on the UserId
    whose data it is.
    """

    id: int
    granting: str
    granting_role: UserRole
    granting_organisation_id: int
    granting_organisation: str
    granted: str
    granted_role: UserRole
    granted_organisation_id: int
    granted_organisation: str
    active_from: datetime
    expires_at: datetime | None
    holders: tuple[Holder, ...]


def grants_in_force(
    *, at: datetime, organisation_id: int | None = None, euis: Iterable[str] | None = None
) -> list[GrantRecord]:
    """Grants in force, by whose data and to whom: all, or those of an organisation on either side.

    `euis`: only those between two of these UserIds. Unlimited: for callers that have asked access.
    """
    found = Grant.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=at), active_from__lte=at, rescinded_at=None
    )
    if organisation_id is not None:
        found = found.filter(
            Q(granting__organisation=organisation_id) | Q(granted__organisation=organisation_id)
        )
    if euis is not None:
        among = list(euis)
        found = found.filter(granting__in=among, granted__in=among)
    rows = list(
        found.select_related("granting__organisation", "granted__organisation").order_by(
            "granting__organisation__name", "granting", "granted__organisation__name", "granted"
        )
    )
    holders = _holders({one.granting_id for one in rows})
    return [_grant(one, holders) for one in rows]


def _holders(euis: Iterable[str]) -> dict[tuple[str, int], dict[str, list[str]]]:
    """(UserId, organisation) to names, to roles."""
    found: dict[tuple[str, int], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    held = RoleAssignment.objects.select_related("person").filter(user_id__in=list(euis))
    for one in held.exclude(person__status=Person.Status.DELETED).order_by("person_id"):
        key = (one.user_id_id, one.person.organisation_id)
        found[key][one.person.display_name].append(one.job_type_role)
    return found


def _grant(one: Grant, holders: dict[tuple[str, int], dict[str, list[str]]]) -> GrantRecord:
    people = holders.get((one.granting_id, one.granted.organisation_id), {})
    return GrantRecord(
        id=one.pk,
        granting=one.granting_id,
        granting_role=UserRole(one.granting.user_role),
        granting_organisation_id=one.granting.organisation_id,
        granting_organisation=one.granting.organisation.name,
        granted=one.granted_id,
        granted_role=UserRole(one.granted.user_role),
        granted_organisation_id=one.granted.organisation_id,
        granted_organisation=one.granted.organisation.name,
        active_from=one.active_from,
        expires_at=one.expires_at,
        holders=tuple(Holder(name, tuple(sorted(roles))) for name, roles in people.items()),
    )


@dataclass(frozen=True, slots=True)
class IdleAssignment:
    """A role on another organisation's UserId that no grant in force covers: it gives nothing."""

    person_name: str
    username: str
    job_type_role: str
    eui: str
    organisation_name: str


def idle_assignments(organisation_id: int, *, at: datetime) -> list[IdleAssignment]:
    """Roles of an organisation's people that rest on a grant no longer in force."""
    in_force = Grant.objects.filter(
        Q(expires_at=None) | Q(expires_at__gt=at),
        granted__organisation=organisation_id,
        active_from__lte=at,
        rescinded_at=None,
    )
    rows = (
        RoleAssignment.objects.select_related("person", "user_id__organisation")
        .filter(person__organisation=organisation_id)
        .exclude(person__status=Person.Status.DELETED)
        .exclude(user_id__organisation=organisation_id)
        .exclude(user_id__in=in_force.values("granting"))
        .order_by("person__username", "user_id", "job_type_role")
    )
    return [
        IdleAssignment(
            one.person.display_name,
            one.person.username,
            one.job_type_role,
            one.user_id_id,
            one.user_id.organisation.name,
        )
        for one in rows
    ]


@dataclass(frozen=True, slots=True)
class ColleagueEntry:
    """A person with an account, by number, name and address."""

    id: int
    name: str
    username: str
    email: str


def colleagues(organisation_id: int) -> list[ColleagueEntry]:
    """Active people of an organisation, by name. Unlimited, as `organisation_records`."""
    people = Person.objects.filter(
        organisation=organisation_id, status=Person.Status.ACTIVE, kind=Person.Kind.PERSON
    )
    return [
        ColleagueEntry(one.pk, one.display_name, one.username, one.email)
        for one in people.order_by("last_name", "first_name", "username")[:500]
    ]

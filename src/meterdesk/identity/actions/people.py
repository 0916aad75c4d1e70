"""Organisations, UserIds, people, roles and grants: taken up and given."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.db.models import F

from meterdesk.identity.models import (
    DeskAssignment,
    Grant,
    Organisation,
    Person,
    RoleAssignment,
    UserId,
)
from meterdesk.identity.rules import Actor, DeskRole, JobTypeRole, OrganisationKind, UserRole
from meterdesk.kernel.errors import Conflict
from meterdesk.platform import activity


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to take up.

    Attributes:
        password: the first password; None for an account that no password opens.
        assignments: (UserId, Job Type Role) pairs (SSI-NFR-27).
        desk: desk roles of the operator's staff and of resolvers at service providers.
        must_set_password: whether the first log-in asks for a new password (SSI-NFR-11).
        details_confirmed: whether the details of SSI-FR-1 are given already.
        department, line_manager: as the organisation words them (FSM-11).
        by_provider: the organisation's identity provider alone logs the person in.
    """

    username: str
    organisation_id: int
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    telephone: str = ""
    password: str | None = None
    assignments: tuple[tuple[str, JobTypeRole], ...] = ()
    desk: tuple[DeskRole, ...] = ()
    must_set_password: bool = True
    details_confirmed: bool = False
    department: str = ""
    line_manager: str = ""
    by_provider: bool = False


@transaction.atomic
def add_organisation(
    actor: Actor | None,
    name: str,
    kind: OrganisationKind = OrganisationKind.PARTY,
    csp_regions: Iterable[str] = (),
    *,
    at: datetime,
) -> int:
    """Take an organisation up; one of that name is left as it is. Returns its id."""
    organisation, created = Organisation.objects.get_or_create(
        name=name, defaults={"kind": kind, "csp_regions": list(csp_regions)}
    )
    if created:
        activity.record(
            actor=actor,
            verb="identity.add_organisation",
            subject=name,
            at=at,
            organisation_id=organisation.pk,
            detail={"before": None, "after": {"kind": organisation.kind}},
        )
    return organisation.pk


@transaction.atomic
def add_user_id(
    actor: Actor | None, eui: str, organisation_id: int, role: UserRole, *, at: datetime
) -> None:
    """Give an organisation a UserId. Raises Conflict when another organisation has it."""
    user_id, created = UserId.objects.get_or_create(
        eui=eui, defaults={"organisation_id": organisation_id, "user_role": role}
    )
    if user_id.organisation_id != organisation_id or user_id.user_role != role:
        raise Conflict(f"The UserId {eui} is taken already.")
    if created:
        activity.record(
            actor=actor,
            verb="identity.add_user_id",
            subject=eui,
            at=at,
            organisation_id=organisation_id,
            detail={"before": None, "after": {"user_role": role}},
        )


@transaction.atomic
def add_person(actor: Actor | None, new: NewPerson, *, at: datetime) -> int:
    """Take a person up with their roles; returns the person's id.

    Raises Conflict, field username, when it is taken, in whatever letter case (SSI-FR-61).
    """
    if Person.objects.filter(username__iexact=new.username).exists():
        raise _taken(new.username)
    person = Person(
        username=new.username,
        organisation_id=new.organisation_id,
        first_name=new.first_name,
        last_name=new.last_name,
        email=new.email,
        telephone=new.telephone,
        department=new.department,
        line_manager=new.line_manager,
        password=make_password(new.password),
        must_set_password=new.must_set_password,
        details_confirmed_at=at if new.details_confirmed else None,
        by_provider=new.by_provider,
        created_at=at,
    )
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError:
        raise _taken(new.username) from None
    RoleAssignment.objects.bulk_create(
        RoleAssignment(person=person, user_id_id=eui, job_type_role=role, assigned_at=at)
        for eui, role in dict.fromkeys(new.assignments)
    )
    DeskAssignment.objects.bulk_create(
        DeskAssignment(person=person, desk_role=role) for role in dict.fromkeys(new.desk)
    )
    activity.record(
        actor=actor,
        verb="identity.add_person",
        subject=new.username,
        at=at,
        organisation_id=new.organisation_id,
        detail={
            "before": None,
            "after": {
                "first_name": new.first_name,
                "last_name": new.last_name,
                "email": new.email,
                "department": new.department,
                "line_manager": new.line_manager,
                "roles": sorted(f"{role} on {eui}" for eui, role in new.assignments),
                "desk_roles": sorted(new.desk),
                "by_provider": new.by_provider,
            },
        },
    )
    return person.pk


def _taken(username: str) -> Conflict:
    message = f"The username {username} is taken. Choose another one."
    return Conflict(message, code="username_taken", fields={"username": message})


@transaction.atomic
def add_grant(
    actor: Actor | None,
    granting: str,
    granted: str,
    *,
    at: datetime,
    expires_at: datetime | None = None,
) -> int:
    """Open one UserId's data to another from now on (SSI-NFR-28); returns the grant's id.

    One in force between the two already stays as it is. `expires_at`: None for as long as
    nobody rescinds it.
    """
    over = Grant.objects.filter(granting_id=granting, granted_id=granted, rescinded_at=None)
    over.filter(expires_at__lte=at).update(rescinded_at=F("expires_at"))
    grant, created = Grant.objects.get_or_create(
        granting_id=granting,
        granted_id=granted,
        rescinded_at=None,
        defaults={"active_from": at, "expires_at": expires_at},
    )
    if created:
        activity.record(
            actor=actor,
            verb="identity.add_grant",
            subject=granting,
            at=at,
            detail={"before": None, "after": _granted(grant)},
        )
    return grant.pk


@transaction.atomic
def rescind_grant(actor: Actor | None, grant_id: int, *, at: datetime) -> None:
    """End a grant: roles resting on it give nothing from the next request on (SSI-NFR-33)."""
    grant = Grant.objects.select_for_update().get(pk=grant_id)
    if grant.rescinded_at is None:
        was, grant.rescinded_at = _granted(grant), at
        grant.save(update_fields=["rescinded_at"])
        activity.record(
            actor=actor,
            verb="identity.rescind_grant",
            subject=grant.granting_id,
            at=at,
            detail={"before": was, "after": _granted(grant)},
        )


def _granted(grant: Grant) -> dict[str, str | None]:
    ends = (grant.expires_at, grant.rescinded_at)
    expires, rescinded = (one.isoformat() if one else None for one in ends)
    return {"granted": grant.granted_id, "expires_at": expires, "rescinded_at": rescinded}

"""What roles an account holds, person's or program's, and giving it others."""

from datetime import datetime

from meterdesk.identity.models import DeskAssignment, FeedAssignment, Person, RoleAssignment
from meterdesk.identity.rules import DeskRole, JobTypeRole

Roles = frozenset[tuple[str, JobTypeRole]]


def roles_of(person: Person) -> Roles:
    """(UserId, Job Type Role) pairs."""
    held = person.role_assignments.values_list("user_id_id", "job_type_role")
    return frozenset((eui, JobTypeRole(role)) for eui, role in held)


def desk_of(person: Person) -> frozenset[DeskRole]:
    """Desk roles."""
    held = person.desk_assignments.values_list("desk_role", flat=True)
    return frozenset(DeskRole(role) for role in held)


def give_roles(person: Person, roles: Roles, desk: frozenset[DeskRole], *, at: datetime) -> None:
    """Have these roles held and no others; one that stays keeps the time of its assignment.

    Call inside a transaction that holds the person's row.
    """
    held, held_desk = roles_of(person), desk_of(person)
    for eui, role in held - roles:
        person.role_assignments.filter(user_id=eui, job_type_role=role).delete()
    RoleAssignment.objects.bulk_create(
        RoleAssignment(person=person, user_id_id=eui, job_type_role=role, assigned_at=at)
        for eui, role in sorted(roles - held)
    )
    person.desk_assignments.filter(desk_role__in=held_desk - desk).delete()
    DeskAssignment.objects.bulk_create(
        DeskAssignment(person=person, desk_role=role) for role in sorted(desk - held_desk)
    )


def feeds_of(person: Person) -> frozenset[str]:
    """Kinds of data that a service account may push."""
    return frozenset(person.feed_assignments.values_list("kind", flat=True))


def give_feeds(person: Person, feeds: frozenset[str]) -> None:
    """Have these kinds allowed and no others; call as `give_roles`."""
    held = feeds_of(person)
    person.feed_assignments.filter(kind__in=held - feeds).delete()
    FeedAssignment.objects.bulk_create(
        FeedAssignment(person=person, kind=kind) for kind in sorted(feeds - held)
    )

"""One account as its administrators read it, and what they can give it."""

from dataclasses import dataclass
from datetime import datetime

from meterdesk.identity.access import people_visible_to
from meterdesk.identity.models import AccountLink, Organisation, Person
from meterdesk.identity.queries.administration import (
    Assignable,
    assignable_desk_roles,
    assignable_user_ids,
)
from meterdesk.identity.queries.people import PersonRow, row_of, with_figures, with_last_seen
from meterdesk.identity.rules import (
    Actor,
    DeskRole,
    JobTypeRole,
    OrganisationKind,
    administers_by,
)
from meterdesk.identity.rules.accounts import LinkPurpose
from meterdesk.kernel.errors import NotVisible


@dataclass(frozen=True, slots=True)
class AccountRecord:
    """An account with everything that an administrator decides of it or needs to know.

    Attributes:
        row: as it stands in the list, with its figures.
        roles: (UserId, Job Type Role) pairs, those that give nothing at present included.
        waits_until: until when a first or reset password, or a set-up link, can be used; None
            when the person has a password of their own.
        email_waiting: an address that the person entered and has not confirmed yet.
        by_provider: the organisation's identity provider logs the person in: no password here.
        is_self: it is the reader's own.
    """

    row: PersonRow
    first_name: str
    last_name: str
    email: str
    telephone: str
    organisation_id: int
    organisation_kind: OrganisationKind
    roles: frozenset[tuple[str, JobTypeRole]]
    desk: frozenset[DeskRole]
    locked_at: datetime | None
    has_password: bool
    has_logged_in: bool
    waits_until: datetime | None
    email_waiting: str
    by_provider: bool
    is_self: bool

    @property
    def administers(self) -> bool:
        """Whether the roles of this account administer accounts."""
        return administers_by([role for _, role in self.roles], self.desk)


@dataclass(frozen=True, slots=True)
class Offer:
    """What an account can be given: roles on UserIds, or desk roles."""

    organisation_id: int
    organisation_name: str
    user_ids: tuple[Assignable, ...]
    desk: tuple[DeskRole, ...]


def person(actor: Actor, person_id: int, *, at: datetime) -> AccountRecord:
    """One account that the actor administers. Raises NotVisible."""
    visible = with_last_seen(
        Person.objects.select_related("organisation").filter(people_visible_to(actor))
    )
    found = visible.filter(pk=person_id).first()
    if found is None:
        raise NotVisible()
    links = {
        one.purpose: one
        for one in AccountLink.objects.filter(person=found, ended_at=None, expires_at__gt=at)
    }
    set_up, email = links.get(LinkPurpose.SET_UP), links.get(LinkPurpose.EMAIL)
    waits_until = set_up.expires_at if set_up else found.password_expires_at
    held = found.role_assignments.values_list("user_id_id", "job_type_role")
    return AccountRecord(
        row=with_figures([row_of(found, at)], at)[0],
        first_name=found.first_name,
        last_name=found.last_name,
        email=found.email,
        telephone=found.telephone,
        organisation_id=found.organisation_id,
        organisation_kind=OrganisationKind(found.organisation.kind),
        roles=frozenset((eui, JobTypeRole(role)) for eui, role in held),
        desk=frozenset(
            DeskRole(role) for role in found.desk_assignments.values_list("desk_role", flat=True)
        ),
        locked_at=found.locked_at,
        has_password=not found.must_set_password,
        has_logged_in=found.last_login is not None,
        waits_until=waits_until if found.must_set_password else None,
        email_waiting=email.email if email else "",
        by_provider=found.by_provider,
        is_self=found.pk == actor.person_id,
    )


def offer(
    actor: Actor,
    at: datetime,
    record: AccountRecord | None = None,
    organisation_id: int | None = None,
) -> Offer:
    """What the account, or a new one of an organisation, can be given.

    Raises NotVisible for an organisation whose accounts the actor does not administer.
    """
    wanted = record.organisation_id if record else organisation_id or actor.organisation_id
    organisation = next((one for one in _organisations(actor) if one.pk == wanted), None)
    if organisation is None:
        raise NotVisible()
    held = {eui for eui, _ in record.roles} if record else set()
    kind = OrganisationKind(organisation.kind)
    user_ids = assignable_user_ids(wanted, at, held) if kind is OrganisationKind.PARTY else []
    return Offer(wanted, organisation.name, tuple(user_ids), assignable_desk_roles(kind))


def administered_organisations(actor: Actor) -> list[tuple[int, str]]:
    """Organisations whose accounts the actor administers: one's own, and for the operator's
    administrators the service providers.
    """
    return [(one.pk, one.name) for one in _organisations(actor)]


def _organisations(actor: Actor) -> list[Organisation]:
    found = Organisation.objects.filter(pk=actor.organisation_id)
    if actor.is_operator:
        found |= Organisation.objects.filter(kind=OrganisationKind.SERVICE_PROVIDER)
    return sorted(found, key=lambda one: (one.pk != actor.organisation_id, one.name))

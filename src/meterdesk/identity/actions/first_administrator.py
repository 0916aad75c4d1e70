"""An organisation's first administrator: the operator makes it, and nothing more there (FSM-9)."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from meterdesk.identity.actions.account_details import AccountDetails
from meterdesk.identity.actions.accounts import open_account
from meterdesk.identity.actions.credentials import give_credential
from meterdesk.identity.models import AccountLink, Organisation, Person
from meterdesk.identity.queries.administration import administrators_of
from meterdesk.identity.rules import Actor, DeskPermission, JobTypeRole, OrganisationKind
from meterdesk.identity.rules.accounts import Credential, LinkPurpose, username_mistake
from meterdesk.kernel.errors import Conflict, NotVisible, Refused
from meterdesk.platform import activity


@dataclass(frozen=True, slots=True)
class FirstAdministrator:
    """Who is to administer an organisation first; a set-up link goes to `email`."""

    username: str
    first_name: str
    last_name: str
    email: str
    department: str = ""
    line_manager: str = ""


@transaction.atomic
def add_first_administrator(
    actor: Actor, organisation_id: int, new: FirstAdministrator, at: datetime
) -> int:
    """Open the account of an organisation's first administrator and send a set-up link.

    The administrator has that role on each UserId of the organisation. Returns the person's id.

    Raises:
        NotVisible: the actor does not administer accounts for the operator; no such party.
        Conflict: an active administrator exists, who unlocks and creates all others; or the
            username is taken, field username.
        Refused: the organisation has no UserId yet; fields that must be mended.
    """
    organisation = _party(actor, organisation_id)
    if _administrators(organisation):
        raise Conflict("This organisation has an administrator, who creates all further accounts.")
    user_ids = organisation.user_ids.values_list("eui", flat=True)
    if not user_ids:
        raise Refused("Give the organisation a UserId first: roles are held on UserIds.")
    if mistake := username_mistake(new.username.strip()):
        raise Refused(mistake, code="invalid", fields={"username": mistake})
    details = AccountDetails(
        first_name=new.first_name,
        last_name=new.last_name,
        email=new.email,
        department=new.department,
        line_manager=new.line_manager,
        roles=frozenset((eui, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR) for eui in user_ids),
    )
    created = open_account(
        actor, organisation, new.username.strip(), details, Credential.LINK, at=at
    )
    return created.person_id


@transaction.atomic
def renew_first_administrator_link(actor: Actor, organisation_id: int, at: datetime) -> str:
    """Send a fresh set-up link to the one administrator who has never logged in; returns where to.

    Raises NotVisible as add_first_administrator does, Conflict when there is no such one: whoever
    has logged in once is the organisation's own affair.
    """
    organisation = _party(actor, organisation_id)
    waiting = _administrators(organisation)
    if len(waiting) != 1 or waiting[0].details_confirmed_at is not None:
        raise Conflict("No administrator of this organisation waits for a first log-in.")
    person = Person.objects.select_for_update().get(pk=waiting[0].pk)
    links = AccountLink.objects.filter(person=person, purpose=LinkPurpose.SET_UP, ended_at=None)
    before = links.values_list("expires_at", flat=True).first()
    give_credential(person, Credential.LINK, at=at)
    link = links.get()
    activity.record(
        actor=actor,
        verb="identity.renew_set_up_link",
        subject=person.username,
        at=at,
        organisation_id=organisation.pk,
        detail={
            "before": {"good_until": before.isoformat() if before else None},
            "after": {"good_until": link.expires_at.isoformat(), "sent_to": link.email},
        },
    )
    return link.email


def _party(actor: Actor, organisation_id: int) -> Organisation:
    if not actor.sees_everything(DeskPermission.ACCOUNTS):
        raise NotVisible()
    parties = Organisation.objects.select_for_update(no_key=True)
    organisation = parties.filter(pk=organisation_id, kind=OrganisationKind.PARTY).first()
    if organisation is None:
        raise NotVisible()
    return organisation


def _administrators(organisation: Organisation) -> list[Person]:
    return list(administrators_of(organisation)[:2])

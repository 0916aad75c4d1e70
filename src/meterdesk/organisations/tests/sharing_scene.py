"""Sharings as far as a test needs them: proposed, in force, and how they are signed."""

from datetime import timedelta
from itertools import cycle
from uuid import UUID

from django.test import Client
from django.utils import timezone

from meterdesk.identity.models import Person, RoleAssignment
from meterdesk.identity.rules import JobTypeRole, Totp
from meterdesk.identity.tests.factories import (
    PASSWORD,
    TOTP_SECRET,
    actor_for,
    log_in,
)
from meterdesk.kernel.paging import PageRequest
from meterdesk.organisations import actions, jobs
from meterdesk.organisations.actions import Proposal
from meterdesk.organisations.models import Notification, Sharing
from meterdesk.organisations.rules import SharingVerb
from meterdesk.organisations.tests.scene import (
    AGENT,
    ALDER_GAS,
    Party,
    Scene,
    signed,
)

_minutes = cycle(range(59))


def now():
    """A little ago: the database's clock stands still within the transaction of a test."""
    return timezone.now() - timedelta(minutes=1)


def client_of(person: Person) -> Client:
    client = Client()
    log_in(client, person)
    return client


def proposal(party: Party, other: tuple[str, ...] = (AGENT,), **changes) -> Proposal:
    own = (ALDER_GAS,) if party.organisation.name == "Alder Energy" else (AGENT,)
    given = {"own": own, "other_name": "Greenlane", "other": other, "until": None}
    return Proposal(**{**given, "officer_id": party.officer.pk, **changes})


def sign_file(party: Party, sharing_id: UUID, notification_id: UUID) -> None:
    text = Notification.objects.get(pk=notification_id).text.encode()
    actions.hand_in_signature(party.admin, sharing_id, notification_id, signed(text), at=now())


def sign_by_log_in(party: Party, sharing_id: UUID, notification_id: UUID) -> None:
    """As the officer, each time a minute later, with a code that was not used before."""
    at = timezone.now() - timedelta(minutes=60) + timedelta(minutes=next(_minutes))
    code, name = Totp(TOTP_SECRET).next_code(at), party.officer.name
    actor = actor_for(party.officer_person)
    actions.confirm_signature(
        actor, sharing_id, notification_id, name, PASSWORD, code, "192.0.2.1", at=at
    )


def proposed(scene: Scene, **changes) -> UUID:
    """A sharing that Alder has signed and Greenlane was invited to."""
    sharing_id, notification_id = actions.propose(
        scene.alder.admin, proposal(scene.alder, **changes), at=now()
    )
    sign_file(scene.alder, sharing_id, notification_id)
    jobs.invite_other_side(sharing_id=str(sharing_id))
    return sharing_id


def version(sharing_id: UUID) -> int:
    return Sharing.objects.get(pk=sharing_id).version


def in_force(scene: Scene, **changes) -> UUID:
    sharing_id = proposed(scene, **changes)
    admin = scene.greenlane.admin
    answered = actions.answer(
        admin, sharing_id, scene.greenlane.officer.pk, version(sharing_id), at=now()
    )
    sign_by_log_in(scene.greenlane, sharing_id, answered)
    decide(scene.operator, sharing_id, SharingVerb.ACTIVATE)
    return sharing_id


def decide(actor, sharing_id: UUID, verb: SharingVerb, why: str = "") -> None:
    actions.decide(actor, sharing_id, verb, why, version(sharing_id), at=now())


def give(person: Person, eui: str) -> None:
    role = JobTypeRole.SERVICE_MANAGEMENT_USER
    RoleAssignment.objects.create(
        person=person, user_id_id=eui, job_type_role=role, assigned_at=now()
    )


def everything() -> PageRequest:
    return PageRequest()

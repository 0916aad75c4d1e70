"""Organisations, people and sessions for the tests of every app.

supplier = make_organisation("Alder Energy")
user_id = make_user_id("90-B3-D5-1F-30-11-00-01", supplier, UserRole.IS)
person = make_person("ann", [(user_id, JobTypeRole.CALL_CENTRE_USER)])
log_in(client, person)
client.get("/api/v1/me", **bearer(person))
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from importlib import import_module
from itertools import count

from django.apps import apps
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import NewPerson, add_grant, add_person, create_token
from meterdesk.identity.actions.authenticator import enrol_authenticator
from meterdesk.identity.models import (
    FunctionalComponent,
    LogInSession,
    Organisation,
    Person,
    UserId,
)
from meterdesk.identity.queries import actor_of
from meterdesk.identity.queries.sessions import REGISTER
from meterdesk.identity.rules import (
    SESSION_LENGTH,
    Actor,
    DeskRole,
    JobTypeRole,
    OrganisationKind,
    Proof,
    UserRole,
)

PASSWORD = "seventeen calm otters"
TOTP_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_numbers = count(1)


def make_organisation(
    name: str = "",
    kind: OrganisationKind = OrganisationKind.PARTY,
    csp_regions: Iterable[str] = (),
) -> Organisation:
    """An organisation; one of that name is found again."""
    organisation, _ = Organisation.objects.get_or_create(
        name=name or f"Organisation {next(_numbers)}",
        defaults={"kind": kind, "csp_regions": list(csp_regions)},
    )
    return organisation


def load_access_matrix() -> None:
    """Put the access matrix back after a test with real transactions has emptied every table."""
    if not FunctionalComponent.objects.exists():
        import_module("meterdesk.identity.migrations.0002_access_matrix").load(apps, None)


def make_operator() -> Organisation:
    """The network's operator."""
    return make_organisation("National Metering Network", OrganisationKind.OPERATOR)


def make_user_id(
    eui: str = "",
    organisation: Organisation | None = None,
    role: UserRole = UserRole.IS,
) -> str:
    """A UserId of the organisation (a new one when none is given); returns the EUI-64."""
    eui = eui or f"90-B3-D5-1F-31-{_tail(next(_numbers))}"
    UserId.objects.create(eui=eui, organisation=organisation or make_organisation(), user_role=role)
    return eui


def _tail(number: int) -> str:
    return "-".join(f"{number:06X}"[at : at + 2] for at in (0, 2, 4))


def make_person(
    username: str = "",
    assignments: Iterable[tuple[str, JobTypeRole | str]] = (),
    desk: Iterable[DeskRole | str] = (),
    organisation: Organisation | None = None,
    **details: object,
) -> Person:
    """A person whose first log-in is done, with an authenticator.

    The organisation is that of the first assignment's UserId when not given; the operator for
    people with desk roles; a new one for people without any. Pass password=PASSWORD for one who
    logs in by password (hashing takes time), must_set_password=True for a newcomer.
    """
    load_access_matrix()
    pairs = tuple((eui, JobTypeRole(role)) for eui, role in assignments)
    roles = tuple(DeskRole(role) for role in desk)
    if organisation is None:
        organisation = (
            UserId.objects.select_related("organisation").get(eui=pairs[0][0]).organisation
            if pairs
            else (make_operator() if roles else make_organisation())
        )
    name = username or f"person.{next(_numbers)}"
    given: dict[str, object] = {
        "first_name": name.title(),
        "last_name": "Tester",
        "email": f"{name}@example.org",
        "telephone": "020 7946 0000",
        "must_set_password": False,
        "details_confirmed": True,
        **details,
    }
    new = NewPerson(
        username=name,
        organisation_id=organisation.pk,
        assignments=pairs,
        desk=roles,
        **given,  # type: ignore[arg-type]
    )
    at = timezone.now()
    person_id = add_person(None, new, at=at)
    if new.details_confirmed and not new.must_set_password:
        enrol_authenticator(person_id, TOTP_SECRET, at=at)
    return Person.objects.select_related("organisation").get(pk=person_id)


def grant(granting: str, granted: str) -> int:
    """A grant in force from one UserId to another; returns its id."""
    return add_grant(None, granting, granted, at=timezone.now() - timedelta(minutes=1))


def actor_for(person: Person) -> Actor:
    """The actor of a person with the rights of this moment."""
    return actor_of(person)


def log_in(client: Client, person: Person, at: datetime | None = None) -> None:
    """Give the client a session of this person, begun and last active at `at` (now)."""
    now = at or timezone.now()
    row = LogInSession.objects.create(
        person=person,
        begun_at=now,
        active_at=now,
        proved_at=now,
        ends_at=now + SESSION_LENGTH,
        address="192.0.2.10",
        device="Chrome on Linux",
        proofs=[Proof.PASSWORD, Proof.APP],
    )
    session = client.session
    session.flush()
    session[SESSION_KEY] = str(person.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = person.get_session_auth_hash()
    session[REGISTER] = row.pk
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key


def token_for(
    person: Person, components: Iterable[str] | None = None, lifetime: timedelta = timedelta(days=1)
) -> str:
    """The secret of a fresh API token of this person."""
    at = timezone.now()
    return create_token(actor_of(person), "Test", at + lifetime, components, at=at)[1]


def bearer(
    person: Person, components: Iterable[str] | None = None, *, proved: bool = False
) -> dict[str, str]:
    """Keyword arguments for the test client that send a fresh token of this person.

    `proved`: it was given a fresh proof just now.
    """
    headers = {"HTTP_AUTHORIZATION": f"Bearer {token_for(person, components)}"}
    if proved:
        person.api_tokens.update(proved_at=timezone.now())
    return headers

"""Opens the demonstration's accounts through the actions that real ones are opened with."""

import json
from base64 import b32encode
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from meterdesk.demo.past import OPENED_BEFORE, live_through
from meterdesk.demo.people import (
    IVYBANK,
    OPERATOR,
    PARTIES,
    PROVIDERS,
    DemoPerson,
    demo_people,
)
from meterdesk.identity.actions import (
    NewPerson,
    add_organisation,
    add_person,
    add_user_id,
    confirm_recovery_codes,
    enrol_authenticator,
)
from meterdesk.identity.queries import actor_named, person_id_of
from meterdesk.identity.rules import OrganisationKind
from meterdesk.identity_provider.actions import NewService, add_service
from meterdesk.identity_provider.queries import services
from meterdesk.kernel.paging import PageRequest

PASSWORD = "calm-meters-read-true"  # noqa: S105  printed at every start, on loopback only


def open_accounts(path: Path, *, at: datetime) -> int:
    """Open every account of the demonstration and write them to `path`; returns how many.

    Accounts there are already stay as they are, so that it may be run again.
    """
    organisations = _organisations(at)
    people, before = demo_people(), at - OPENED_BEFORE
    for person in people:
        if person_id_of(person.username) is None:
            _open(person, organisations[person.organisation], at if person.new else before)
    if not path.is_file():
        live_through(people, at=at)
    _register_service(at)
    path.write_text(json.dumps([_account(person) for person in people], indent=1), "utf-8")
    path.chmod(0o600)
    return len(people)


def _register_service(at: datetime) -> None:
    """The ordering system of older hubs, which stays outside: people log in to it from here."""
    keeper = actor_named("desk.administrator")
    if not services(keeper, PageRequest()).items:
        ordering = NewService(
            name="Hub ordering (2G/3G and LRR)",
            entity_id="https://ordering.example/saml",
            acs_urls=("https://ordering.example/saml/acs",),
            contact="keepers@ordering.example",
            told=("Username", "Email", "Organisation", "OrgID", "Roles"),
            is_for_everyone=True,
        )
        add_service(keeper, ordering, at=at)


def accounts(home_folder: Path) -> list[dict[str, Any]]:
    """The accounts of the demonstration built in this folder; empty where there is none."""
    path = home_folder / "demo" / "accounts.json"
    return json.loads(path.read_text("utf-8")) if path.is_file() else []


def _organisations(at: datetime) -> dict[str, int]:
    ids = {}
    for name, _key, kind, regions in (OPERATOR, *PROVIDERS):
        ids[name] = add_organisation(None, name, kind, regions, at=at)
    for party in (*PARTIES, IVYBANK):
        ids[party.name] = add_organisation(None, party.name, OrganisationKind.PARTY, at=at)
        for role in party.roles:
            add_user_id(None, party.user_id(role), ids[party.name], role, at=at)
    return ids


def _open(person: DemoPerson, organisation_id: int, at: datetime) -> None:
    person_id = add_person(
        None,
        NewPerson(
            username=person.username,
            organisation_id=organisation_id,
            first_name=person.first_name,
            last_name=person.last_name,
            email=f"{person.username}@{person.username.split('.')[0]}.example",
            telephone="" if person.new else "020 7946 0100",
            password=PASSWORD,
            assignments=person.assignments,
            desk=person.desk,
            must_set_password=person.new,
            details_confirmed=not person.new,
            department=person.department,
            line_manager=person.line_manager,
        ),
        at=at,
    )
    if not person.new:
        enrol_authenticator(person_id, _secret(person.username), at=at)
        confirm_recovery_codes(person_id)


def _secret(username: str) -> str:
    return b32encode(sha256(f"demonstration {username}".encode()).digest()[:20]).decode()


def _account(person: DemoPerson) -> dict[str, Any]:
    roles = {role.value for _, role in person.assignments} | {
        role.value.replace("_", " ").capitalize() for role in person.desk
    }
    return {
        "username": person.username,
        "password": PASSWORD,
        "authenticator_secret": None if person.new else _secret(person.username),
        "organisation": person.organisation,
        "user_ids": sorted({user_id for user_id, _ in person.assignments}),
        "roles": sorted(roles),
    }

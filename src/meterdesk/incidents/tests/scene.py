"""A premises with its parties, Devices, desk and resolver, for the tests of incidents."""

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps

from meterdesk.identity.models import Organisation, Person
from meterdesk.identity.rules import Actor, DeskRole, JobTypeRole, OrganisationKind
from meterdesk.identity.tests.factories import (
    actor_for,
    make_operator,
    make_organisation,
    make_person,
)
from meterdesk.incidents.actions import Contact, RaiseIncident, raise_incident
from meterdesk.incidents.rules.responsibility import Area
from meterdesk.inventory.tests import files as inventory
from meterdesk.registration.tests import files as registration

CONTACT = Contact("Gwendolyn", "Holloway", "020 7946 0123", "gwendolyn@alder.example")
MPAN, MPRN, METER, HUB = inventory.MPAN, inventory.MPRN, inventory.METER, inventory.HUB
RAISER = registration.GAS_SUPPLIER
RESPONSIBLE = registration.RIVAL
INTERESTED = registration.DISTRIBUTOR
SAME_ORGANISATION = registration.SUPPLIER
MANAGER = JobTypeRole.SERVICE_MANAGEMENT_USER
TUESDAY = datetime(2026, 11, 17, 9, 0, tzinfo=UTC)


@dataclass
class Scene:
    """Who is who, by what they are to the incident."""

    operator: Organisation
    provider: Organisation
    people: dict[str, Person]

    def actor(self, name: str) -> Actor:
        """The actor of a person with the rights of this moment."""
        return actor_for(self.people[name])

    def raise_one(self, at: datetime = TUESDAY, name: str = "raiser", **details: Any) -> str:
        """An incident on the premises' electricity meter; returns its reference."""
        given: dict[str, Any] = {
            "user_id": RAISER,
            "area": Area.ELECTRICITY_METER,
            "summary": "No reads since the storm",
            "notes": "Readings stopped on Sunday.",
            "business_impact": "Billing is held up.",
            "your_reference": "ALD-77",
            "contact": CONTACT,
            "device_id": METER,
            "diagnosis_not_run": "The meter was read on site.",
        }
        return raise_incident(self.actor(name), RaiseIncident(**(given | details)), at)


def load_categories() -> None:
    """Put the categories back after a test with real transactions has emptied every table."""
    import_module("meterdesk.incidents.migrations.0002_categories").add_categories(apps, None)


def set_scene(folder: Path) -> Scene:
    """A home with electricity and gas behind one hub.

    Alder Energy supplies the gas and raises; Birch Power supplies the electricity and is
    responsible for that meter; the network parties are interested. Strangers are an Other User,
    and Alder Energy's other UserId, which is not registered here.
    """
    load_categories()
    registration.make_parties()
    registration.take_in(
        folder,
        registration.electricity(supplier=RESPONSIBLE, mpan=MPAN),
        registration.gas(mprn=MPRN),
    )
    inventory.take_in(folder, inventory.home())
    provider = make_organisation("North Air", OrganisationKind.SERVICE_PROVIDER)
    people = {
        "raiser": make_person("gwen", [(RAISER, MANAGER)]),
        "responsible": make_person("bob", [(RESPONSIBLE, MANAGER)]),
        "interested": make_person("carol", [(INTERESTED, MANAGER)]),
        "stranger": make_person("erin", [(registration.OUTSIDER, MANAGER)]),
        "colleague": make_person("hugh", [(SAME_ORGANISATION, MANAGER)]),
        "agent": make_person("desk.one", desk=[DeskRole.AGENT]),
        "resolver": make_person("north.one", desk=[DeskRole.RESOLVER], organisation=provider),
    }
    return Scene(make_operator(), provider, people)

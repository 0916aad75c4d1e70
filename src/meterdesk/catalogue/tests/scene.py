"""A home with its parties and the desk, for the tests of the catalogue."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.utils import timezone

from meterdesk.catalogue.actions import DisputeDatum, RaiseRequest, raise_request
from meterdesk.catalogue.models import CatalogueVersion
from meterdesk.catalogue.rules.data import RecordKind, RecordName
from meterdesk.identity.models import Person
from meterdesk.identity.rules import Actor, DeskRole, JobTypeRole, OrganisationKind
from meterdesk.identity.tests.factories import actor_for, make_organisation, make_person
from meterdesk.inventory.tests import files as inventory
from meterdesk.kernel.contacts import Contact
from meterdesk.registration.tests import files as registration

CONTACT = Contact("Gwendolyn", "Holloway", "020 7946 0123", "gwendolyn@alder.example")
MPAN, MPRN, METER, HUB = inventory.MPAN, inventory.MPRN, inventory.METER, inventory.HUB
RAISER = registration.GAS_SUPPLIER
SAME_ORGANISATION = registration.SUPPLIER
RIVAL = registration.RIVAL
MANAGER = JobTypeRole.ALL_ACCESS
STATUS = DisputeDatum(RecordName(RecordKind.DEVICE, METER), "status", "Suspended")


@dataclass
class Scene:
    """Who is who."""

    people: dict[str, Person]

    def actor(self, name: str) -> Actor:
        """The actor of a person with the rights of this moment."""
        return actor_for(self.people[name])

    def ask(self, name: str = "raiser", **details: Any) -> str:
        """A general request; returns its reference."""
        given: dict[str, Any] = {
            "user_id": RAISER,
            "request_type": "general",
            "summary": "A report of hubs by region",
            "answers": {"details": "Once, for our audit."},
            "your_reference": "ALD-77",
            "contact": CONTACT,
        }
        new = RaiseRequest(**(given | details))
        return raise_request(self.actor(name), new, timezone.now())

    def dispute(self, about: DisputeDatum = STATUS, name: str = "raiser", **details: Any) -> str:
        """The dispute of the meter's status unless told otherwise; returns its reference."""
        given = {"request_type": "data-dispute", "answers": {"grounds": "Read on site."}}
        return self.ask(name, dispute=about, summary="", **(given | details))


def load_first_catalogue() -> None:
    """Put the catalogue back after a test with real transactions has emptied every table."""
    if not CatalogueVersion.objects.exists():
        import_module("meterdesk.catalogue.migrations.0002_first_catalogue").load(apps, None)


def set_scene(folder: Path) -> Scene:
    """Alder Energy supplies the gas and raises; Birch Power supplies the electricity."""
    load_first_catalogue()
    registration.make_parties()
    registration.take_in(
        folder,
        registration.electricity(supplier=RIVAL, mpan=MPAN),
        registration.gas(mprn=MPRN),
    )
    inventory.take_in(folder, inventory.home())
    provider = make_organisation("North Air", OrganisationKind.SERVICE_PROVIDER)
    people = {
        "raiser": make_person("gwen", [(RAISER, MANAGER)]),
        "companion": make_person("carl", [(RAISER, JobTypeRole.LEAD_AGENT)]),
        "colleague": make_person("hugh", [(SAME_ORGANISATION, MANAGER)]),
        "rival": make_person("bob", [(RIVAL, MANAGER)]),
        "stranger": make_person("erin", [(registration.OUTSIDER, MANAGER)]),
        "agent": make_person("desk.one", desk=[DeskRole.AGENT]),
        "second_agent": make_person("desk.two", desk=[DeskRole.AGENT]),
        "resolver": make_person("north.one", desk=[DeskRole.RESOLVER], organisation=provider),
    }
    return Scene(people)

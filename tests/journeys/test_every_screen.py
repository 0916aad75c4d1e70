"""Every screen, with real things on it: accessible, and no wider than the window."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.isolation.samples import ARGUMENTS
from tests.journeys.home import enter, make_cut_off_home

from meterdesk.catalogue.actions import DisputeDatum, RaiseRequest, raise_request, take_step
from meterdesk.catalogue.rules.data import RecordKind, RecordName
from meterdesk.catalogue.rules.states import RequestVerb
from meterdesk.catalogue.tests.scene import load_first_catalogue
from meterdesk.config.checks import every_route
from meterdesk.config.routes import rule_of
from meterdesk.coverage.tests.test_versions import WHOLE, load
from meterdesk.diagnosis.actions import make_diagnosis
from meterdesk.federation.actions import record_failure
from meterdesk.federation.rules import LogInRefused
from meterdesk.federation.tests.factories import make_federation
from meterdesk.identity.actions import check_import, start_review
from meterdesk.identity.models import Person, UserId
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import actor_for, make_person
from meterdesk.identity_provider.actions import NewService, add_service
from meterdesk.incidents.actions import Contact, RaiseIncident, raise_incident
from meterdesk.incidents.rules.responsibility import Area
from meterdesk.inventory.tests.files import HUB, METER, MPAN
from meterdesk.platform.models import IntakeRun
from meterdesk.registration.actions import ProviderDetails, add_provider
from meterdesk.registration.rules.files import Fuel
from meterdesk.registration.tests.files import DISTRIBUTOR, SUPPLIER
from meterdesk.registration.tests.provider_files import receive, record, text_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

NOT_SCREENS = {
    "healthz",
    "readyz",
    "metrics",
    "theme",
    "session",
    "logout/",
    "profile/security/recovery-codes.txt",
    "saml/acs/",
    "saml/metadata/",
    "sso/metadata",
    "hubs/<device_id>/requests/<int:request_id>/progress",
    "gallery/",
    "gallery/progress",
    "people/import/<int:import_id>/progress/",
    "gallery/bare/",
    "desk/intake/<int:run_id>/progress",
    "coverage/versions/<int:version_id>/progress",
    "trail/archive/<int:asked_id>/progress",
}
SEARCHED = {
    "": (),
    "devices/": (f"?mpxn={MPAN}", "?postcode=!"),
    "trail/": (f"?mpxn={MPAN}",),
    "meter-reads/": (f"?mpxn={MPAN}",),
    "coverage/": ("?postcode=AB1", "?outcode=AB1"),
    "find": ("?q=12", "?q=AB1 0AJ", "?q=nothing of the sort"),
    "catalogue/": ("?state=",),
    "catalogue/browse/": ("?category=operator",),
    "catalogue/data/": (f"?kind=device&key={METER}", "?kind=device&key=x"),
    "catalogue/raise/<slug:request_type>/": (f"?kind=hub&key={HUB}&datum=aerial_type",),
    "incidents/": ("?state=CLOSED",),
    "incidents/raise/": (f"?mpxn={MPAN}",),
    "failed-log-ins/": ("?text=none",),
    "people/": ("?text=sue",),
    "activity/": ("?outcome=failed",),
}
MODES = (("light", 1440), ("dark", 360))
DIFFER = ("/", "/incidents/", "/premises/")
"""What people see differently, so that it is looked at again as each of them."""


@pytest.fixture
def things(tmp_path: Path) -> dict[str, str]:
    """What stands in addresses: one of each thing that has a page."""
    people = make_cut_off_home(tmp_path)
    manager, now = actor_for(people.manager), datetime.now(UTC)
    raised = RaiseIncident(
        user_id=SUPPLIER,
        area=Area.HUB_OR_WAN,
        summary="No contact with the hub, and a summary as long as people write them",
        contact=Contact("Gwendolyn", "Holloway", "020 7946 0123", "gwendolyn@alder.example"),
        device_id=METER,
        diagnosis_not_run="Run on the telephone.",
    )
    administrator = actor_for(
        make_person("petra", [(SUPPLIER, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])
    )
    rows = b"username,first_name,last_name,email\nnia,Nia,Howell,nia@alder.example\nx,,,\n"
    diagnosis_id, _outcome = make_diagnosis(manager, mpxn=MPAN, at=now)
    code, waiting = _registration_data(tmp_path)
    keeper = actor_for(make_person("keeper", desk=[DeskRole.ADMINISTRATOR]))
    orders = NewService("Orders", "urn:orders", ("https://orders.example/",), is_for_everyone=True)
    return {
        **ARGUMENTS,
        "code": code,
        "file_id": waiting,
        "provider_id": str(make_federation("Fern Energy").provider.pk),
        "service_id": str(add_service(keeper, orders, at=now)),
        "version_id": str(load(tmp_path, WHOLE)[1].pk),
        "device_id": HUB,
        "diagnosis_id": str(diagnosis_id),
        "failure_reference": record_failure(LogInRefused("audience", "x"), at=now).reference,
        "import_id": str(check_import(administrator, "new.csv", rows, at=now)),
        "mpxn": MPAN,
        "person_id": str(people.manager.pk),
        "review_id": str(start_review(administrator, at=now)),
        "reference": raise_incident(manager, raised, now),
        "request_reference": _request(now),
        "request_type": "data-dispute",
        "run_id": str(IntakeRun.objects.latest("pk").pk),
    }


def _request(now: datetime) -> str:
    """A dispute that waits for its raiser."""
    load_first_catalogue()
    raiser = actor_for(make_person("rhian", [(SUPPLIER, JobTypeRole.ALL_ACCESS)]))
    contact = Contact("Rhian", "Owen", "020 7946 0123", "rhian@alder.example")
    new = RaiseRequest(
        user_id=SUPPLIER,
        request_type="data-dispute",
        contact=contact,
        answers={"grounds": "Read on site by an engineer whose report is attached"},
        dispute=DisputeDatum(RecordName(RecordKind.DEVICE, METER), "status", "Suspended"),
    )
    reference = raise_request(raiser, new, now)
    agent = actor_for(make_person("agent", desk=[DeskRole.AGENT]))
    take_step(agent, reference, RequestVerb.ASK, now, text="On which day?")
    return reference


def _registration_data(folder: Path) -> tuple[str, str]:
    """A provider with something wrong, and the number of a file that came from it."""
    network_party = UserId.objects.get(eui=DISTRIBUTOR)
    details = ProviderDetails(
        code="NORTH",
        name="Northern Data",
        fuel=Fuel.ELECTRICITY,
        organisation_id=network_party.organisation_id,
        user_id=network_party.eui,
        due_time=time(6),
        due_since=date(2026, 1, 1),
    )
    add_provider(None, details, at=datetime.now(UTC))
    receive(folder, text_of(1, "X|wrong"))
    _run, file = receive(folder, text_of(3, record()))
    return "NORTH", str(file.pk)


def insiders(things: dict[str, str]) -> list[Person]:
    """People who together may open every screen."""
    return [
        make_person("all", [(SUPPLIER, JobTypeRole.ALL_ACCESS)]),
        make_person("admin", [(SUPPLIER, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)]),
        make_person("desk", desk=[DeskRole.AGENT, DeskRole.ADMINISTRATOR]),
    ]


def addresses(things: dict[str, str], person: Person) -> list[str]:
    """The screens this person may open."""
    actor, found = actor_for(person), []
    for route in dict.fromkeys(every_route()):
        rule = rule_of("GET", route)
        if route in NOT_SCREENS or route.startswith("api/v1") or rule is None:
            continue
        if rule.kind != "public" and not rule.admits(actor):
            continue
        path = "/" + fill_in(route, things)
        found += [path, *(path + query for query in SEARCHED.get(route, ()))]
    return found


def fill_in(route: str, things: dict[str, str]) -> str:
    for name, value in things.items():
        for kind in ("", "int:", "uuid:", "slug:"):
            route = route.replace(f"<{kind}{name}>", value)
    return route


@pytest.mark.req("SSI-NFR-21", "SSI-NFR-22")
def test_every_screen_is_accessible_and_fits(
    page: Page,
    live_server: Any,
    things: dict[str, str],
    assert_accessible: Callable[[Page], None],
) -> None:
    seen: set[str] = set()
    for person in insiders(things):
        page.context.clear_cookies()
        enter(page, live_server.url, person)
        for path in addresses(things, person):
            again = path == "/" or path.startswith(DIFFER[1:])
            if path.endswith(".csv") or (path in seen and not again):
                continue
            answer = page.goto(live_server.url + path)
            assert answer is not None and answer.status < 500, path
            for scheme, width in MODES:
                page.emulate_media(color_scheme=scheme)
                page.set_viewport_size({"width": width, "height": 900})
                assert_accessible(page)
            seen.add(path)
    assert len(seen) >= 40

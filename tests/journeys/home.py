"""One home with everything known of it, its hub cut off, and the people around it."""

from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.test import Client
from playwright.sync_api import Page, expect
from tests.journeys.conftest import NARROW, WIDE

from meterdesk.hubs.tests.home import hub_row, make_home, request
from meterdesk.identity.models import Person
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import PASSWORD, make_person
from meterdesk.identity.tests.factories import log_in as give_session
from meterdesk.inventory.tests.files import MPAN
from meterdesk.registration.tests.files import OUTSIDER, RIVAL, SUPPLIER

ADDRESS = "12 High Street, Townley"
MANAGER = JobTypeRole.SERVICE_MANAGEMENT_USER


@dataclass(frozen=True)
class People:
    """Who takes part: of the supplier, of the desk, of competitors."""

    manager: Person
    agent: Person
    rival: Person
    outsider: Person


def make_cut_off_home(folder: Path) -> People:
    """A home whose hub the network has lost; its supplier's requests fail."""
    import_module("meterdesk.incidents.migrations.0002_categories").add_categories(apps, None)
    make_home(
        folder,
        messages=[request(hours, code="E20") for hours in (3, 9, 27)] + [request(200)],
        hub=hub_row(wan_connectivity="Not connected", network_status="Not registered"),
    )
    return People(
        manager=make_person("sue", [(SUPPLIER, MANAGER)], password=PASSWORD),
        agent=make_person("anna", desk=[DeskRole.AGENT], password=PASSWORD),
        rival=make_person("rita", [(RIVAL, MANAGER)]),
        outsider=make_person("otto", [(OUTSIDER, MANAGER)]),
    )


def enter(page: Page, address: str, person: Person) -> None:
    """Give the browser a session of this person."""
    client = Client()
    give_session(client, person)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": address}])


def log_in(page: Page, address: str, username: str) -> None:
    """Log in as people do: name, password and the code, which a demonstration shows."""
    page.goto(f"{address}/login/")
    fill_in_log_in(page, username)
    expect(page.get_by_role("heading", name="You are logged in")).to_be_visible()


def fill_in_log_in(page: Page, username: str) -> None:
    """The two pages of logging in, from the first."""
    page.get_by_label("Username").fill(username)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code").fill(page.locator("[data-current-code]").inner_text())
    page.get_by_role("button", name="Log in").click()


def look(page: Page, accessible: Any) -> None:
    """Check the page wide and narrow, light and dark."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for size in (NARROW, WIDE):
            page.set_viewport_size(size)
            accessible(page)


def find(page: Page, text: str) -> None:
    """Type into the one box."""
    page.keyboard.press("/")
    page.keyboard.type(text)
    page.keyboard.press("Enter")


def fill_in_incident(page: Page, summary: str = "") -> None:
    """What the form asks for beyond what it was given."""
    page.get_by_label("What is it about").select_option(
        label="Communications Hub or wide area network"
    )
    if summary:
        page.get_by_label("Summary").fill(summary)
    page.get_by_label("Notes").fill("The household has a light on the hub.")


RAISE_HERE = f"/incidents/raise/?mpxn={MPAN}"

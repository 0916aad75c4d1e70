"""The job Meterdesk is opened for: find a premises, understand it, raise and resolve."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from tests.journeys.home import (
    ADDRESS,
    RAISE_HERE,
    People,
    enter,
    fill_in_incident,
    fill_in_log_in,
    find,
    log_in,
    make_cut_off_home,
)

from meterdesk.identity.models import LogInSession
from meterdesk.incidents.models import Incident
from meterdesk.inventory.tests.files import MPAN, MPRN

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CUT_OFF = "The Communications Hub is not connected to the SM WAN."
QUESTION = "Does the hub show a light?"


@pytest.fixture
def people(settings: Any, tmp_path: Path) -> People:
    settings.METERDESK_ENV = "demo"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_cut_off_home(tmp_path)


@pytest.fixture
def desk(browser: Browser) -> Iterator[Page]:
    """A browser of somebody else."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def plain(browser: Browser) -> Iterator[Page]:
    """A browser without scripts."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def take_step(page: Page, title: str) -> None:
    """Choose a step and confirm it on its page."""
    expect(page.locator(".facts.across")).to_contain_text("Priority")
    step = page.locator(".page-head").get_by_role("link", name=title)
    if not step.is_visible():
        page.locator(".page-head summary", has_text="More").click()
    step.click()


def confirm(page: Page, title: str) -> None:
    page.locator("main form").get_by_role("button", name=title).click()


@pytest.mark.req(
    "SSI-FR-2", "SSI-FR-22", "SSI-FR-23", "SSI-FR-30", "IM-2", "IM-13", "IM-21", "IM-24"
)
def test_from_an_mpan_to_a_resolved_incident(
    page: Page, desk: Page, live_server: Any, people: People, complaints: list[str]
) -> None:
    site = live_server.url
    log_in(page, site, "sue")
    find(page, f"{MPAN[:2]} {MPAN[2:6]} {MPAN[6:]}")
    expect(page).to_have_url(f"{site}/premises/{MPAN}/")
    expect(page.get_by_role("heading", level=1)).to_have_text(ADDRESS)
    expect(page.locator("#diagnosis")).to_contain_text(CUT_OFF)

    page.get_by_role("button", name="Diagnose").click()
    expect(page.get_by_role("heading", name="Every check")).to_be_visible()
    page.get_by_role("link", name="Raise an incident with this attached").click()
    expect(page.get_by_label("MPAN or MPRN")).to_have_value(MPAN)
    expect(page.get_by_label("First name").first).to_have_value("Sue")
    fill_in_incident(page)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Check your answers")
    expect(page.get_by_text("The outcome is attached.")).to_be_visible()
    page.get_by_role("button", name="Raise the incident").click()
    reference = page.locator(".confirmation .reference").inner_text()
    expect(page.get_by_text("National Metering Network is responsible")).to_be_visible()

    log_in(desk, site, "anna")
    desk.goto(f"{site}/desk/")
    desk.get_by_role("link", name=reference).click()
    take_step(desk, "Acknowledge")
    confirm(desk, "Acknowledge")
    take_step(desk, "Assign")
    confirm(desk, "Assign")
    expect(desk.get_by_text("Assigned to")).to_be_visible()
    take_step(desk, "Put on hold")
    desk.get_by_label("What the User is asked").fill(QUESTION)
    confirm(desk, "Put on hold")
    expect(desk.get_by_text("Paused since").first).to_be_visible()

    page.goto(f"{site}/")
    page.get_by_role("link", name="1 incident waits for your answer").click()
    expect(page.get_by_text(QUESTION).first).to_be_visible()
    page.get_by_label("Update", exact=True).fill("It does not.")
    page.get_by_role("button", name="Add update").click()
    expect(page.get_by_text("has been added")).to_be_visible()
    expect(page.get_by_label("Update", exact=True)).to_have_value("")
    expect(page.locator(".facts.across")).to_contain_text("On track")

    desk.goto(f"{site}/incidents/{reference}/")
    expect(desk.get_by_text("It does not.").first).to_be_visible()
    take_step(desk, "Resolve")
    desk.get_by_role("textbox", name="Resolution").fill("The mast was repaired.")
    confirm(desk, "Resolve")
    page.reload()
    expect(page.get_by_text("The mast was repaired.").first).to_be_visible()
    take_step(page, "Close")
    confirm(page, "Close")
    expect(page.locator(".facts.across")).to_contain_text("Closed")
    assert complaints == []


@pytest.mark.req("SSI-FR-29")
def test_what_is_open_here_already_is_shown_before_raising_again(
    page: Page, live_server: Any, people: People
) -> None:
    enter(page, live_server.url, people.manager)
    reference = raise_here(page, live_server.url)
    page.goto(f"{live_server.url}/premises/{MPAN}/")
    page.get_by_role("link", name="Raise an incident").first.click()
    expect(page.get_by_text("There are open incidents here already")).to_be_visible()
    page.get_by_role("link", name=reference).click()
    expect(page).to_have_url(f"{live_server.url}/incidents/{reference}/")


@pytest.mark.req("IM-24")
def test_a_competitor_never_learns_that_an_incident_exists(
    page: Page, desk: Page, live_server: Any, people: People
) -> None:
    enter(page, live_server.url, people.manager)
    reference = raise_here(page, live_server.url)
    for person in (people.rival, people.outsider):
        enter(desk, live_server.url, person)
        answers = []
        for one in (reference, "INC9999999"):
            assert desk.goto(f"{live_server.url}/incidents/{one}/").status == 404
            find(desk, one)
            expect(desk.get_by_role("heading", level=1)).to_have_text("Nothing found")
            answers.append(desk.locator("main").inner_text().replace(one, ""))
        assert answers[0] == answers[1]
        for address in ("/", "/incidents/?state=", f"/incidents/?q={MPAN}", f"/premises/{MPAN}/"):
            desk.goto(live_server.url + address)
            assert reference not in desk.content()


@pytest.mark.req("SSI-FR-22", "SSI-NFR-21")
def test_an_incident_is_raised_without_scripts(
    plain: Page, live_server: Any, people: People
) -> None:
    enter(plain, live_server.url, people.manager)
    plain.goto(f"{live_server.url}/find?q={MPRN}")
    plain.get_by_role("button", name="Diagnose").click()
    plain.get_by_role("link", name="Raise an incident with this attached").click()
    fill_in_incident(plain)
    plain.get_by_role("button", name="Continue").click()
    plain.get_by_role("button", name="Raise the incident").dblclick()
    expect(plain.get_by_role("heading", name="Incident raised")).to_be_visible()
    assert Incident.objects.count() == 1
    assert Incident.objects.get().diagnosis["sentence"] == CUT_OFF


@pytest.mark.req("SSI-FR-23")
def test_pressing_twice_and_sending_again_raise_one_incident(
    page: Page, live_server: Any, people: People
) -> None:
    enter(page, live_server.url, people.manager)
    to_the_check(page, live_server.url)
    check = page.locator("form", has=page.get_by_role("button", name="Raise the incident"))
    sent = check.evaluate("form => Object.fromEntries(new FormData(form))")
    page.get_by_role("button", name="Raise the incident").dblclick()
    reference = page.locator(".confirmation .reference").inner_text()
    # What "back", "send the form again" and the button send: the same page once more.
    again = page.request.post(
        f"{live_server.url}/incidents/raise/",
        form={**sent, "step": "raise"},
        headers={"Referer": f"{live_server.url}/incidents/raise/"},
    )
    assert again.status == 200
    assert reference in again.url
    assert Incident.objects.count() == 1


@pytest.mark.req("SSI-NFR-6", "SSI-NFR-20")
def test_what_was_typed_outlives_the_session(page: Page, live_server: Any, people: People) -> None:
    log_in(page, live_server.url, "sue")
    page.goto(live_server.url + RAISE_HERE)
    fill_in_incident(page, "No contact with the hub")
    end_sessions()
    page.get_by_role("button", name="Continue").click()
    fill_in_log_in(page, "sue")
    expect(page).to_have_url(live_server.url + RAISE_HERE)
    expect(page.get_by_label("Summary")).to_have_value("No contact with the hub")
    expect(page.get_by_text("Your earlier answers were kept")).to_be_visible()

    page.goto(f"{live_server.url}/incidents/raise/?mpxn={MPRN}")
    expect(page.get_by_label("MPAN or MPRN")).to_have_value(MPRN)
    expect(page.get_by_label("Summary")).to_have_value("")


def to_the_check(page: Page, site: str) -> None:
    page.goto(site + RAISE_HERE)
    fill_in_incident(page, "No contact with the hub")
    page.get_by_label("Why Diagnose was not run").fill("Run on the telephone.")
    page.get_by_role("button", name="Continue").click()


def raise_here(page: Page, site: str) -> str:
    """Raise an incident on the home; returns its reference."""
    to_the_check(page, site)
    page.get_by_role("button", name="Raise the incident").click()
    return page.locator(".confirmation .reference").inner_text()


def end_sessions() -> None:
    """As if nobody had done anything for a quarter of an hour."""
    LogInSession.objects.update(active_at=timezone.now() - timedelta(minutes=16))

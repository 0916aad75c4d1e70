"""Logging in and out in a real browser: without scripts, back to one's page, and left alone."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from meterdesk.identity.models import LogInSession, Person
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import PASSWORD, make_person, make_user_id

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def ann(settings: Any) -> Person:
    settings.METERDESK_ENV = "demo"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    eui = make_user_id()
    return make_person("ann", [(eui, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)], password=PASSWORD)


def log_in(page: Page) -> None:
    page.get_by_label("Username").fill("ann")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code").fill(page.locator("[data-current-code]").inner_text())
    page.get_by_role("button", name="Log in").click()


@pytest.mark.req("SSI-FR-1a", "SSI-FR-63")
def test_log_in_and_the_own_account_work_without_scripts(
    browser: Browser, live_server: Any, ann: Person
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(live_server.url + "/profile/")
    log_in(page)
    expect(page).to_have_url(live_server.url + "/profile/")
    expect(page.get_by_text("You are logged in as Ann Tester")).to_be_visible()
    page.locator(".bar summary").click()
    page.get_by_role("button", name="Log out").click()
    expect(page.get_by_text("You are logged out.")).to_be_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_accounts_pages_are_accessible(
    page: Page,
    live_server: Any,
    ann: Person,
    assert_accessible: Callable[[Page], None],
    complaints: list[str],
    scheme: Any,
) -> None:
    page.emulate_media(color_scheme=scheme)
    page.goto(live_server.url + "/login/")
    assert_accessible(page)
    log_in(page)
    expect(page).to_have_url(live_server.url + "/welcome/")
    for address in ("welcome/", "profile/", "profile/tokens/", "profile/bookmarks/", "people/"):
        page.goto(f"{live_server.url}/{address}")
        assert_accessible(page)
    assert complaints == []


@pytest.mark.req("SSI-NFR-20")
def test_a_page_left_open_is_logged_out_and_log_in_leads_back_to_it(
    page: Page, live_server: Any, ann: Person
) -> None:
    page.clock.install()
    page.goto(live_server.url + "/login/")
    log_in(page)
    page.goto(live_server.url + "/people/?text=an")
    page.clock.run_for("14:40")
    expect(page.get_by_role("dialog", name="Your session is about to end")).to_be_visible()
    LogInSession.objects.update(active_at=timezone.now() - timedelta(minutes=15))
    page.clock.run_for("00:40")
    expect(page).to_have_url(live_server.url + "/login/?next=/people/%3Ftext%3Dan")
    log_in(page)
    expect(page).to_have_url(live_server.url + "/people/?text=an")

"""A log-in at an identity provider on another site, with and without scripts."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.journeys.provider import serve_provider

from meterdesk.federation.models import FailedLogIn, IdentityProvider
from meterdesk.federation.tests.factories import answer_to, make_federation

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/profile/")
    page.get_by_role("link", name="Log in with your organisation").click()
    page.get_by_label("Log-in name of your organisation").fill("Alder-Energy")
    page.get_by_role("button", name="Continue").click()


@pytest.mark.req("SSI-NFR-4", "SSI-NFR-8", "SSI-NFR-10", "SSI-NFR-16")
def test_one_logs_in_at_one_s_organisation_and_comes_back(
    page: Page, browser: Browser, live_server: Any, settings: Any
) -> None:
    settings.PUBLIC_URL = live_server.url
    alder = make_federation()
    claims = {"user_ids": alder.user_id}
    with serve_provider(lambda asked: answer_to(alder, asked, **claims)["SAMLResponse"]) as address:
        IdentityProvider.objects.update(sso_url=address)
        log_in(page, live_server.url)
        page.get_by_role("button", name="I am Ann").click()
        expect(page.get_by_role("heading", name="Ann Ash")).to_be_visible()
        assert page.url == f"{live_server.url}/profile/"
        cookies = {one["name"] for one in page.context.cookies()}
        assert cookies >= {"meterdesk_session", "meterdesk_saml"}

        without = browser.new_context(java_script_enabled=False)
        plain = without.new_page()
        log_in(plain, live_server.url)
        claims["user_ids"] = "90-B3-D5-1F-30-11-FF-FF"
        plain.get_by_role("button", name="Continue to log in").click()
        plain.get_by_role("button", name="I am Ann").click()
        expect(plain.get_by_role("heading", name="You are not logged in")).to_be_visible()
        failed = FailedLogIn.objects.get()
        shown = f"{failed.reference[:4]}-{failed.reference[4:]}"
        expect(plain.get_by_text(shown)).to_be_visible()
        without.close()
    assert failed.reason == "user_ids_foreign"

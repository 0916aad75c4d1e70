"""Passkeys and security keys in a real browser, with an authenticator that Chromium pretends."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from tests.journeys.home import fill_in_log_in

from meterdesk.identity.models import Person
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import PASSWORD, make_person, make_user_id

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.req("FSM-5", "SSI-NFR-14"),
]


@pytest.fixture
def site(live_server: Any, settings: Any) -> str:
    """Keys belong to a host name, never to a number."""
    address = live_server.url.replace("127.0.0.1", "localhost")
    settings.PUBLIC_URL = address
    settings.METERDESK_ENV = "demo"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return str(address)


@pytest.fixture
def ann() -> Person:
    return make_person("ann", [(make_user_id(), JobTypeRole.MI_USER)], password=PASSWORD)


def plug_in(page: Page) -> None:
    """An authenticator that is touched and verifies its holder at once."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def log_out(page: Page) -> None:
    page.locator(".bar summary").click()
    page.get_by_role("button", name="Log out").click()


@pytest.mark.parametrize("kind", ["passkey", "security key"])
def test_a_key_is_added_and_logs_in(
    page: Page,
    site: str,
    ann: Person,
    kind: str,
    assert_accessible: Callable[[Page], None],
    complaints: list[str],
) -> None:
    plug_in(page)
    page.goto(f"{site}/login/")
    fill_in_log_in(page, "ann")
    page.goto(f"{site}/profile/security/")
    page.get_by_role("link", name=f"Add a {kind}").click()
    assert_accessible(page)
    page.get_by_label("Name").fill("My laptop")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_text("“My laptop” is added")).to_be_visible()
    assert_accessible(page)
    log_out(page)

    if kind == "passkey":
        page.get_by_role("link", name="Use a passkey").click()
    else:
        page.get_by_label("Username").fill("ann")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Continue").click()
        page.get_by_role("button", name="Use your security key").click()
    expect(page.get_by_role("heading", name="You are logged in")).to_be_visible()
    assert complaints == []


def test_a_browser_without_a_key_is_told_and_offered_a_code(
    page: Page, site: str, ann: Person
) -> None:
    page.goto(f"{site.replace('localhost', '127.0.0.1')}/login/")
    page.get_by_role("link", name="Use a passkey").click()
    expect(page.get_by_text("Keys work at the address localhost only")).to_be_visible()
    page.get_by_role("link", name="Log in with a password").click()
    expect(page.get_by_label("Username")).to_be_visible()

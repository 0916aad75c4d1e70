"""Logging in to another service in a browser: the answer goes by a form, scripts or none."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from meterdesk.identity.rules import DeskRole, Totp
from meterdesk.identity.tests.factories import PASSWORD, TOTP_SECRET, actor_for, make_person
from meterdesk.identity_provider.actions import NewService, add_service
from meterdesk.kernel.saml import authn_request, fresh_id

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
ENTITY = "urn:example:orders"


class _Service(BaseHTTPRequestHandler):
    received: list[dict[str, list[str]]]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.received.append(parse_qs(body))
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>Orders</title>Welcome to the orders")

    def log_message(self, *_args: object) -> None: ...


@pytest.fixture
def service() -> Iterator[tuple[str, list[Any]]]:
    """A service provider on this machine: where it takes answers, and those it took."""
    received: list[Any] = []
    handler = type("Handler", (_Service,), {"received": received})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/acs", received
    server.shutdown()
    server.server_close()


@pytest.mark.req("SSI-NFR-3", "SSI-NFR-8", "SSI-NFR-16")
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_person_logs_in_to_another_service(
    browser: Browser, live_server: Any, service: tuple[str, list[Any]], settings: Any, scripts: bool
) -> None:
    settings.PUBLIC_URL = live_server.url
    acs, received = service
    keeper = actor_for(make_person("keeper", desk=[DeskRole.ADMINISTRATOR]))
    add_service(
        keeper, NewService("Orders", ENTITY, (acs,), is_for_everyone=True), at=timezone.now()
    )
    make_person("pat", password=PASSWORD)
    request = authn_request(
        request_id=fresh_id(),
        destination=f"{live_server.url}/sso/login",
        issuer=ENTITY,
        acs_url=acs,
        contexts=[],
        issued_at=timezone.now(),
    )
    page = browser.new_context(java_script_enabled=scripts).new_page()
    _send(page, acs, f"{live_server.url}/sso/login", request.field)
    page.get_by_label("Username").fill("pat")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Code").fill(Totp(TOTP_SECRET).next_code(timezone.now()))
    page.get_by_role("button", name="Log in").click()
    if not scripts:
        page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Welcome to the orders")).to_be_visible()
    assert [one["RelayState"] for one in received] == [["orders/77"]]


def _send(page: Page, acs: str, url: str, field: str) -> None:
    """Post the request from the service's own page, as another site does."""
    form = (
        f'<form method="post" action="{url}"><input name="SAMLRequest" value="{field}">'
        '<input name="RelayState" value="orders/77"><button>Log in with Meterdesk</button></form>'
    )
    page.route(acs + "?begin", lambda route: route.fulfill(body=form, content_type="text/html"))
    page.goto(acs + "?begin")
    page.get_by_role("button").click()

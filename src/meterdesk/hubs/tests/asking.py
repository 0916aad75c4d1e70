"""Who has a hub asked, and how its request is followed."""

import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import ThreadingHTTPServer
from typing import Any

from meterdesk.hubs.actions import advance_request
from meterdesk.hubs.models import HubRequest
from meterdesk.identity.rules import Actor, JobTypeRole
from meterdesk.identity.tests.factories import actor_for, make_person
from meterdesk.registration.tests.files import SUPPLIER

CALL_CENTRE = JobTypeRole.CALL_CENTRE_USER
REGIONS = ("North", "Central", "South")


def served(server: ThreadingHTTPServer, settings: Any, given: Any) -> Iterator[Any]:
    """Serve as the provider of all Regions while a test runs, which is given `given`."""
    url = f"http://127.0.0.1:{server.server_port}"
    settings.CSP_URLS = dict.fromkeys(REGIONS, url)
    settings.CSP_TOKENS = dict.fromkeys(REGIONS, "secret")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield given
    server.shutdown()
    server.server_close()


def actor_at(eui: str = SUPPLIER) -> Actor:
    """Somebody of the call centre who acts for a UserId."""
    return actor_for(make_person("", [(eui, CALL_CENTRE)]))


def follow(number: int, at: datetime) -> HubRequest:
    """Take a request as far as it goes, a second a step."""
    for step in range(20):
        advance_request(number, at=at + timedelta(seconds=step))
    return HubRequest.objects.get(pk=number)

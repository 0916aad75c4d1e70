"""Whatever an address asks for, the answer is no error of ours."""

import re

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from tests.isolation.test_route_walk import every_call

from meterdesk.identity.rules import DeskRole
from meterdesk.identity.tests.factories import log_in, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.req("SSI-NFR-22", "SEC-1")]

DAYS = re.compile(r"(^on|^begins|^ends|_from|_to|_date|_since|^from_.*|^to_.*)$")
ENDS_OF_TIME = ("0001-01-01", "0001-01-03", "9999-12-31")


@pytest.fixture(autouse=True)
def _many_calls(settings: LazySettings) -> None:
    settings.METERDESK_API_RATE_UNKNOWN = 1_000_000


def names_on(page: HttpResponse) -> set[str]:
    """What the forms of a page can be asked."""
    return set(re.findall(r' name="(\w+)"', page.content.decode()))


def test_neither_nul_nor_the_ends_of_time_are_an_error_of_ours() -> None:
    client, failed, days = Client(raise_request_exception=False), [], 0
    log_in(client, make_person("zeb", desk=list(DeskRole)))

    def answered(path: str, **question: str) -> HttpResponse:
        with transaction.atomic():
            answer = client.get(path, question)
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            failed.append(f"{path}?{question}")
        return answer

    for _method, route, path in every_call(screens=("GET",)):
        if path.startswith("/api/") or route == "logout/":
            continue
        answered(path, q="\x00")
        page = answered(path)
        for name in filter(DAYS.match, [] if page.streaming else names_on(page)):
            days += 1
            for day in ENDS_OF_TIME:
                answered(path, **{name: day})
    assert failed == []
    assert days > 5

"""Schemathesis calls every operation with what fits its schema and with what does not."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import override_settings
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from meterdesk.config.api import api
from meterdesk.demo.build import Plan, build
from meterdesk.identity.models import Person
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import load_access_matrix, token_for

load_all_checks()

pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_dict(api.document)
schema.app = WSGIHandler()

CHEAP = "django.contrib.auth.hashers.MD5PasswordHasher"


@pytest.fixture(scope="module")
def one_connection() -> Iterator[None]:
    """Keep the connection over requests, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def token(
    one_connection: None, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[str]:
    """A token of a person with every role, on a small network with incidents; undone at the end."""
    plan = Plan(premises=12, messages=400, today=date(2026, 11, 20))
    generous = {"METERDESK_API_RATE": 10**7, "METERDESK_API_RATE_UNKNOWN": 10**7}
    with (
        django_db_blocker.unblock(),
        override_settings(PASSWORD_HASHERS=[CHEAP], **generous),
        transaction.atomic(),
    ):
        load_access_matrix()
        build(plan, tmp_path_factory.mktemp("network"), lambda _: None)
        people = Person.objects.select_related("organisation")
        person = people.filter(role_assignments__job_type_role=JobTypeRole.ALL_ACCESS).earliest(
            "pk"
        )
        yield token_for(person)
        transaction.set_rollback(True)


@schema.parametrize()
@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.generate],
    derandomize=True,
)
def test_the_api_keeps_its_word(case: schemathesis.Case, token: str) -> None:
    with transaction.atomic():
        # What is well formed may still be refused: a check digit, a place that two criteria do
        # not share, a date before another. No schema can say that.
        case.call_and_validate(
            headers={"Authorization": f"Bearer {token}"},
            excluded_checks=[positive_data_acceptance],
        )
        transaction.set_rollback(True)

"""The OpenAPI document and the page drawn from it."""

import json
import re
import sys
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from ninja import Schema
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import log_in, make_person, make_user_id

pytestmark = pytest.mark.django_db

METHODS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def document(client: Client) -> dict[str, Any]:
    answer = client.get("/api/v1/openapi.json")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/json")
    return json.loads(answer.content)


def operations(document: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    ]


def test_the_document_is_openapi_3_1(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    OPENAPI_31_VALIDATOR.validate(document)


def test_every_operation_says_what_it_is_and_how_it_refuses(document: dict[str, Any]) -> None:
    found = operations(document)
    ids = [operation["operationId"] for _, _, operation in found]
    assert len(ids) == len(set(ids))
    assert {"me", "search_devices", "get_device", "search_coverage"} <= set(ids)
    tags = {tag["name"] for tag in document["tags"]}
    for method, path, operation in found:
        where = f"{method} {path}"
        assert operation["operationId"].isidentifier(), where
        assert "." not in operation["summary"], where
        assert operation["description"], where
        assert set(operation["tags"]) <= tags, where
        assert operation["security"] == [{"token": []}], where
        assert {"401", "429"} <= set(operation["responses"]), where
        assert any(status.startswith("2") for status in operation["responses"]), where
        if "{" in path:
            assert "404" in operation["responses"], where
        if "requestBody" in operation:
            assert {"400", "413", "422"} <= set(operation["responses"]), where


def test_examples_fit_their_schemas(document: dict[str, Any]) -> None:
    for method, path, operation in operations(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for media in [m for one in bodies for m in one.get("content", {}).values()]:
            if "example" in media:
                schema = {**media["schema"], "components": document["components"]}
                assert jsonschema_rs.is_valid(schema, media["example"]), f"{method} {path}"


@pytest.mark.req("SEC-1")
def test_the_browser_of_the_api_loads_nothing_from_elsewhere(
    client: Client, document: dict[str, Any]
) -> None:
    answer = client.get("/api/v1/docs")
    text = answer.content.decode()
    assert answer.status_code == 200
    for _, path, operation in operations(document):
        assert f'id="{operation["operationId"]}"' in text
        assert path in text
    assert "<script>" not in text
    assert " style=" not in text
    assert "//cdn" not in text
    assert "'unsafe" not in answer["Content-Security-Policy"]


def test_the_browser_of_the_api_knows_who_is_logged_in(client: Client) -> None:
    log_in(client, make_person("ann", [(make_user_id(), JobTypeRole.MI_USER)]))
    assert 'aria-label="Main"' in client.get("/api/v1/docs").content.decode()
    assert client.get("/api/v1/me").status_code == 401, "a session opens no call"


def test_no_two_schemas_of_the_document_share_a_name() -> None:
    """The document knows schemas by name alone: a second one would take the first's place."""
    seen: dict[str, str] = {}
    for module in [name for name in sys.modules if re.match(r"meterdesk\.\w+\.api\b", name)]:
        for name, value in vars(sys.modules[module]).items():
            if isinstance(value, type) and issubclass(value, Schema):
                home = seen.setdefault(value.__name__, value.__module__)
                assert home == value.__module__, f"{name} of {home} and {value.__module__}"
    assert len(seen) > 50

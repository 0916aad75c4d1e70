"""The API's conventions: problems, methods, limits, entity tags, request ids."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.http import HttpRequest, HttpResponse
from django.test import Client

from meterdesk.config.checks import every_route
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import bearer, make_person, make_user_id
from meterdesk.kernel.errors import Refused, Stale
from meterdesk.platform.api.versions import etag_of, require_version, required_version

pytestmark = pytest.mark.django_db

ME = "/api/v1/me"


@pytest.fixture
def mine() -> dict[str, str]:
    return bearer(make_person("ann", [(make_user_id(), JobTypeRole.ALL_ACCESS)]))


def problem(answer: Any, status: int, code: str) -> dict[str, Any]:
    """The problem document of an answer, which must be a whole one."""
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    body = json.loads(answer.content)
    assert (body["status"], body["code"]) == (status, code)
    assert body["request_id"] == answer["X-Request-ID"]
    assert body["title"]
    assert body["detail"]
    return body


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize("path", ["/api/", "/api/v1/", "/api/v1/nothing", "/api/v2/me"])
def test_an_unknown_path_is_a_problem(client: Client, mine: dict[str, str], path: str) -> None:
    problem(client.get(path, **mine), 404, "not_found")


@pytest.mark.req("SSI-NFR-22")
def test_a_wrong_method_names_the_right_ones(client: Client, mine: dict[str, str]) -> None:
    answer = client.delete("/api/v1/tokens", **mine)
    problem(answer, 405, "method_not_allowed")
    assert answer["Allow"] == "GET, HEAD, OPTIONS, POST"
    options = client.options("/api/v1/tokens", **mine)
    assert (options.status_code, options["Allow"]) == (204, answer["Allow"])


def test_head_is_get_without_a_body(client: Client, mine: dict[str, str]) -> None:
    get, head = client.get(ME, **mine), client.head(ME, **mine)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(get.content))
    assert (head["ETag"], head["Content-Type"]) == (get["ETag"], get["Content-Type"])


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize(
    "body", [b"{", b'{"name": NaN}', b'{"name": "a\\u0000b"}', b'{"name": "\\ud800"}', b"\xff"]
)
def test_a_body_that_is_not_json_is_a_problem(
    client: Client, mine: dict[str, str], body: bytes
) -> None:
    answer = client.post("/api/v1/tokens", body, content_type="application/json", **mine)
    assert "JSON" in problem(answer, 400, "bad_request")["detail"]


def test_fields_are_named(client: Client, mine: dict[str, str]) -> None:
    answer = client.post("/api/v1/tokens", b"{}", content_type="application/json", **mine)
    assert set(problem(answer, 422, "invalid")["errors"]) == {"name", "expires_at"}


def test_a_misspelt_filter_is_named(client: Client, mine: dict[str, str]) -> None:
    body = problem(client.get("/api/v1/coverage?postcod=LS6+3QS", **mine), 422, "invalid")
    assert set(body["errors"]) == {"postcod"}


def test_nul_is_refused(client: Client, mine: dict[str, str]) -> None:
    problem(client.get("/api/v1/coverage?postcode=%00", **mine), 400, "bad_request")
    problem(client.get("/api/v1/devices/a%00b", **mine), 404, "not_found")


@pytest.mark.req("SEC-1")
def test_a_body_too_large_is_refused_unread(
    client: Client, mine: dict[str, str], settings: Any
) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    large = json.dumps({"name": "x" * 100})
    answer = client.post("/api/v1/tokens", large, content_type="application/json", **mine)
    problem(answer, 413, "too_large")


@pytest.mark.req("SSI-NFR-22")
def test_an_error_of_ours_tells_its_request_id(
    mine: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("meterdesk.identity.api.queries.component_access", broken)
    answer = Client(raise_request_exception=False).get(ME, **mine, HTTP_X_REQUEST_ID="id-of-mine")
    body = problem(answer, 500, "internal_server_error")
    assert body["request_id"] == "id-of-mine"
    assert b"secret" not in answer.content


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize("given", ["", "Bearer", "Bearer mdk_wrong", "Basic YTpi"])
def test_without_a_good_token_one_is_asked_for_it(client: Client, given: str) -> None:
    for route in sorted(every_route()):
        if route.startswith("api/v1/") and route not in OPEN:
            path = "/" + route.replace("<", "").replace(">", "")
            answer = client.get(path, HTTP_AUTHORIZATION=given, REMOTE_ADDR=f"192.0.2.{len(path)}")
            problem(answer, 401, "not_logged_in")
            assert answer["WWW-Authenticate"].startswith("Bearer")


OPEN = {"api/v1/", "api/v1/docs", "api/v1/openapi.json"}


def test_calls_are_counted_for_each_token_and_each_address(
    client: Client, mine: dict[str, str], settings: Any
) -> None:
    settings.METERDESK_API_RATE = 2
    settings.METERDESK_API_RATE_UNKNOWN = 1
    left = [client.get(ME, **mine)["X-RateLimit-Remaining"] for _ in range(2)]
    assert left == ["1", "0"]
    refused = client.get(ME, **mine)
    problem(refused, 429, "too_many")
    assert 1 <= int(refused["Retry-After"]) <= 61
    assert refused["Retry-After"] == refused["X-RateLimit-Reset"]
    other = bearer(make_person("ben", [(make_user_id(), JobTypeRole.MI_USER)]))
    assert client.get(ME, **other).status_code == 200
    assert client.get(ME, REMOTE_ADDR="192.0.2.1").status_code == 401
    assert client.get(ME, REMOTE_ADDR="192.0.2.1").status_code == 429
    assert client.get(ME, REMOTE_ADDR="192.0.2.2").status_code == 401


def test_what_one_has_already_is_not_sent_again(client: Client, mine: dict[str, str]) -> None:
    tag = client.get(ME, **mine)["ETag"]
    for given in (tag, f'W/{tag}, "other"', "*"):
        answer = client.get(ME, **mine, HTTP_IF_NONE_MATCH=given)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
        assert answer["Cache-Control"] == "private, no-cache"
    assert client.get(ME, **mine, HTTP_IF_NONE_MATCH='"other"').status_code == 200


def test_a_change_may_insist_on_a_version(rf: Any) -> None:
    def given(value: str | None) -> HttpRequest:
        return rf.patch("/", headers={} if value is None else {"If-Match": value})

    assert required_version(given(etag_of(3))) == 3
    assert required_version(given("*")) is None
    require_version(given(None), 3)
    require_version(given('"v3"'), 3)
    with pytest.raises(Stale) as stale:
        require_version(given('"v2"'), 3)
    assert stale.value.status == 412
    with pytest.raises(Refused) as refused:
        required_version(given("v3"))
    assert refused.value.status == 400


def test_the_checks_at_start_find_nothing() -> None:
    call_command("check")


def test_request_ids_come_back(client: Client, mine: dict[str, str]) -> None:
    answer: HttpResponse = client.get(ME, **mine, HTTP_X_REQUEST_ID="abcd-1234")
    assert answer["X-Request-ID"] == "abcd-1234"
    assert len(client.get(ME, **mine, HTTP_X_REQUEST_ID="<odd>")["X-Request-ID"]) == 32

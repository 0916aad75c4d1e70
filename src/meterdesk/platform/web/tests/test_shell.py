"""Frame, headers, errors and health, as a browser or a program meets them."""

import gzip
import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.db import connection
from django.http import HttpResponse
from django.template import Engine
from django.test import Client

from meterdesk.identity.tests.factories import log_in, make_person
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, TooMany, Unavailable
from meterdesk.platform.web.errors import error_page
from meterdesk.platform.web.middleware import Refusals

_COMPONENTS = (
    *("page-head", "panel", "alert", "facts", "timeline", "tree", "tabs", "steps", "menu"),
    *("error-summary", "confirmation", "pager", "filters", "progress", "clock", "answers"),
)
STATUSES = (400, 403, 404, 409, 413, 429, 500, 503)


@pytest.fixture
def browser(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT"] = "text/html"
    return client


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize("status", STATUSES)
def test_error_page_says_what_happened_what_to_do_and_the_request_id(rf: Any, status: int) -> None:
    request = rf.get("/somewhere")
    request.request_id = "request-12345"
    answer = error_page(request, status)
    page = answer.content.decode()
    assert answer.status_code == status
    heading = re.search("<h1[^>]*>(.+?)</h1>", page)
    paragraphs = re.findall("<p>(.+?)</p>", page)
    assert heading and len(heading[1]) > 5
    assert len(paragraphs) == 2 and all(len(text) > 20 for text in paragraphs)
    assert "request-12345" in page
    assert "!" not in re.sub("<[^>]+>|<!doctype", "", page)


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize("status", STATUSES)
def test_api_paths_get_a_problem_document_instead(rf: Any, status: int) -> None:
    request = rf.get("/api/v1/somewhere")
    request.request_id = "request-12345"
    answer = error_page(request, status)
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    problem = json.loads(answer.content)
    assert problem["status"] == status
    assert problem["request_id"] == "request-12345"
    assert problem["code"] and problem["detail"]


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.parametrize(
    ("refused", "status"),
    [
        (
            Refused("The MPAN has a wrong check digit.", fields={"mpxn": "Check the last digit."}),
            422,
        ),
        (NotAllowed(), 403),
        (NotVisible(), 404),
        (Conflict(), 409),
        (TooMany(30), 429),
        (Unavailable(), 503),
    ],
)
def test_a_refusal_becomes_its_page(rf: Any, refused: Refused, status: int) -> None:
    answer = Refusals(lambda request: HttpResponse()).process_exception(rf.get("/x"), refused)
    assert answer is not None and answer.status_code == status
    page = answer.content.decode()
    assert refused.message in page
    assert all(message in page for message in refused.fields.values())
    assert answer.get("Retry-After") == ("30" if status == 429 else None)


def test_an_error_that_was_not_expected_is_left_to_django(rf: Any) -> None:
    answer = Refusals(lambda request: HttpResponse()).process_exception(rf.get("/x"), ValueError())
    assert answer is None


def test_a_poll_that_fails_leaves_the_page_as_it_is(rf: Any) -> None:
    answer = error_page(rf.get("/x", headers={"X-Poll": "1"}), 503)
    assert (answer.status_code, answer["HX-Reswap"], answer.content) == (503, "none", b"")


def test_unknown_addresses_get_our_page_with_every_security_header(browser: Client) -> None:
    answer = browser.get("/no/such/page")
    assert answer.status_code == 404
    assert "Page not found" in answer.content.decode()
    policy = dict(part.split(" ", 1) for part in answer["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["script-src"] == policy["style-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["base-uri"] == "'none'"
    assert policy["form-action"] == "'self'"
    assert "unsafe" not in answer["Content-Security-Policy"]
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Referrer-Policy"] == "same-origin"
    assert "geolocation=()" in answer["Permissions-Policy"]
    assert answer["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("offered", "kept"),
    [("abc-DEF_123.4", True), ("short", False), ("x" * 65, False), ("a b c d e f", False)],
)
def test_a_sane_request_id_is_kept_and_echoed(browser: Client, offered: str, kept: bool) -> None:
    answered = browser.get("/healthz", headers={"X-Request-ID": offered})["X-Request-ID"]
    assert (answered == offered) is kept
    assert 8 <= len(answered) <= 64


def test_no_template_of_the_site_has_inline_style_or_script() -> None:
    inline = re.compile(
        r"\sstyle\s*=|\son\w+\s*=\s*[\"']|<style|<script(?![^>]*\ssrc=)|javascript:", re.I
    )
    source = Path(__file__).parents[3]
    found = [
        f"{file.relative_to(source)}: {match[0]}"
        for file in source.rglob("templates/**/*.html")
        for match in inline.finditer(file.read_text())
    ]
    assert found == []


def test_gallery_draws_every_component_and_is_for_development_only(
    browser: Client, settings: Any
) -> None:
    page = browser.get("/gallery/").content.decode()
    for marker in _COMPONENTS:
        assert re.search(rf'class="[^"]*\b{marker}\b', page), marker
    assert "&lt;" not in page
    settings.METERDESK_ENV = "production"
    for address in ("/gallery/", "/gallery/bare/", "/gallery/progress"):
        assert browser.get(address).status_code == 404


def test_first_visit_weighs_less_than_150_kilobytes() -> None:
    names = re.findall(
        r"{% static '(.+?)' %}", Engine.get_default().find_template("document.html")[0].source
    )
    assert len(names) == 8
    weight = sum(len(gzip.compress(Path(finders.find(name)).read_bytes())) for name in names)
    assert weight < 50_000


@pytest.mark.req("SSI-NFR-22", "SSI-NFR-20")
@pytest.mark.django_db
def test_who_is_logged_in_keeps_the_frame_on_an_error_and_can_stay_logged_in(
    browser: Client,
) -> None:
    assert browser.post("/session").status_code == 302
    person = make_person("ada")
    log_in(browser, person)
    page = browser.get("/no/such/page").content.decode()
    assert 'id="find"' in page
    assert re.search(r'data-session-ends="\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d', page)
    assert f'data-person="{person.pk}"' in page
    assert browser.post("/session").status_code == 204


def test_theme_is_kept_in_a_cookie_and_goes_back_only_to_this_site(browser: Client) -> None:
    answer = browser.post("/theme", {"theme": "dark", "next": "/gallery/?sort=type"})
    assert (answer.status_code, answer["Location"]) == (302, "/gallery/?sort=type")
    assert 'data-theme="dark"' in browser.get("/gallery/").content.decode()
    assert (
        browser.post("/theme", {"theme": "x", "next": "https://evil.example/"})["Location"] == "/"
    )
    assert (
        "data-theme=" not in re.search("<html[^>]*>", browser.get("/gallery/").content.decode())[0]
    )
    assert browser.get("/theme").status_code == 405


def test_a_form_from_another_session_is_explained() -> None:
    answer = Client(enforce_csrf_checks=True).post("/theme", {"theme": "dark"})
    assert answer.status_code == 403
    assert "This form is out of date" in answer.content.decode()


def test_healthz_asks_nothing_of_the_database(browser: Client) -> None:
    answer = browser.get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok\n")


@pytest.mark.database
@pytest.mark.django_db
def test_readyz_checks_database_migrations_and_jobs(browser: Client) -> None:
    answer = browser.get("/readyz")
    assert answer.json() == {
        "status": "ready",
        "checks": {"database": "ok", "migrations": "ok", "jobs": "ok"},
    }
    assert answer.status_code == 200


@pytest.mark.database
@pytest.mark.django_db
def test_readyz_says_how_long_the_oldest_job_has_waited(browser: Client) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "insert into procrastinate_jobs (queue_name, task_name, args, status, scheduled_at) "
            "values ('default', 'test', '{}', 'todo', now() - interval '40 minutes')"
        )
        cursor.execute(
            "insert into procrastinate_events (job_id, type, at) "
            "select max(id), 'deferred', now() - interval '2 hours' from procrastinate_jobs"
        )
    answer = browser.get("/readyz")
    assert answer.status_code == 503
    assert "waited 40 minutes" in answer.json()["checks"]["jobs"]


def test_metrics_open_only_to_the_token(browser: Client, settings: Any) -> None:
    settings.METERDESK_METRICS_TOKEN = None
    assert browser.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    settings.METERDESK_METRICS_TOKEN = "a-token-of-some-length"
    assert browser.get("/metrics").status_code == 404
    assert browser.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 404
    answer = browser.get("/metrics", headers={"Authorization": "Bearer a-token-of-some-length"})
    assert answer.status_code == 200
    assert b"django_http_requests" in answer.content


@pytest.mark.req("SSI-NFR-22")
@pytest.mark.django_db
def test_the_log_names_the_route_and_no_premises(client: Client, caplog: Any) -> None:
    client.get("/premises/1312345678907/?show=alert")
    client.get("/no-such-page")
    lines: list[Any] = [one.msg for one in caplog.records if one.name == "meterdesk.request"]
    first, second = lines
    assert (first["route"], first["path"]) == ("premises/<mpxn>/", None)
    assert "1312345678907" not in str(lines)
    assert second["path"] == "/no-such-page"

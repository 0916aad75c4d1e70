"""What holds on every route: forms need their token, pages stay out of caches, frames and hosts."""

import pytest
from django.conf import settings
from django.test import Client
from tests.isolation.test_route_walk import every_call

from meterdesk.config.routes import rule_of
from meterdesk.identity.models import RoleAssignment
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import log_in, make_person, make_user_id

pytestmark = pytest.mark.django_db

BY_PROTOCOL = ("saml/", "sso/login")
"""What identity providers and services send comes from their own site, signed instead."""


@pytest.mark.req("SSI-NFR-10")
def test_no_form_is_taken_without_its_token() -> None:
    client = Client(enforce_csrf_checks=True)
    log_in(client, make_person("ann", [(make_user_id(), JobTypeRole.ALL_ACCESS)]))
    taken = []
    for _method, route, path in every_call(screens=("POST",)):
        if path.startswith("/api/") or route.startswith(BY_PROTOCOL):
            continue
        answer = client.post(path, {"x": "y"})
        if answer.status_code not in {403, 405}:
            taken.append((path, answer.status_code))
    assert taken == []


@pytest.mark.req("SSI-NFR-20", "SSI-NFR-10")
def test_no_page_with_data_is_kept_framed_or_guessed_at() -> None:
    client = Client()
    log_in(client, make_person("ann", [(make_user_id(), JobTypeRole.ALL_ACCESS)]))
    for path in ("/", "/profile/", "/devices/", "/incidents/", "/nowhere/", "/login/"):
        answer = client.get(path)
        assert answer["Cache-Control"] in {"no-store", "private, no-cache"}, path
        assert answer["X-Frame-Options"] == "DENY"
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.req("SSI-NFR-10")
@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/", "/\\evil.example", "javascript:alert(1)", "\t//x"],
)
def test_no_way_leads_to_another_site(target: str) -> None:
    client = Client()
    log_in(client, make_person("ann", [(make_user_id(), JobTypeRole.ALL_ACCESS)]))
    answer = client.get("/login/", {"next": target})
    assert answer["Location"] == "/welcome/"
    answer = client.get("/profile/bookmarks/", {"path": target})
    assert 'value="' + target not in answer.content.decode()
    referred = Client().post("/profile/bookmarks/", headers={"referer": "https://evil.example/x"})
    assert "evil" not in referred["Location"]


@pytest.mark.req("SSI-NFR-10")
def test_another_host_name_is_answered_by_nothing() -> None:
    for host in ("evil.example", "testserver.evil.example", "testserver@evil.example"):
        assert Client().get("/login/", headers={"host": host}).status_code == 400
    forwarded = Client().get("/login/", headers={"x-forwarded-host": "evil.example"})
    assert "evil.example" not in forwarded.content.decode()


@pytest.mark.req("SSI-NFR-6", "SSI-NFR-10")
def test_the_cookie_of_a_session_is_out_of_reach_of_scripts_and_other_sites() -> None:
    assert settings.SESSION_COOKIE_HTTPONLY
    assert settings.CSRF_COOKIE_HTTPONLY
    assert settings.SESSION_COOKIE_SAMESITE == settings.CSRF_COOKIE_SAMESITE == "Lax"


@pytest.mark.req("SSI-NFR-7")
def test_a_role_taken_away_is_gone_with_the_next_request_of_an_open_session() -> None:
    person = make_person("ann", [(make_user_id(), JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])
    client = Client()
    log_in(client, person)
    assert client.get("/activity/").status_code == 200
    RoleAssignment.objects.filter(person=person).delete()
    for path in ("/activity/", "/networks/", "/tokens/", "/service-accounts/", "/people/"):
        assert rule_of("GET", path.lstrip("/")) is not None
        assert client.get(path).status_code == 403

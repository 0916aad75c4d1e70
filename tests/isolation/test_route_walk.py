"""Every route, asked for by everybody: who gets in is decided by the access matrix, anew here.

The expectation is worked out from identity/data/access_matrix.csv and the table of routes, not
by the code under test.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from tests.isolation.samples import ARGUMENTS, PATHS

import meterdesk.identity
from meterdesk.config.api import api
from meterdesk.config.checks import check_routes, every_route
from meterdesk.config.routes import ROUTES, rule_of
from meterdesk.identity.models import Person
from meterdesk.identity.rules import DeskPermission, DeskRole, JobTypeRole, RouteRule, UserRole
from meterdesk.identity.tests.factories import (
    bearer,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)

pytestmark = pytest.mark.django_db

MATRIX = Path(meterdesk.identity.__file__).parent / "data" / "access_matrix.csv"
with MATRIX.open(encoding="utf-8") as stream:
    ROLES_OF = {
        row["component"]: set(row["job_type_roles"].split("; ")) for row in csv.DictReader(stream)
    }

DESK = {
    DeskRole.AGENT: {"queue", "assign", "network_data"},
    DeskRole.RESOLVER: {"queue"},
    DeskRole.MAJOR_INCIDENT_MANAGER: {"queue", "assign", "network_data"},
    DeskRole.EDITOR: {"network_data"},
    DeskRole.ADMINISTRATOR: {"accounts", "intake", "network_data"},
    DeskRole.SECURITY_OFFICER: {"activity"},
}
OPERATORS_VIEW = {
    "UC_Inventory",
    "UC_ServiceAudit",
    "UC_MeterRead",
    "UC_CSPCoverage",
    "UC_HubStatus",
    "UC_Search",
}
BEFORE_LOG_IN = {"login/", "login/code/", "logout/"}
"""These lead to the log-in page by their nature; identity's own tests walk them."""


@pytest.fixture(autouse=True)
def _many_calls(settings: LazySettings) -> None:
    """Let the walk make as many calls in a minute as there are routes."""
    settings.METERDESK_API_RATE_UNKNOWN = 10_000


@dataclass(frozen=True)
class Caller:
    """Somebody who asks: Job Type Roles over all UserIds, desk permissions, nothing for nobody."""

    roles: frozenset[str] = frozenset()
    desk: frozenset[str] = frozenset()
    is_operator: bool = False
    is_known: bool = True

    def gets_in(self, rule: RouteRule) -> bool:
        """What the requirements say."""
        if rule.kind == "public":
            return True
        if rule.kind == "any":
            return any(self.gets_in(one) for one in rule.alternatives)
        if rule.kind == "security-user":
            return JobTypeRole.SECURITY_USER in self.roles
        if rule.kind == "feed":
            return False
        if rule.kind == "desk":
            return str(rule.permission) in self.desk
        if rule.kind == "component":
            by_desk = self.is_operator and "network_data" in self.desk
            return bool(self.roles & ROLES_OF[rule.component]) or (
                by_desk and rule.component in OPERATORS_VIEW
            )
        return self.is_known


@pytest.fixture(autouse=True)
def no_limit_of_calls(settings) -> None:
    """A walk calls more routes than one address may in a minute without a token."""
    settings.METERDESK_API_RATE_UNKNOWN = 10_000


def missing_samples(route: str) -> list[str]:
    """What samples.py must say before the route can be called."""
    if route in PATHS:
        return []
    if "(" in route:
        return [f"PATHS: {route}"]
    names = re.findall(r"<(?:\w+:)?(\w+)>", route)
    return [f"ARGUMENTS: {name} of {route}" for name in names if name not in ARGUMENTS]


def path_of(route: str) -> str:
    """An address of the route."""
    return PATHS.get(route) or "/" + re.sub(
        r"<(?:\w+:)?(\w+)>", lambda found: ARGUMENTS[found[1]], route
    )


def api_methods() -> dict[str, list[str]]:
    """The methods of each route of the API."""
    found: dict[str, list[str]] = {}
    for path, operations in api.get_openapi_schema()["paths"].items():
        route = re.sub(r"\{(\w+)\}", r"<\1>", path.lstrip("/"))
        found[route] = [method.upper() for method in operations]
    return found


def every_call(screens: tuple[str, ...] = ("GET", "POST")) -> Iterator[tuple[str, str, str]]:
    """(method, route, path) of everything that can be called."""
    methods = api_methods()
    for route in dict.fromkeys(every_route()):
        if missing_samples(route):
            continue
        of_api = methods.get(re.sub(r"<\w+:(\w+)>", r"<\1>", route), ["GET"])
        for method in of_api if route.startswith("api/") else screens:
            yield method, route, path_of(route)


def turned_away(path: str, response) -> str:
    """ "login", "forbidden" or nothing: how the caller was turned away."""
    if path.startswith("/api/"):
        if response.status_code in (401, 403):
            assert response["Content-Type"] == "application/problem+json", path
            assert response.json()["status"] == response.status_code
            if response.json()["code"] == "proof_needed":
                return ""  # let in, and asked to prove who they are
        return {401: "login", 403: "forbidden"}.get(response.status_code, "")
    to_log_in = response.status_code == 302 and response["Location"].startswith("/login/")
    if to_log_in and not response["Location"].startswith("/login/code/"):
        return "login"
    return "forbidden" if response.status_code == 403 else ""


def walk(person: Person | None, caller: Caller, **which) -> list[str]:
    """Ask for everything; returns what went otherwise than it should."""
    client, wrong = Client(), []
    token = bearer(person) if person else {}
    for method, route, path in every_call(**which):
        rule = rule_of(method, route)
        assert rule is not None, route
        if route in BEFORE_LOG_IN or (caller.is_known and rule.kind == "public"):
            continue
        if person is not None and "meterdesk_session" not in client.cookies:
            log_in(client, person)
        response = client.generic(method, path, **(token if path.startswith("/api/") else {}))
        expected = "" if caller.gets_in(rule) else ("forbidden" if caller.is_known else "login")
        seen = turned_away(path, response)
        if seen != expected or (response.status_code >= 500 and route != "readyz"):
            wrong.append(f"{method} {path}: {response.status_code}, {seen!r} not {expected!r}")
    return wrong


def test_the_walk_knows_how_to_call_every_route() -> None:
    missing = [name for route in every_route() for name in missing_samples(route)]
    assert missing == [], "Give these a value in tests/isolation/samples.py."


@pytest.mark.req("SSI-NFR-5", "SSI-NFR-10")
def test_anonymous_reaches_public_routes_only() -> None:
    assert walk(None, Caller(is_known=False)) == []


@pytest.mark.req("SSI-NFR-2")
def test_an_outsider_without_roles_reaches_nothing_but_the_own_account() -> None:
    person = make_person("outsider", organisation=make_organisation("Outside Ltd"))
    assert walk(person, Caller()) == []


@pytest.mark.req("SSI-NFR-2", "SSI-NFR-24", "SSI-NFR-25")
@pytest.mark.parametrize("role", JobTypeRole)
def test_each_job_type_role_reaches_what_the_matrix_says(role: JobTypeRole) -> None:
    person = make_person("insider", [(make_user_id(), role)])
    assert walk(person, Caller(frozenset({role})), screens=("GET",)) == []


@pytest.mark.req("SSI-NFR-26", "SSI-NFR-27")
def test_different_roles_on_two_user_ids_add_up() -> None:
    alder = make_organisation("Alder Energy")
    roles = (JobTypeRole.CALL_CENTRE_USER, JobTypeRole.LOGISTICS)
    assignments = [
        (make_user_id(organisation=alder, role=UserRole.IS), roles[0]),
        (make_user_id(organisation=alder, role=UserRole.GS), roles[1]),
    ]
    person = make_person("two-hats", assignments)
    assert walk(person, Caller(frozenset(roles)), screens=("GET",)) == []


@pytest.mark.req("SSI-NFR-2")
@pytest.mark.parametrize("role", DeskRole)
def test_desk_roles_reach_what_their_permissions_say(role: DeskRole) -> None:
    is_operator = role is not DeskRole.RESOLVER
    organisation = None if is_operator else make_organisation("Northmast", "SERVICE_PROVIDER")
    person = make_person("staff", desk=[role], organisation=organisation)
    caller = Caller(desk=frozenset(DESK[role]), is_operator=is_operator)
    assert walk(person, caller, screens=("GET",)) == []


@pytest.mark.req("SSI-FR-1", "SSI-NFR-11")
def test_nothing_else_opens_before_the_first_log_in_is_finished() -> None:
    administrator = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
    newcomer = make_person("newcomer", [(make_user_id(), administrator)], must_set_password=True)
    for method, route, path in every_call():
        rule = rule_of(method, route)
        if path.startswith("/api/") or rule.kind in ("public", "set-up"):
            continue
        client = Client()
        log_in(client, newcomer)
        assert client.generic(method, path)["Location"] == "/set-up/", path


@pytest.mark.req("SSI-NFR-7")
def test_a_locked_person_is_nobody() -> None:
    person = make_person("locked", [(make_user_id(), JobTypeRole.ALL_ACCESS)])
    Person.objects.filter(pk=person.pk).update(status=Person.Status.LOCKED)
    assert walk(person, Caller(is_known=False), screens=("GET",)) == []


def test_every_permission_of_the_desk_is_walked() -> None:
    assert set().union(*DESK.values()) == set(DeskPermission)


def test_a_route_missing_from_the_table_fails_at_start_and_is_closed(client, monkeypatch) -> None:
    assert check_routes() == []
    monkeypatch.delitem(ROUTES, "profile/")
    monkeypatch.setitem(ROUTES, "nowhere/", ROUTES["login/"])

    assert {error.id for error in check_routes()} == {"meterdesk.E001", "meterdesk.E002"}
    log_in(client, make_person("ann", [(make_user_id(), JobTypeRole.ALL_ACCESS)]))
    assert client.get("/profile/").status_code == 403

"""Screens of networks, tokens and service accounts, walked as their people walk them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.models import ApiToken, Network, Person
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import (
    log_in,
    make_organisation,
    make_person,
    make_user_id,
    token_for,
)

pytestmark = pytest.mark.django_db
ADMINISTRATOR = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR


@pytest.fixture
def own() -> str:
    return make_user_id(organisation=make_organisation("Alder Energy"))


@pytest.fixture
def ann(own: str) -> Person:
    return make_person("ann", [(own, ADMINISTRATOR)])


def client_of(person: Person) -> Client:
    client = Client()
    log_in(client, person)
    return client


def secret_in(answer: object) -> str:
    return str(answer.content.decode().split('data-copy="')[1].split('"')[0])  # type: ignore[attr-defined]


@pytest.mark.req("FSM-12")
def test_access_is_requested_decided_and_withdrawn_on_screen(ann) -> None:
    admin, operator = client_of(ann), client_of(make_person("olive", desk=[DeskRole.ADMINISTRATOR]))
    assert "Not enforced" in admin.get("/networks/").content.decode()
    answer = admin.post("/networks/request/", {"cidr": "10.0.0.1", "grounds": "x"})
    assert (answer.status_code, "not seen on the internet" in answer.content.decode()) == (
        422,
        True,
    )
    given = {"cidr": "203.0.113.0/24", "grounds": "Home workers."}
    page = admin.post("/networks/request/", given)["Location"]

    assert admin.get(f"{page}approve/").status_code == 409
    review = (timezone.localdate() + timedelta(days=90)).isoformat()
    decision = {"why": "Checked.", "review_date": review, "version": "1"}
    assert operator.post(f"{page}approve/", {**decision, "review_date": ""}).status_code == 422
    assert operator.post(f"{page}approve/", {**decision, "version": "7"}).status_code == 409
    assert operator.post(f"{page}approve/", decision).status_code == 302
    shown = admin.get(page).content.decode()
    assert "Approved" in shown
    assert "olive" not in shown.lower()

    assert admin.post(f"{page}withdraw/", {"why": "Moved.", "version": "2"}).status_code == 302
    assert Network.objects.get().state == "WITHDRAWN"
    rows = b"".join(operator.get("/networks/export.csv").streaming_content)
    assert b"203.0.113.0/24" in rows


@pytest.mark.req("FSM-12")
def test_the_operator_records_a_gateway_connection(ann) -> None:
    operator = client_of(make_person("olive", desk=[DeskRole.ADMINISTRATOR]))
    review = (timezone.localdate() + timedelta(days=90)).isoformat()
    given = {
        "organisation": str(ann.organisation_id),
        "kind": "GATEWAY",
        "cidr": "10.20.0.0/16",
        "grounds": "Gateway connection 7.",
        "review_date": review,
    }
    assert operator.post("/networks/record/", given).status_code == 302
    assert operator.post("/networks/record/", given).status_code in {409, 422}
    assert client_of(ann).get("/networks/record/").status_code == 403
    assert "Gateway connection" in client_of(ann).get("/networks/").content.decode()


@pytest.mark.req("FSM-17")
def test_a_token_is_bound_rotated_and_revoked_on_screen(client, ann) -> None:
    admin = client_of(ann)
    last_day = (timezone.localdate() + timedelta(days=30)).isoformat()
    given = {"name": "Night run", "expires_on": last_day, "scope": "all"}
    assert admin.post("/profile/tokens/", {**given, "networks": "0.0.0.0/0"}).status_code == 422
    answer = admin.post("/profile/tokens/", {**given, "networks": "127.0.0.1\n2001:db8::/48"})
    first = secret_in(answer)
    token = ApiToken.objects.get()
    assert token.networks == ["127.0.0.1/32", "2001:db8::/48"]
    rotated = admin.post(f"/profile/tokens/{token.pk}/rotate/", {"overlap_hours": "1"})
    second = secret_in(rotated)
    for secret in (first, second):
        answer = client.get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {secret}")
        assert answer.status_code == 200
    assert "Old secret until" in admin.get("/profile/").content.decode()
    assert admin.get(f"/profile/tokens/{token.pk}/rotate/").status_code == 200


@pytest.mark.req("FSM-17")
def test_administrators_see_and_revoke_every_token_of_their_organisation(ann, own) -> None:
    ben = make_person("ben", [(own, JobTypeRole.MI_USER)])
    token_for(ben)
    token_for(make_person("rival", [(make_user_id(), ADMINISTRATOR)]))
    admin = client_of(ann)
    page = admin.get("/tokens/").content.decode()
    assert ("ben" in page, "rival" in page) == (True, False)
    token = ApiToken.objects.get(person=ben)
    assert admin.get(f"/profile/tokens/{token.pk}/rotate/").status_code == 200
    assert (
        admin.post(f"/profile/tokens/{token.pk}/rotate/", {"overlap_hours": "0"}).status_code == 404
    )
    assert admin.post(f"/profile/tokens/{token.pk}/revoke/")["Location"] == "/tokens/"
    assert "No token matches" in admin.get("/tokens/?text=ben").content.decode()
    assert b"revoked" in b"".join(admin.get("/tokens/export.csv?state=all").streaming_content)


@pytest.mark.req("FSM-17")
def test_a_service_account_is_opened_changed_and_closed_on_screen(client, ann, own) -> None:
    admin = client_of(ann)
    given = {"username": "alder.billing", "name": "Billing", "purpose": "Nightly."}
    roles = [f"{own}|MI User", f"{own}|Call Centre User"]
    assert admin.post("/service-accounts/new/", {**given, "purpose": ""}).status_code == 422
    page = admin.post("/service-accounts/new/", {**given, "roles": roles})["Location"]
    last_day = (timezone.localdate() + timedelta(days=30)).isoformat()
    token = {"name": "Nightly", "expires_on": last_day, "scope": "all"}
    secret = secret_in(admin.post(f"{page}tokens/", token))
    by_it = {"HTTP_AUTHORIZATION": f"Bearer {secret}"}
    assert len(client.get("/api/v1/me", **by_it).json()["roles"]) == 2
    change = {"name": "Billing", "purpose": "Weekly.", "roles": roles[:1], "version": "1"}
    assert admin.post(page, change).status_code == 302
    assert admin.post(page, change).status_code == 422
    assert client.get("/api/v1/me", **by_it).json()["roles"] == ["MI User"]
    assert "alder.billing" in admin.get("/service-accounts/").content.decode()
    assert "alder.billing" not in admin.get("/people/").content.decode()

    closing = {"username": "alder.billings", "version": "2"}
    assert admin.post(f"{page}close/", closing).status_code == 422
    assert admin.post(f"{page}close/", {**closing, "username": "alder.billing"}).status_code == 302
    assert client.get("/api/v1/me", **by_it).status_code == 401
    assert "Closed" in admin.get(page).content.decode()

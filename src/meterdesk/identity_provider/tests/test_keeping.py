"""Service providers: kept by the operator's administrators, and by nobody else."""

from typing import Any

import pytest
from django.test import Client

from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import bearer, log_in, make_person, make_user_id
from meterdesk.identity_provider.models import ServiceProvider, ServiceProviderStep
from meterdesk.identity_provider.tests.peers import ACS, ENTITY
from meterdesk.kernel.saml import service_metadata
from meterdesk.platform.models import ActivityEntry

pytestmark = pytest.mark.django_db
API = "/api/v1/service-providers"
FORM = {
    "name": "Orders",
    "entity_id": ENTITY,
    "acs_urls": f"{ACS}\nhttps://orders.example/saml/second",
    "contact": "desk@orders.example",
    "told": ["Username", "Roles"],
    "is_for_everyone": "yes",
}


@pytest.fixture
def keeper(client: Client) -> Any:
    """The operator's administrator, logged in."""
    person = make_person("", desk=[DeskRole.ADMINISTRATOR])
    log_in(client, person)
    return person


@pytest.mark.req("SSI-NFR-3", "SSI-NFR-17")
def test_a_service_provider_is_added_from_its_metadata_and_changed(
    client: Client, keeper: Any
) -> None:
    pasted = service_metadata(ENTITY, ACS, ["desk@orders.example"]).decode()
    read = client.post(
        "/service-providers/new/", {"metadata": pasted, "read": "1", "name": "Orders"}
    )
    assert read.context["form"].initial["acs_urls"] == ACS
    assert not ServiceProvider.objects.exists()
    wrong = client.post("/service-providers/new/", {"metadata": "<a/>", "read": "1"})
    assert wrong.status_code == 422
    assert "Export the metadata of the service again" in wrong.content.decode()

    saved = client.post("/service-providers/new/", FORM)
    page = client.get(saved["Location"]).content.decode()
    for text in (ENTITY, "saml/second", "desk@orders.example", "every organisation"):
        assert text in page
    made = ServiceProvider.objects.get()
    assert (made.told, made.version) == (["Roles", "Username"], 1)

    changed = {**FORM, "contact": "other@orders.example", "version": "1"}
    assert client.post(f"/service-providers/{made.pk}/change/", changed).status_code == 302
    stale = client.post(f"/service-providers/{made.pk}/change/", changed)
    assert stale.status_code == 422
    assert "changed" in stale.content.decode()
    entry = ActivityEntry.objects.get(verb="identity_provider.change_service")
    assert entry.detail["before"]["contact"] == "desk@orders.example"
    assert entry.detail["after"]["contact"] == "other@orders.example"


@pytest.mark.req("SSI-NFR-3")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"acs_urls": "javascript:alert(1)"}, "acs_urls"),
        ({"acs_urls": ""}, "acs_urls"),
        ({"name": ""}, "name"),
        ({"entity_id": "x" * 2_000}, "entity_id"),
        ({"told": ["Password"]}, "told"),
        ({"is_for_everyone": "no"}, "organisations"),
        ({"is_for_everyone": "no", "organisations": ["999999"]}, "organisations"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    client: Client, keeper: Any, changes: dict[str, Any], field: str
) -> None:
    answer = client.post("/service-providers/new/", {**FORM, **changes})
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not ServiceProvider.objects.exists()


@pytest.mark.req("SSI-NFR-3")
def test_names_and_entity_ids_are_given_once(client: Client, keeper: Any) -> None:
    client.post("/service-providers/new/", FORM)
    again = client.post("/service-providers/new/", FORM)
    assert set(again.context["form"].errors) == {"name", "entity_id"}


@pytest.mark.req("SSI-NFR-3")
def test_suspending_asks_why_and_keeps_it(client: Client, keeper: Any) -> None:
    client.post("/service-providers/new/", FORM)
    made = ServiceProvider.objects.get()
    url = f"/service-providers/{made.pk}/suspend/"
    assert client.post(url, {"version": "1", "why": ""}).status_code == 422
    assert client.post(url, {"version": "1", "why": "Found insecure"}).status_code == 302
    assert client.post(url, {"version": "2", "why": "Twice"}).status_code == 409
    step = ServiceProviderStep.objects.get()
    assert (step.from_state, step.to_state, step.why) == ("ACTIVE", "SUSPENDED", "Found insecure")
    assert "Activate again" in client.get(f"/service-providers/{made.pk}/").content.decode()


@pytest.mark.req("SSI-NFR-3", "SSI-NFR-2")
def test_nobody_else_learns_of_service_providers(client: Client) -> None:
    administrator = make_person("", [(make_user_id(), JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])
    agent = make_person("", desk=[DeskRole.AGENT])
    for person in (administrator, agent):
        log_in(client, person)
        assert client.get("/service-providers/").status_code == 403
        assert client.post("/service-providers/new/", FORM).status_code == 403
        assert client.get(API, **bearer(person)).status_code == 403
    assert not ServiceProvider.objects.exists()


@pytest.mark.req("SSI-NFR-3", "FSM-17")
def test_the_api_does_what_the_screens_do(client: Client, keeper: Any) -> None:
    body = {"name": "Orders", "entity_id": ENTITY, "acs_urls": [ACS], "is_for_everyone": True}
    given = {"content_type": "application/json", **bearer(keeper, proved=True)}
    made = client.post(API, body, **given)
    assert made.status_code == 201
    url = f"{API}/{made.json()['id']}"
    assert [one["name"] for one in client.get(API, **given).json()["items"]] == ["Orders"]
    changed = client.put(url, {**body, "told": ["Username"]}, headers={"If-Match": '"v1"'}, **given)
    assert (changed.json()["told"], changed["ETag"]) == (["Username"], '"v2"')
    stale = client.put(url, body, headers={"If-Match": '"v1"'}, **given)
    assert stale.status_code == 412
    moved = client.post(f"{url}/state", {"verb": "suspend", "why": "Found insecure"}, **given)
    assert moved.json()["state"] == "SUSPENDED"
    assert client.get(f"{API}/999999", **given).status_code == 404

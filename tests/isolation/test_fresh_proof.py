"""What lets a program or somebody else in asks again who is asking (FSM-17, SSI-NFR-15, 28)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.federation.models import IdentityProvider, ProviderCertificate
from meterdesk.federation.tests.factories import make_federation
from meterdesk.identity.actions import (
    ServiceAccountDetails,
    create_token,
    open_service_account,
    request_network,
)
from meterdesk.identity.models import LogInSession, Network, Person
from meterdesk.identity.queries.sessions import REGISTER
from meterdesk.identity.rules import DeskRole, JobTypeRole, Proof
from meterdesk.identity.tests.factories import (
    actor_for,
    bearer,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.identity_provider.actions import NewService, add_service
from meterdesk.identity_provider.models import ServiceProvider
from meterdesk.identity_provider.tests.peers import ACS, ENTITY
from meterdesk.kernel.saml import service_metadata
from meterdesk.organisations.models import Sharing
from meterdesk.organisations.tests.scene import set_scene
from meterdesk.organisations.tests.sharing_scene import proposed

pytestmark = pytest.mark.django_db
Case = tuple[Person, str]


def _administrator() -> Person:
    return make_person("ann", [(make_user_id(), JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])


def _own_token() -> Case:
    return _administrator(), "/profile/tokens/"


def _rotation() -> Case:
    ann, at = _administrator(), timezone.now()
    token_id, _ = create_token(actor_for(ann), "Nightly", at + timedelta(days=1), at=at)
    return ann, f"/profile/tokens/{token_id}/rotate/"


def _programs_token() -> Case:
    ann, details = _administrator(), ServiceAccountDetails("Billing", "Gwen answers for it")
    number = open_service_account(actor_for(ann), "alder.billing", details, at=timezone.now())
    return ann, f"/service-accounts/{number}/tokens/"


def _approval(verb: str) -> Callable[[], Case]:
    def case() -> Case:
        alder = make_federation()
        return alder.operator, f"/identity-providers/{alder.provider.pk}/steps/{verb}/"

    return case


def _certificate() -> Case:
    alder = make_federation()
    one = ProviderCertificate.objects.get(provider=alder.provider)
    path = f"/identity-providers/{alder.provider.pk}/certificates/{one.pk}/approve/"
    return alder.operator, path


def _sharing() -> Case:
    scene = set_scene()
    return scene.operator_person, f"/sharing/{proposed(scene)}/activate/"


def _operator() -> Person:
    return make_person("zeb", desk=[DeskRole.ADMINISTRATOR])


def _recorded_network() -> Case:
    return _operator(), "/networks/record/"


def _network(verb: str) -> Callable[[], Case]:
    def case() -> Case:
        asked = request_network(
            actor_for(_administrator()), "203.0.113.0/24", "Home workers", at=timezone.now()
        )
        if verb == "review":
            Network.objects.update(state="APPROVED", review_date=timezone.localdate())
        return _operator(), f"/networks/{asked}/{verb}/"

    return case


def _service(place: str) -> Callable[[], Case]:
    def case() -> Case:
        operator, at = _operator(), timezone.now()
        new = NewService("Orders", ENTITY, (ACS,), is_for_everyone=True)
        number = add_service(actor_for(operator), new, at=at)
        return operator, f"/service-providers/{place.format(number)}/"

    return case


def _organisations_network() -> Case:
    return _operator(), f"/organisations/{make_organisation().pk}/networks/"


def _first_administrator() -> Case:
    organisation = make_organisation()
    make_user_id(organisation=organisation)
    return _operator(), f"/organisations/{organisation.pk}/administrator/"


CASES = [
    pytest.param(_own_token, id="a token of one's own"),
    pytest.param(_rotation, id="a token's rotation"),
    pytest.param(_programs_token, id="a service account's token"),
    pytest.param(_approval("approve"), id="a provider's approval"),
    pytest.param(_approval("resume"), id="a provider's resumption"),
    pytest.param(_certificate, id="a provider's certificate"),
    pytest.param(_sharing, id="a sharing's activation"),
    pytest.param(_recorded_network, id="a network recorded as approved"),
    pytest.param(_network("approve"), id="a network's approval"),
    pytest.param(_network("review"), id="a network approved for longer"),
    pytest.param(_service("new"), id="a service provider"),
    pytest.param(_service("{}/change"), id="a service provider's change"),
    pytest.param(_service("{}/resume"), id="a service provider's resumption"),
    pytest.param(_first_administrator, id="an organisation's first administrator"),
]


def _session_with(client: Client, **facts: object) -> None:
    LogInSession.objects.filter(pk=client.session[REGISTER]).update(**facts)


def _state() -> list[object]:
    return [
        list(IdentityProvider.objects.values_list("state", "version")),
        list(Sharing.objects.values_list("state", "version")),
        list(Network.objects.values_list("state", "version")),
        list(ServiceProvider.objects.values_list("state", "version")),
    ]


@pytest.mark.req("FSM-17", "SSI-NFR-15", "SSI-NFR-28", "SEC-1")
@pytest.mark.parametrize("case", CASES)
def test_an_old_proof_is_not_enough(client: Client, case: Callable[[], Case]) -> None:
    person, path = case()
    log_in(client, person)
    before = _state()
    _session_with(client, proved_at=timezone.now() - timedelta(minutes=6))
    page, asked = client.get(path), f"/profile/proof/?next={path}"
    assert page.status_code != 200
    assert page.headers.get("Location", asked) == asked
    sent = client.post(path, {"version": 1, "why": "x"})
    assert sent.status_code == 302
    assert sent["Location"].startswith("/profile/proof/")
    assert _state() == before

    _session_with(client, proved_at=timezone.now())
    answer = client.post(path, {})
    assert "/profile/proof/" not in answer.headers.get("Location", "")


SERVICE = {
    "name": "Stores",
    "entity_id": f"{ENTITY}/2",
    "acs_urls": [ACS],
    "is_for_everyone": True,
}
STEP = {"why": "Checked", "review_date": f"{timezone.localdate() + timedelta(days=90)}"}
FIRST = {
    "username": "first",
    "first_name": "Fay",
    "last_name": "First",
    "email": "fay@alder.example",
}
GATEWAY = {"kind": "GATEWAY", "cidr": "10.20.0.0/16", "grounds": "Connection 7"}
CALLS = [
    pytest.param(
        _organisations_network,
        "networks",
        {**GATEWAY, "review_date": STEP["review_date"]},
        id="recorded network",
    ),
    pytest.param(_network("approve"), "transitions", {**STEP, "verb": "approve"}, id="network"),
    pytest.param(_network("review"), "transitions", {**STEP, "verb": "review"}, id="its review"),
    pytest.param(_service("new"), "", SERVICE, id="service"),
    pytest.param(
        _service("{}/state"), "state", {"verb": "resume", "why": "Mended"}, id="its resumption"
    ),
    pytest.param(_first_administrator, "administrator", FIRST, id="first administrator"),
]


@pytest.mark.req("FSM-12", "FSM-17", "SSI-NFR-3", "FSM-9")
@pytest.mark.parametrize(("case", "call", "body"), CALLS)
def test_by_api_the_same_acts_ask_for_the_token_s_proof(
    client: Client, case: Callable[[], Case], call: str, body: dict[str, Any]
) -> None:
    operator, page = case()
    path = f"/api/v1{page.rsplit('/', 2)[0]}" + (f"/{call}" if call else "")
    token, before = bearer(operator), _state()
    refused = client.post(path, body, "application/json", **token)
    assert (refused.status_code, refused.json()["code"]) == (403, "proof_needed")
    assert _state() == before
    assert not Person.objects.filter(username="first").exists()
    operator.api_tokens.update(proved_at=timezone.now())
    answer = client.post(path, body, "application/json", **token)
    assert answer.status_code in {200, 201, 409}, answer.content


@pytest.mark.req("FSM-12", "SSI-NFR-3")
def test_what_shuts_out_asks_for_no_proof(client: Client) -> None:
    operator, page = _service("{}/suspend")()
    log_in(client, operator)
    _session_with(client, proved_at=timezone.now() - timedelta(minutes=6))
    client.post(page, {"why": "Found insecure", "version": "1"})
    assert ServiceProvider.objects.get().state == "SUSPENDED"


@pytest.mark.req("SSI-NFR-6", "FSM-17")
def test_whom_a_provider_vouches_for_proves_it_there(client: Client) -> None:
    person, path = _own_token()
    log_in(client, person)
    _session_with(client, proofs=[Proof.PROVIDER])
    assert client.get(path).status_code == 200, "logged in just now"
    _session_with(client, proved_at=timezone.now() - timedelta(minutes=6))
    refused = client.get(path)
    assert refused.status_code == 403
    assert "log in again by your" in refused.content.decode()


@pytest.mark.req("SSI-NFR-3", "FSM-9", "FSM-12", "FSM-17")
@pytest.mark.parametrize(
    ("case", "field"),
    [
        pytest.param(_own_token, "name", id="a token"),
        pytest.param(_service("new"), "name", id="a service provider"),
        pytest.param(_service("{}/change"), "name", id="its change"),
        pytest.param(_recorded_network, "cidr", id="a network"),
        pytest.param(_network("approve"), "review_date", id="its approval"),
        pytest.param(_first_administrator, "username", id="a first administrator"),
    ],
)
def test_what_was_entered_is_there_again_after_the_proof(
    client: Client, case: Callable[[], Case], field: str
) -> None:
    person, path = case()
    log_in(client, person)
    _session_with(client, proved_at=timezone.now() - timedelta(minutes=6))
    client.post(path, {field: "2027-01-31"}, HTTP_REFERER=f"http://testserver{path}")
    _session_with(client, proved_at=timezone.now())
    assert 'value="2027-01-31"' in client.get(path).content.decode()


@pytest.mark.req("SSI-NFR-17")
def test_metadata_pasted_before_the_proof_is_read_after_it(client: Client) -> None:
    person, path = _service("new")()
    log_in(client, person)
    _session_with(client, proved_at=timezone.now() - timedelta(minutes=6))
    pasted = {"metadata": service_metadata(f"{ENTITY}/2", ACS).decode(), "read": "1"}
    client.post(path, pasted, HTTP_REFERER=f"http://testserver{path}")
    _session_with(client, proved_at=timezone.now())
    assert f'value="{ENTITY}/2"' in client.get(path).content.decode()

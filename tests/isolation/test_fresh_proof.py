"""What lets a program or somebody else in asks again who is asking (FSM-17, SSI-NFR-15, 28)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.federation.models import IdentityProvider, ProviderCertificate
from meterdesk.federation.tests.factories import make_federation
from meterdesk.identity.actions import ServiceAccountDetails, create_token, open_service_account
from meterdesk.identity.models import LogInSession, Person
from meterdesk.identity.queries.sessions import REGISTER
from meterdesk.identity.rules import JobTypeRole, Proof
from meterdesk.identity.tests.factories import actor_for, log_in, make_person, make_user_id
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


CASES = [
    pytest.param(_own_token, id="a token of one's own"),
    pytest.param(_rotation, id="a token's rotation"),
    pytest.param(_programs_token, id="a service account's token"),
    pytest.param(_approval("approve"), id="a provider's approval"),
    pytest.param(_approval("resume"), id="a provider's resumption"),
    pytest.param(_certificate, id="a provider's certificate"),
    pytest.param(_sharing, id="a sharing's activation"),
]


def _session_with(client: Client, **facts: object) -> None:
    LogInSession.objects.filter(pk=client.session[REGISTER]).update(**facts)


def _state() -> list[object]:
    return [
        list(IdentityProvider.objects.values_list("state", "version")),
        list(Sharing.objects.values_list("state", "version")),
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


@pytest.mark.req("FSM-17")
def test_what_was_entered_for_a_token_is_there_again_after_the_proof(client: Client) -> None:
    person, path = _own_token()
    log_in(client, person)
    _session_with(client, proved_at=timezone.now() - timedelta(minutes=6))
    entered = {"name": "Nightly run", "expires_on": "2027-01-31", "scope": "all"}
    client.post(path, entered, HTTP_REFERER=f"http://testserver{path}")
    _session_with(client, proved_at=timezone.now())
    page = client.get(path).content.decode()
    assert 'value="Nightly run"' in page

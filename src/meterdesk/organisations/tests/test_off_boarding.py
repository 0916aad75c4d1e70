"""Off-boarding ends every way in, and none of them comes back with the organisation (FSM-9, 12)."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.federation.models import IdentityProvider, ProviderChange
from meterdesk.federation.rules import ProviderState
from meterdesk.federation.tests.factories import log_in_through, make_federation
from meterdesk.identity.actions import record_network
from meterdesk.identity.models import (
    AccountLink,
    ApiToken,
    LogInSession,
    Network,
    NetworkChange,
    Organisation,
)
from meterdesk.identity.rules import NetworkKind, NetworkState
from meterdesk.identity.tests.factories import actor_for, log_in, token_for
from meterdesk.organisations import actions
from meterdesk.organisations.tests.scene import set_scene

pytestmark = pytest.mark.django_db


@pytest.mark.req("FSM-9", "FSM-12", "Operator's onboarding of an organisation")
def test_every_way_in_is_ended_and_stays_so(client: Client) -> None:
    alder = make_federation()
    number, operator, at = alder.organisation.pk, actor_for(alder.operator), timezone.now()
    review = timezone.localdate(at) + timedelta(days=90)
    record_network(operator, number, NetworkKind.GATEWAY, "10.77.0.0/16", "x", review, at=at)
    log_in(client, alder.administrator)
    token_for(alder.administrator)
    ann = Client()
    assert log_in_through(ann, alder).status_code == 302

    actions.off_board(operator, number, "Left the market", 1, at=timezone.now())

    assert client.get("/")["Location"].startswith("/login/")
    assert ann.get("/")["Location"].startswith("/login/")
    mine = {"person__organisation": number}
    assert not LogInSession.objects.filter(**mine, ended_at=None).exists()
    assert not ApiToken.objects.filter(**mine, revoked_at=None).exists()
    assert not AccountLink.objects.filter(**mine, ended_at=None).exists()
    network = Network.objects.get()
    assert network.state == NetworkState.WITHDRAWN
    assert NetworkChange.objects.filter(network=network).count() == 2
    assert IdentityProvider.objects.get().state == ProviderState.SUSPENDED
    assert ProviderChange.objects.latest("pk").why == "Off-boarded"

    closed = Organisation.objects.get(pk=number)
    actions.bring_back(operator, number, closed.version, at=timezone.now())
    assert Client().get(f"/saml/{alder.provider.slug}/").status_code != 200
    assert Network.objects.get().state == NetworkState.WITHDRAWN


@pytest.mark.req("SSI-NFR-2")
def test_the_page_of_an_organisation_shows_what_others_keep_of_it(client: Client) -> None:
    scene, alder = set_scene(), make_federation("Birch Power")
    log_in(client, scene.operator_person)
    page = client.get(f"/organisations/{alder.organisation.pk}/").content.decode()
    assert "Birch Power directory: active" in page
    assert f"/identity-providers/{alder.provider.pk}/" in page
    assert "Services its people log in to" in page
    other = client.get(f"/organisations/{scene.alder.organisation.pk}/").content.decode()
    assert "Birch Power directory" not in other

"""What a hub was asked is read by the parties of that time, who asked by their own organisation."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.demo.csp import Simulator
from meterdesk.hubs.actions import ask_hub
from meterdesk.hubs.models import HubRequest
from meterdesk.hubs.queries import hub_requests, hub_status, hubs_among
from meterdesk.hubs.rules.requests import RequestKind, RequestState
from meterdesk.hubs.tests.asking import CALL_CENTRE, actor_at, follow
from meterdesk.identity.rules import DeskRole
from meterdesk.identity.tests.factories import actor_for, bearer, log_in, make_person
from meterdesk.inventory.tests.files import HUB, MPAN
from meterdesk.kernel.errors import NotAllowed
from meterdesk.registration.tests.files import (
    DISTRIBUTOR,
    RIVAL,
    SUPPLIER,
    electricity,
    take_in,
)

pytestmark = pytest.mark.django_db
FULL, COMMUNICATE = RequestKind.FULL_DIAGNOSTICS, RequestKind.COMMUNICATE


@pytest.mark.req("SSI-FR-16b", "SSI-NFR-25")
def test_who_asked_is_shown_to_their_own_organisation_alone(
    client: Client, home: None, provider: Simulator
) -> None:
    now = timezone.now()
    supplier = make_person("pat", [(SUPPLIER, CALL_CENTRE)])
    number = ask_hub(actor_for(supplier), HUB, COMMUNICATE, at=now)
    seen = {
        eui: hub_requests(actor_at(eui), HUB, now)[0].asked_by for eui in (SUPPLIER, DISTRIBUTOR)
    }
    assert seen == {SUPPLIER: "Pat Tester", DISTRIBUTOR: ""}
    rival = make_person("", [(RIVAL, CALL_CENTRE)])
    log_in(client, rival)
    assert client.get(f"/hubs/{HUB}/requests/{number}/progress").status_code == 403
    for path in (f"requests/{number}", "requests"):
        answer = client.get(f"/api/v1/hubs/{HUB}/{path}", **bearer(rival))
        assert answer.status_code == 403
    supplier_only = client.get(f"/api/v1/hubs/{HUB}/requests/{number + 1}", **bearer(supplier))
    assert supplier_only.status_code == 404


@pytest.mark.req("SSI-FR-16b", "SSI-NFR-25", "REG-2")
def test_a_new_supplier_reads_nothing_of_what_a_hub_was_asked_before_its_time(
    client: Client, home: None, provider: Simulator, tmp_path: Path
) -> None:
    now = timezone.now()
    before, change = now - timedelta(days=3), (now - timedelta(days=1)).date()
    old = ask_hub(actor_at(), HUB, FULL, at=now)
    assert follow(old, now).state == RequestState.SUCCEEDED
    HubRequest.objects.update(requested_at=before)
    take_in(tmp_path, electricity(change.isoformat(), supplier=RIVAL, mpan=MPAN))

    rival, network = make_person("", [(RIVAL, CALL_CENTRE)]), actor_at(DISTRIBUTOR)
    operator = actor_for(make_person("", desk=[DeskRole.AGENT]))

    def seen_by(actor: Any) -> tuple[list[int], bool]:
        found = [one.id for one in hub_requests(actor, HUB, now)]
        return found, hub_status(actor, HUB, now).result is not None

    assert seen_by(actor_for(rival)) == ([], False)
    assert seen_by(network) == seen_by(operator) == ([old], True)
    (heard,) = hubs_among(actor_for(rival), {HUB: {RIVAL}}, {RIVAL}) or ()
    assert heard.han_status is None, "what the hub said then is no evidence for them"
    log_in(client, rival)
    assert "Another party" not in client.get(f"/hubs/{HUB}/").content.decode()
    for path in (f"/hubs/{HUB}/requests/{old}/progress", f"/api/v1/hubs/{HUB}/requests/{old}"):
        assert client.get(path, **bearer(rival)).status_code == 404
    with pytest.raises(NotAllowed):
        hub_requests(actor_at(), HUB, now)

    own = ask_hub(actor_for(rival), HUB, COMMUNICATE, at=now)
    assert seen_by(actor_for(rival)) == ([own], False)
    assert seen_by(network) == seen_by(operator) == ([own, old], True)
    HubRequest.objects.update(parties=None)
    assert seen_by(network) == ([], False), "of whose time it was is not known"
    assert seen_by(actor_for(rival))[0] == [own]

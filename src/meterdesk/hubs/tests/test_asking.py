"""Asking a hub itself: the contract with the provider from both ends, and who may ask."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.demo.csp import KINDS, Simulator, said_by, serve
from meterdesk.federation.tests.factories import make_federation
from meterdesk.hubs.actions import advance_request, ask_hub
from meterdesk.hubs.actions.asking import RIGHT_LOST
from meterdesk.hubs.models import HubRequest, HubRequestStep
from meterdesk.hubs.queries import hub_requests, hub_status, hubs_among
from meterdesk.hubs.rules import WanConnectivity
from meterdesk.hubs.rules.requests import (
    MOST_AN_HOUR,
    TIME_LIMIT,
    HubResult,
    RequestKind,
    RequestState,
    result_of,
    result_told,
)
from meterdesk.hubs.tests.asking import CALL_CENTRE, actor_at, follow, served
from meterdesk.identity.actions import revoke_token
from meterdesk.identity.queries import actor_of
from meterdesk.identity.rules import DeskRole
from meterdesk.identity.tests.factories import actor_for, bearer, log_in, make_person
from meterdesk.inventory.tests.files import HUB, METER
from meterdesk.kernel.errors import NotAllowed, Refused, TooMany, Unavailable
from meterdesk.platform.jobs.status import queue_status
from meterdesk.platform.models import ActivityEntry
from meterdesk.registration.tests.files import (
    DISTRIBUTOR,
    RIVAL,
    SUPPLIER,
)

pytestmark = pytest.mark.django_db
FULL, COMMUNICATE = RequestKind.FULL_DIAGNOSTICS, RequestKind.COMMUNICATE


@pytest.mark.req("SSI-FR-16a", "SSI-FR-16b", "SSI-FR-17")
def test_a_hub_is_asked_and_what_it_said_stands_beside_the_csps_data(
    client: Client, home: None, provider: Simulator
) -> None:
    person = make_person("", [(SUPPLIER, CALL_CENTRE)])
    log_in(client, person)
    before = client.get(f"/hubs/{HUB}/").content.decode()
    assert "Requires device communication" in before
    for _ in range(2):
        pressed = client.post(f"/hubs/{HUB}/requests/", {"kind": "full-diagnostics"})
        assert pressed.status_code == 302
    asked = HubRequest.objects.get()
    progress = client.get(f"/hubs/{HUB}/requests/{asked.pk}/progress", headers={"X-Poll": "1"})
    assert "Going to the provider" in progress.content.decode()
    assert "HX-Refresh" not in progress

    over = follow(asked.pk, timezone.now())
    expected = said_by(HUB, "full-diagnostics", timezone.now())
    assert expected is not None
    assert over.state == RequestState.SUCCEEDED
    progress = client.get(f"/hubs/{HUB}/requests/{asked.pk}/progress", headers={"X-Poll": "1"})
    assert progress["HX-Refresh"] == "true"
    page = client.get(f"/hubs/{HUB}/").content.decode()
    assert expected["han_status"] in page
    assert "Requires device communication" not in page
    body = client.get(f"/api/v1/hubs/{HUB}", **bearer(person)).json()
    assert body["result"]["han_status"] == expected["han_status"]
    steps = HubRequestStep.objects.order_by("pk").values_list("from_state", "to_state")
    assert list(steps) == [("REQUESTED", "WAITING"), ("WAITING", "SUCCEEDED")]
    assert ActivityEntry.objects.filter(verb="hubs.ask", subject=HUB).count() == 1


@pytest.mark.req("SSI-FR-16a", "SSI-FR-16b", "SSI-NFR-25")
def test_only_parties_of_the_hub_may_have_it_asked(
    client: Client, home: None, provider: Simulator
) -> None:
    now = timezone.now()
    with pytest.raises(NotAllowed):
        ask_hub(actor_at(RIVAL), HUB, FULL, at=now)
    agent = make_person("", desk=[DeskRole.AGENT])
    log_in(client, agent)
    assert "Run full diagnostics" not in client.get(f"/hubs/{HUB}/").content.decode()
    answer = client.post(
        f"/api/v1/hubs/{HUB}/requests",
        {"kind": "communicate"},
        content_type="application/json",
        **bearer(agent),
    )
    assert answer.status_code == 403
    with pytest.raises(Refused, match="not a Communications Hub"):
        ask_hub(actor_at(), METER, FULL, at=now)
    assert not HubRequest.objects.exists()
    for eui in (SUPPLIER, DISTRIBUTOR):
        ask_hub(actor_at(eui), HUB, FULL, at=now)
    assert HubRequest.objects.count() == 2


@pytest.mark.req("SSI-FR-16a", "SSI-NFR-2")
def test_a_user_id_suspended_to_reading_asks_no_hub(home: None, provider: Simulator) -> None:
    reader = replace(actor_at(), read_only=frozenset({SUPPLIER}))
    assert not hub_status(reader, HUB, timezone.now()).may_ask
    with pytest.raises(NotAllowed):
        ask_hub(reader, HUB, FULL, at=timezone.now())


@pytest.mark.req("SSI-FR-16a", "SSI-NFR-25")
@pytest.mark.parametrize("steps", [0, 1])
def test_a_request_ends_when_its_asker_lost_the_right_meanwhile(
    home: None, provider: Simulator, steps: int
) -> None:
    now = timezone.now()
    person = make_person("", [(SUPPLIER, CALL_CENTRE)])
    number = ask_hub(actor_for(person), HUB, FULL, at=now)
    for step in range(steps):
        advance_request(number, at=now + timedelta(seconds=step))
    person.role_assignments.all().delete()
    over = follow(number, now)
    assert (over.state, over.note, over.result) == (RequestState.FAILED, RIGHT_LOST, None)
    assert bool(over.provider_reference) is bool(steps), "the provider is not called"


@pytest.mark.req("SSI-FR-16a", "SSI-NFR-25", "FSM-17")
@pytest.mark.parametrize("steps", [0, 1])
def test_a_request_ends_when_the_token_it_was_asked_by_is_revoked(
    client: Client, home: None, provider: Simulator, steps: int
) -> None:
    now, person = timezone.now(), make_person("", [(SUPPLIER, CALL_CENTRE)])
    path, token = f"/api/v1/hubs/{HUB}/requests", bearer(person)
    asked = client.post(path, {"kind": "communicate"}, "application/json", **token).json()
    for step in range(steps):
        advance_request(asked["id"], at=now + timedelta(seconds=step))
    revoke_token(actor_for(person), person.api_tokens.get().pk, at=now)
    over = follow(asked["id"], now)
    assert (over.state, over.note, over.result) == (RequestState.FAILED, RIGHT_LOST, None)
    assert bool(over.provider_reference) is bool(steps), "the provider is not called"


@dataclass
class _Waiting(Simulator):
    """A provider that has something done before it answers how far it is."""

    before: Callable[[], None] = lambda: None

    def look(self, device_id: str, request_id: str) -> tuple[int, dict[str, Any]]:
        self.before()
        return super().look(device_id, request_id)


@pytest.mark.req("SSI-FR-16a", "SSI-NFR-25")
def test_what_a_hub_said_while_its_asker_lost_the_right_is_not_kept(
    home: None, settings: Any
) -> None:
    now, person = timezone.now(), make_person("", [(SUPPLIER, CALL_CENTRE)])
    # This thread waits for the answer, so that its connection, and what it sees, can be lent.
    lent = connections["default"]

    def lose() -> None:
        connections["default"] = lent
        person.role_assignments.all().delete()

    provider = _Waiting("secret", delay_seconds=0, before=lose)
    lent.inc_thread_sharing()
    for _ in served(serve(provider, 0), settings, provider):
        over = follow(ask_hub(actor_for(person), HUB, FULL, at=now), now)
    lent.dec_thread_sharing()
    assert (over.state, over.note, over.result) == (RequestState.FAILED, RIGHT_LOST, None)


@pytest.mark.req("SSI-FR-16a", "SSI-NFR-19")
def test_whom_a_provider_vouched_for_asks_with_the_roles_of_the_assertion(
    home: None, provider: Simulator
) -> None:
    now, person = timezone.now(), make_person("", [(SUPPLIER, CALL_CENTRE)])
    person.role_assignments.all().delete()
    vouching = make_federation(person.organisation.name).provider
    asserted = {
        "provider_id": vouching.pk,
        "user_ids": [SUPPLIER],
        "roles": [CALL_CENTRE.value],
    }
    number = ask_hub(actor_of(person, assertion=asserted), HUB, FULL, at=now)
    assert follow(number, now).state == RequestState.SUCCEEDED


@pytest.mark.req("SSI-FR-16a")
def test_a_provider_that_is_down_is_tried_again_until_the_time_is_over(
    home: None, provider: Simulator
) -> None:
    now, actor = timezone.now(), actor_at()
    provider.is_down = True
    number = ask_hub(actor, HUB, COMMUNICATE, at=now)
    waiting = queue_status().waiting
    advance_request(number, at=now)
    (seen,) = hub_requests(actor, HUB, now)
    assert (seen.state, seen.next_try_at) == (RequestState.REQUESTED, now + timedelta(seconds=3))
    assert "not available" in seen.note
    assert queue_status().waiting == waiting, "the next try is for later"
    provider.is_down = False
    assert follow(number, now).state == RequestState.SUCCEEDED
    provider.is_down = True
    number = ask_hub(actor, HUB, COMMUNICATE, at=now)
    advance_request(number, at=now + TIME_LIMIT)
    assert hub_requests(actor, HUB, now)[0].state == RequestState.TIMED_OUT
    advance_request(number, at=now + TIME_LIMIT)
    assert HubRequestStep.objects.filter(request=number).count() == 1


@pytest.mark.req("SSI-FR-16a")
def test_a_wrong_token_and_a_region_without_interface_say_so(
    home: None, provider: Simulator, settings: Any
) -> None:
    now, actor = timezone.now(), actor_at()
    provider.token = "another"
    over = follow(ask_hub(actor, HUB, FULL, at=now), now)
    assert (over.state, "credentials" in over.note) == (RequestState.FAILED, True)
    settings.CSP_URLS = {}
    with pytest.raises(Unavailable, match="No interface"):
        ask_hub(actor, HUB, FULL, at=now)
    assert not hub_status(actor, HUB, now).may_ask


@pytest.mark.req("SSI-FR-16a")
def test_an_organisation_asks_a_hub_only_so_often(home: None, provider: Simulator) -> None:
    now, actor = timezone.now(), actor_at()
    for _ in range(MOST_AN_HOUR):
        follow(ask_hub(actor, HUB, COMMUNICATE, at=now), now)
    with pytest.raises(TooMany, match="6 times within the hour"):
        ask_hub(actor, HUB, COMMUNICATE, at=now)
    ask_hub(actor_at(DISTRIBUTOR), HUB, COMMUNICATE, at=now)
    ask_hub(actor, HUB, COMMUNICATE, at=now + timedelta(hours=1))


GARBAGE = {
    "not JSON": b"<html>",
    "too large": b'"' + b"x" * 70_000 + b'"',
    "no id": b"{}",
    "an id that leads elsewhere": b'{"id": "../../v1/hubs"}',
    "a list": b"[1]",
    "nothing": b"",
}


class _Garbage(BaseHTTPRequestHandler):
    text = b""
    status = 202

    def do_POST(self) -> None:
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:9/")
        self.send_header("Content-Length", str(len(self.text)))
        self.end_headers()
        self.wfile.write(self.text)

    do_GET = do_POST

    def log_message(self, *_args: object) -> None: ...


@pytest.mark.req("SSI-FR-16a")
@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_of_the_provider_is_never_taken_for_an_answer(
    home: None, settings: Any, name: str
) -> None:
    handler = type("Handler", (_Garbage,), {"text": GARBAGE[name]})
    for _ in served(ThreadingHTTPServer(("127.0.0.1", 0), handler), settings, None):
        now, actor = timezone.now(), actor_at()
        number = ask_hub(actor, HUB, FULL, at=now)
        advance_request(number, at=now)
        (seen,) = hub_requests(actor, HUB, now)
        assert seen.state in {RequestState.FAILED, RequestState.REQUESTED}
        assert "provider" in seen.note
        assert seen.result is None


@pytest.mark.req("SSI-FR-16a")
def test_a_redirect_is_not_followed(home: None, settings: Any) -> None:
    handler = type("Handler", (_Garbage,), {"status": 302})
    for _ in served(ThreadingHTTPServer(("127.0.0.1", 0), handler), settings, None):
        now = timezone.now()
        over = follow(ask_hub(actor_at(), HUB, FULL, at=now), now)
        assert over.note == "The provider refused the request (302)."


@pytest.mark.req("SSI-FR-17", "IM-2")
def test_diagnose_reads_what_the_hub_said_last(home: None, provider: Simulator) -> None:
    now, actor = timezone.now(), actor_at()
    follow(ask_hub(actor, HUB, FULL, at=now), now)
    (data,) = hubs_among(actor, {HUB: {SUPPLIER}}, {SUPPLIER}) or []
    assert data.han_status == HubRequest.objects.get().result["han_status"]


instants = st.datetimes(timezones=st.just(timezone.get_fixed_timezone(60)))
results = st.builds(
    HubResult,
    measured_at=instants,
    is_reached=st.booleans(),
    han_status=st.none() | st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=200),
    wan_connectivity=st.none() | st.sampled_from(WanConnectivity),
    aerial_installed=st.none() | st.booleans(),
    last_outage_at=st.none() | instants,
)


@pytest.mark.req("SSI-FR-17")
@given(results)
def test_a_result_is_read_as_it_was_kept(result: HubResult) -> None:
    assert result_of(result.as_json()) == result


@pytest.mark.req("SSI-FR-17")
@given(
    st.dictionaries(
        st.sampled_from([*HubResult.__slots__]),
        st.none() | st.booleans() | st.text() | st.integers() | st.lists(st.text()),
    )
)
def test_any_other_result_is_refused_with_a_sentence(said: dict[str, Any]) -> None:
    try:
        assert result_of(said).measured_at.tzinfo is not None
    except Refused as refused:
        assert refused.code == "bad_result"


@pytest.mark.req("SSI-FR-17")
@pytest.mark.parametrize("name", ["measured_at", "last_outage_at"])
def test_a_result_from_a_clock_ahead_is_refused(name: str) -> None:
    now = timezone.now()
    said = {"measured_at": now.isoformat(), "is_reached": True}
    assert result_told(said, now).measured_at == now
    with pytest.raises(Refused, match=f"{name} is 2199"):
        result_told(said | {name: "2199-01-01T00:00:00Z"}, now)


@pytest.mark.req("SSI-FR-17")
def test_the_simulator_keeps_the_contract() -> None:
    now = timezone.now()
    hubs = [f"90-B3-D5-1F-30-00-0A-{number:02X}" for number in range(256)]
    said = [said_by(hub, kind, now) for hub in hubs for kind in KINDS]
    read = [result_of(one) for one in said if one is not None]
    assert {one.is_reached for one in read} == {True, False}
    assert len(read) < len(said)

"""Who finds which messages: by screen, by API, by the queries other apps use."""

from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from django.test import Client
from django.utils import timezone

from meterdesk.identity.actions import rescind_grant
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests import factories as make
from meterdesk.inventory.tests import files as inventory
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.paging import PageRequest
from meterdesk.trail import queries
from meterdesk.trail.queries import MeterReadSearch, TrailSearch
from meterdesk.trail.tests import lines
from meterdesk.trail.tests.lines import SUPPLIER, alert_line, request_line, response_line

pytestmark = pytest.mark.django_db

METER, HUB = inventory.METER, inventory.HUB
OTHER = "90-B3-D5-1F-30-03-00-00"
NEWCOMER = "90-B3-D5-1F-30-04-00-00"
ALL = JobTypeRole.ALL_ACCESS


def of(originator: str, counter: int, srv: str = "4.8.1", **more):
    device = more.get("device_id", METER)
    return (
        request_line(
            counter,
            request_id=f"{originator}:{device}:{counter}",
            originator=originator,
            srv=srv,
            service_reference=None,
            device_id=device,
            status_history=[],
        )
        | more
    )


@pytest.fixture
def take_in(tmp_path):
    return partial(lines.take_in, tmp_path)


@pytest.fixture
def own():
    make.make_user_id(SUPPLIER, make.make_organisation("Alder Energy"))
    return make.make_person("ann", [(SUPPLIER, ALL)])


@pytest.fixture
def other():
    make.make_user_id(OTHER, make.make_organisation("Birch Energy"))
    return make.make_person("bob", [(OTHER, ALL)])


def found(person, search=None, **page) -> list[str]:
    actor = make.actor_for(person)
    search = search or TrailSearch(METER)
    return [row.label for row in queries.search_trail(actor, search, PageRequest(**page)).items]


TWO_COMPANIES = [
    of(SUPPLIER, 1, "7.4"),
    of(SUPPLIER, 2, "4.8.1"),
    of(OTHER, 3, "7.2"),
    of(OTHER, 4, "4.17"),
    alert_line(device_id=METER),
    alert_line(device_id=METER, recipient=OTHER, alert_code="8F3F"),
]


@pytest.mark.req("SSI-FR-6a", "AUD-1")
def test_only_messages_of_ones_own_user_ids_are_found(take_in, own, other):
    assert take_in(*TWO_COMPANIES) == (6, 0, 0)
    assert {label[:5].strip() for label in found(own)} == {"7.4 R", "4.8.1", "81A0"}
    assert {label[:5].strip() for label in found(other)} == {"7.2 D", "4.17", "8F3F"}
    agent = make.make_person("olga", desk=[DeskRole.AGENT])
    assert len(found(agent)) == 6
    resolver = make.make_person("rita", desk=[DeskRole.RESOLVER])
    assert found(resolver) == []


@pytest.mark.req("SSI-FR-6a")
def test_a_grant_opens_the_other_trail_until_it_is_rescinded(take_in, own, other):
    take_in(*TWO_COMPANIES)
    grant_id = make.grant(SUPPLIER, OTHER)
    partner = make.make_person(
        "pat", [(SUPPLIER, ALL)], organisation=make.make_organisation("Birch Energy")
    )
    record = queries.search_trail(make.actor_for(partner), TrailSearch(METER), PageRequest()).items[
        0
    ]
    assert len(found(partner)) == 3

    rescind_grant(None, grant_id, at=timezone.now())
    assert found(partner) == []
    assert queries.trail_record(make.actor_for(partner), record.id) is None
    assert queries.trail_record(make.actor_for(own), record.id) is not None


@pytest.mark.req("SSI-FR-10", "SSI-FR-11")
def test_meter_reads_of_everybody_are_open_and_nothing_else_is(take_in, own, other):
    take_in(*TWO_COMPANIES, of(OTHER, 5, "4.8.3", received_at="2026-03-01T10:00:00Z"))
    actor = make.actor_for(own)

    every = queries.search_meter_reads(actor, MeterReadSearch(METER), PageRequest()).items
    assert every[0].srv == "4.8.3"
    assert {row.srv for row in every} == {"4.8.1", "4.17", "4.8.3"}
    one = MeterReadSearch(METER, srvs=("4.17",))
    [row] = queries.search_meter_reads(actor, one, PageRequest()).items
    assert (row.user_id, row.srv) == (OTHER, "4.17")
    assert queries.trail_record(actor, row.id) is None
    record = queries.meter_read_record(actor, row.id)
    assert record is not None
    assert record.csp_region == "North"
    [disable] = [
        row
        for row in queries.search_trail(
            make.actor_for(other), TrailSearch(METER, srvs=("7.2",)), PageRequest()
        ).items
    ]
    assert queries.meter_read_record(actor, disable.id) is None
    with pytest.raises(Refused, match=r"7\.2 is not"):
        MeterReadSearch(METER, srvs=("7.2",))
    without = make.make_person("sid", [(SUPPLIER, JobTypeRole.LOGISTICS)])
    assert (
        queries.search_meter_reads(
            make.actor_for(without), MeterReadSearch(METER), PageRequest()
        ).items
        == ()
    )


@pytest.mark.req("SSI-FR-6")
def test_paging_is_complete_and_stable_over_equal_instants(take_in, own):
    given = [of(SUPPLIER, n, "7.4", received_at="2026-02-01T00:00:00Z") for n in range(23)]
    given += [of(SUPPLIER, 100 + n, "7.4", received_at="2024-02-01T00:00:00Z") for n in range(4)]
    take_in(*given)
    actor, seen, cursor = make.actor_for(own), [], None
    for _ in range(9):
        page = queries.search_trail(actor, TrailSearch(METER), PageRequest(5, cursor))
        seen += [(row.received_at, row.id) for row in page.items]
        cursor = page.next
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 27
    assert [at for at, _id in seen] == sorted((at for at, _id in seen), reverse=True)
    first = queries.search_trail(actor, TrailSearch(METER), PageRequest(5)).next
    with pytest.raises(Refused, match="does not belong to this list"):
        queries.search_trail(actor, TrailSearch(HUB), PageRequest(5, first))


@pytest.mark.req("SSI-FR-6")
def test_a_meter_point_and_a_uprn_lead_to_their_devices(take_in, own, tmp_path):
    inventory.take_in(tmp_path, inventory.home())
    take_in(
        of(SUPPLIER, 1, "7.4", mpxn=None),
        of(SUPPLIER, 2, "8.9", device_id=HUB, mpxn=None),
    )
    assert len(found(own, TrailSearch(mpxn="131 234 567 8907"))) == 1
    assert len(found(own, TrailSearch(uprn=inventory.UPRN))) == 2
    assert found(own, TrailSearch(mpxn="3938424403")) == []
    for wrong in ({}, {"device_id": METER, "uprn": "1"}):
        with pytest.raises(Refused, match="exactly one"):
            TrailSearch(**wrong)


@pytest.mark.req("SSI-FR-6")
def test_days_are_those_of_london_and_the_last_one_is_within(take_in, own, client: Client):
    take_in(
        of(SUPPLIER, 1, "7.4", received_at="2025-06-30T22:59:59Z"),
        of(SUPPLIER, 2, "7.2", received_at="2025-06-30T23:00:00Z"),
        of(SUPPLIER, 3, "6.11", received_at="2025-07-01T22:59:59.999999Z"),
        of(SUPPLIER, 4, "3.1", received_at="2025-07-01T23:00:00Z"),
    )
    day = {"device_id": METER, "from": "2025-07-01", "to": "2025-07-01"}
    answer = client.get("/api/v1/service-audit", day, **make.bearer(own)).json()
    assert [item["service_reference_variant"] for item in answer["items"]] == ["6.11", "7.2"]
    instant = {"device_id": METER, "from": "2025-07-01T22:59:59.999999Z"}
    answer = client.get("/api/v1/service-audit", instant, **make.bearer(own)).json()
    assert [item["service_reference_variant"] for item in answer["items"]] == ["3.1", "6.11"]


@pytest.mark.req("SSI-FR-7", "SSI-FR-9")
def test_full_details_lead_to_the_request_before(take_in, own, other, client: Client):
    before = f"{SUPPLIER}:{METER}:1"
    take_in(
        of(SUPPLIER, 1, "4.8.1", received_at="2026-02-28T08:00:00Z"),
        of(SUPPLIER, 2, "4.17", preceding_request_id=before, gbcs_sequence=2**64 - 1),
        response_line(2, request_id=f"{SUPPLIER}:{METER}:2", status="Failure", response_code="E20"),
    )
    token = make.bearer(own)
    [row] = client.get(
        "/api/v1/service-audit", {"device_id": METER, "srv": "4.17"}, **token
    ).json()["items"]
    details = client.get(f"/api/v1/service-audit/{row['id']}", **token).json()
    assert details["request_id"] == f"{SUPPLIER}:{METER}:2"
    assert (details["response_code"], details["response_meaning"]) == (
        "E20",
        "Cannot communicate with Device",
    )
    assert details["gbcs_sequence"] == 2**64 - 1
    assert [step["status"] for step in details["status_change_history"]] == [
        "In Progress",
        "Failure",
    ]
    assert details["document"] is None
    preceding = client.get(f"/api/v1/service-audit/{details['preceding_record']}", **token)
    assert preceding.json()["request_id"] == before

    for address in (row["id"], "A" * 32, "no-such-id", "%00"):
        answer = client.get(f"/api/v1/service-audit/{address}", **make.bearer(other))
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    open_read = client.get(f"/api/v1/meter-reads/{row['id']}", **make.bearer(other))
    assert open_read.json()["status"] == "Failure"


@pytest.mark.req("SSI-FR-6", "SSI-NFR-22")
@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 422),
        ({"device_id": METER, "mpxn": "1312345678907"}, 422),
        ({"device_id": "00-DB"}, 422),
        ({"mpxn": "1312345678900"}, 422),
        ({"device_id": METER, "srv": "9.9"}, 422),
        ({"device_id": METER, "from": "2026-02-01", "to": "2026-01-01"}, 422),
        ({"device_id": METER, "from": "yesterday"}, 422),
        ({"device_id": METER, "limit": 0}, 422),
        ({"device_id": METER, "cursor": "x"}, 400),
    ],
)
def test_a_search_that_cannot_be_run_says_why(own, client: Client, query, status):
    for path in ("service-audit", "meter-reads"):
        answer = client.get(f"/api/v1/{path}", query, **make.bearer(own))
        assert answer.status_code == status
        assert answer.json()["code"]


@pytest.mark.req("SSI-FR-17")
def test_the_last_commands_of_a_hub_tell_time_and_success_alone(take_in, tmp_path):
    inventory.take_in(tmp_path, inventory.home())
    start = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    devices = [METER, HUB, inventory.GAS_METER, METER, METER, HUB]
    take_in(
        *(
            of(
                SUPPLIER if n % 2 else OTHER,
                n,
                "7.4",
                device_id=device,
                received_at=(start + timedelta(hours=n)).isoformat(),
                status=("Success", "Failure", "In Progress")[n % 3],
            )
            for n, device in enumerate(devices)
        ),
        of(OTHER, 9, "7.4", device_id=inventory.ELSEWHERE, received_at="2026-03-01T23:00:00Z"),
        alert_line(device_id=HUB, received_at="2026-03-01T22:00:00Z"),
    )
    commands = queries.last_commands_of_hub(HUB)
    assert [command.at for command in commands] == [
        start + timedelta(hours=n) for n in (5, 4, 3, 2, 1)
    ]
    assert [command.success for command in commands] == [None, False, True, None, False]


@pytest.mark.req("SSI-FR-6a")
def test_activity_of_devices_holds_only_what_the_reader_sees(take_in, own, other):
    take_in(
        of(SUPPLIER, 1, "7.4", status="Success", received_at="2026-02-28T08:00:00Z"),
        of(OTHER, 2, "7.4", status="Success", received_at="2026-03-01T08:00:00Z"),
        of(SUPPLIER, 3, "7.4", status="Failure", response_code="E21"),
        of(OTHER, 4, "4.17", status="Failure", received_at="2026-03-01T07:00:00Z", device_id=HUB),
        alert_line(device_id=METER),
        alert_line(device_id=METER, recipient=OTHER),
    )
    since = datetime(2026, 1, 1, tzinfo=UTC)
    mine = queries.device_activity(make.actor_for(own), [METER, HUB], since)
    assert mine.last_success is not None
    assert mine.last_success.received_at.isoformat() == "2026-02-28T08:00:00+00:00"
    assert mine.of(METER).last_failure.response_code == "E21"
    assert mine.of(HUB).last_failure.user_id == OTHER
    assert [alert.user_id for alert in mine.alerts] == [SUPPLIER]
    messages = queries.messages_of(make.actor_for(own), [METER, HUB], since)
    assert [row.label[:4] for row in messages] == ["81A0", "7.4 ", "4.17", "7.4 "]
    assert queries.freshness() == datetime(2026, 3, 1, 11, tzinfo=UTC)


@pytest.mark.req("SSI-FR-6", "SSI-FR-8", "SSI-NFR-35")
def test_the_linked_screen_has_searched_and_shows_how_fresh_it_is(
    take_in, own, other, client: Client
):
    take_in(*TWO_COMPANIES)
    make.log_in(client, own)
    page = client.get("/trail/", {"device_id": METER})
    text = page.content.decode()
    assert {row.user_id for row in page.context["page"].items} == {SUPPLIER}
    assert OTHER not in text
    assert "2026-03-01T11:00:00+00:00" in text
    [row] = [
        row
        for row in queries.search_trail(
            make.actor_for(own), TrailSearch(METER, srvs=("7.4",)), PageRequest()
        ).items
    ]
    details = client.get(f"/trail/{row.id}/").content.decode()
    assert "Status change history" in details
    assert client.get("/trail/", {"device_id": "00-DB"}).status_code == 422
    assert client.get("/trail/").status_code == 200

    make.log_in(client, other)
    assert client.get(f"/trail/{row.id}/").status_code == 404


@pytest.mark.req("SSI-FR-10")
def test_the_meter_read_screen_finds_by_ticked_variants(take_in, own, client: Client):
    take_in(*TWO_COMPANIES)
    make.log_in(client, own)
    page = client.get("/meter-reads/", {"device_id": METER, "srv": ["4.17", "4.8.2"]})
    text = page.content.decode()
    assert OTHER in text
    assert SUPPLIER not in text
    [row] = page.context["page"].items
    assert client.get(f"/meter-reads/{row.id}/").status_code == 200
    assert client.get(f"/trail/{row.id}/").status_code == 404


@pytest.mark.req("SSI-NFR-2")
def test_without_the_component_no_screen_opens(own, client: Client):
    logistics = make.make_person("lou", [(SUPPLIER, JobTypeRole.LOGISTICS)])
    make.log_in(client, logistics)
    for path in ("/trail/", "/meter-reads/", f"/trail/{'A' * 32}/"):
        assert client.get(path).status_code == 403

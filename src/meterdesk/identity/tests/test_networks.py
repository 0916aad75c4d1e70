"""Networks: asked for, decided, reviewed; who comes from elsewhere gets in nowhere (FSM-12)."""

from datetime import timedelta
from ipaddress import ip_network
from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from meterdesk.cli import main
from meterdesk.identity.actions import (
    begin_session,
    record_network,
    remind_of_reviews,
    request_network,
    take_network_step,
)
from meterdesk.identity.models import Network, Organisation, Person
from meterdesk.identity.queries import network as network_of
from meterdesk.identity.queries import network_admits
from meterdesk.identity.rules import (
    DeskRole,
    JobTypeRole,
    NetworkKind,
    NetworkMistake,
    NetworkVerb,
    Proof,
    is_narrower,
    is_within,
    parse_network,
)
from meterdesk.identity.tests.factories import (
    actor_for,
    bearer,
    grant,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.models import ActivityEntry

pytestmark = [pytest.mark.django_db, pytest.mark.req("FSM-12")]

ADMINISTRATOR = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
HOME, AWAY = "203.0.113.9", "198.51.100.9"
IN_A_YEAR = timedelta(days=360)


@pytest.fixture
def alder() -> Organisation:
    return make_organisation("Alder Energy")


@pytest.fixture
def ann(alder: Organisation) -> Person:
    return make_person("ann", [(make_user_id(organisation=alder), ADMINISTRATOR)])


@pytest.fixture
def olive() -> Person:
    return make_person("olive", desk=[DeskRole.ADMINISTRATOR])


def approve(organisation: Organisation, cidr: str = "203.0.113.0/24", **kind: Any) -> int:
    at = timezone.now()
    chosen = kind.get("kind", NetworkKind.INTERNET)
    review = timezone.localdate(at) + IN_A_YEAR
    return record_network(None, organisation.pk, chosen, cidr, "Head office.", review, at=at)


def requested(person: Person, cidr: str = "203.0.113.0/24") -> int:
    return request_network(actor_for(person), cidr, "Home workers.", at=timezone.now())


def step(person: Person, network_id: int, verb: NetworkVerb, **more: Any) -> None:
    at = timezone.now()
    more = {"version": None, "review_date": timezone.localdate(at) + IN_A_YEAR, **more}
    take_network_step(actor_for(person), network_id, verb, "Checked.", at=at, **more)


def test_a_request_is_decided_by_the_operator_with_a_review_date_and_both_are_told(
    ann, olive
) -> None:
    number = requested(ann)
    assert OutgoingMessage.objects.get().to == olive.email
    with pytest.raises(NotAllowed):
        step(ann, number, NetworkVerb.APPROVE)
    step(olive, number, NetworkVerb.APPROVE)

    seen = network_of(actor_for(ann), number)
    assert [(one.word, one.who) for one in seen.history] == [
        ("Approved", "National Metering Network"),
        ("Requested", ann.display_name),
    ]
    assert [one.verb for one in seen.steps] == [NetworkVerb.WITHDRAW]
    assert OutgoingMessage.objects.filter(to=ann.email).count() == 1
    verbs = ActivityEntry.objects.filter(subject="203.0.113.0/24").values_list("verb", flat=True)
    assert set(verbs) == {"identity.request_network", "identity.approve_network"}


def test_a_step_that_does_not_fit_is_refused(ann, olive) -> None:
    number = requested(ann)
    step(olive, number, NetworkVerb.REFUSE, version=1)
    with pytest.raises(Stale):
        step(olive, number, NetworkVerb.WITHDRAW, version=1)
    with pytest.raises(Conflict):
        step(olive, number, NetworkVerb.APPROVE)


def test_nobody_approves_access_that_they_asked_for(olive) -> None:
    at = timezone.now()
    number = request_network(actor_for(olive), HOME, "Office.", at=at)
    with pytest.raises(NotAllowed):
        step(olive, number, NetworkVerb.APPROVE)
    with pytest.raises(NotAllowed):
        record_network(
            actor_for(olive), olive.organisation_id, NetworkKind.INTERNET, HOME, "Office.",
            timezone.localdate(at) + IN_A_YEAR, at=at,
        )  # fmt: skip
    step(make_person("oscar", desk=[DeskRole.ADMINISTRATOR]), number, NetworkVerb.APPROVE)


def test_others_see_nothing_of_it_even_as_administrators_by_a_grant(ann, alder) -> None:
    number = requested(ann)
    rival = make_organisation("Brightwell")
    theirs = make_user_id(organisation=rival)
    bea = make_person("bea", [(theirs, ADMINISTRATOR)])
    on_alders = make_user_id(organisation=alder)
    grant(on_alders, theirs)
    cy = make_person("cy", [(on_alders, ADMINISTRATOR)], organisation=rival)
    for person in (bea, cy):
        with pytest.raises(NotVisible):
            step(person, number, NetworkVerb.WITHDRAW)
    with pytest.raises(NotAllowed):
        requested(cy)


def test_one_gateway_address_is_one_organisations(alder) -> None:
    approve(alder, "10.20.0.0/16", kind=NetworkKind.GATEWAY)
    rival = make_organisation("Brightwell")
    with pytest.raises(Refused, match="Mend") as refused:
        approve(rival, "10.20.4.0/24", kind=NetworkKind.GATEWAY)
    assert "Alder Energy" in refused.value.fields["cidr"]
    approve(alder, "203.0.113.0/24")
    approve(rival, "203.0.113.0/24")


@pytest.mark.database
def test_the_database_itself_keeps_gateways_apart(alder) -> None:
    approve(alder, "10.20.0.0/16", kind=NetworkKind.GATEWAY)
    one = Network.objects.get()
    one.pk, one.cidr = None, "10.20.4.0/24"
    with pytest.raises(IntegrityError):
        one.save()


@pytest.mark.parametrize(
    "text",
    [
        "0.0.0.0/0", "::/0", "::ffff:203.0.113.0/120", "203.0.113.9/24", "nonsense", "",
        "10.0.0.0/8", "192.168.1.0/24", "81.0.0.0/8", "224.0.0.0/8",
        "127.0.0.1", "2001:db8::/16", "fe80::/64",
        "203.0.113.0/24; drop table", "203.0.113.0/33", "203.0.113", "1.2.3.4/255.0.255.0",
    ],
)  # fmt: skip
def test_what_is_no_network_for_the_internet_is_refused(ann, text) -> None:
    with pytest.raises(Refused) as refused:
        requested(ann, text)
    assert "cidr" in refused.value.fields


@given(st.ip_addresses(), st.integers(1, 128))
def test_a_network_is_read_as_it_is_written(address: Any, length: int) -> None:
    try:
        text = parse_network(f"{address}/{length}")
    except NetworkMistake:
        return
    assert parse_network(text) == text
    assert is_within(str(address), [text])
    assert is_narrower([str(address)], [text])


@given(st.text(max_size=40))
def test_any_text_is_a_network_or_refused(text: str) -> None:
    try:
        assert is_within(parse_network(text).partition("/")[0], [parse_network(text)])
    except NetworkMistake as mistake:
        assert str(mistake)
    assert isinstance(is_within(text, ["203.0.113.0/24"]), bool)


def test_without_enforcement_everybody_gets_in(client, ann, settings) -> None:
    settings.METERDESK_ENFORCE_NETWORKS = False
    log_in(client, ann)
    assert client.get("/profile/").status_code == 200
    assert network_admits(ann.organisation_id, "nonsense")


def test_an_open_session_and_a_token_work_from_approved_networks_alone(
    client, ann, alder, settings
) -> None:
    settings.METERDESK_ENFORCE_NETWORKS = True
    log_in(client, ann)
    token = bearer(ann)
    for address in (HOME, AWAY, "::1", "::ffff:203.0.113.9", "not an address"):
        here = {"REMOTE_ADDR": address}
        page = client.get("/profile/", **here)
        assert (page.status_code, "not approved" in page.content.decode()) == (403, True)
        answer = client.get("/api/v1/me", **here, **token)
        assert (answer.status_code, answer.json()["code"]) == (403, "wrong_network")
    network_id = approve(alder)
    approve(make_organisation("Brightwell"), "198.51.100.0/24")
    for address in (HOME, "::ffff:203.0.113.9"):
        assert client.get("/profile/", REMOTE_ADDR=address).status_code == 200
        assert client.get("/api/v1/me", REMOTE_ADDR=address, **token).status_code == 200
    assert client.get("/profile/", REMOTE_ADDR=AWAY).status_code == 403
    assert client.get("/login/", REMOTE_ADDR=AWAY).status_code == 200

    step(ann, network_id, NetworkVerb.WITHDRAW)
    assert client.get("/profile/", REMOTE_ADDR=HOME).status_code == 403
    noted = ActivityEntry.objects.filter(verb="identity.network_refused", subject="ann")
    assert {one.detail["address"] for one in noted} >= {HOME, AWAY}


def test_no_session_begins_from_elsewhere_however_the_person_proved_it(rf, ann, settings) -> None:
    settings.METERDESK_ENFORCE_NETWORKS = True
    request = rf.post("/login/", REMOTE_ADDR=AWAY)
    with pytest.raises(NotAllowed, match="not approved"):
        begin_session(request, ann.pk, proofs=[Proof.PROVIDER], at=timezone.now())
    assert ActivityEntry.objects.filter(verb="identity.network_refused").count() == 1


def test_a_forwarded_address_counts_from_trusted_proxies_alone(
    client, ann, alder, settings
) -> None:
    settings.METERDESK_ENFORCE_NETWORKS = True
    approve(alder)
    log_in(client, ann)
    forwarded = {"HTTP_X_FORWARDED_FOR": HOME, "REMOTE_ADDR": AWAY}
    assert client.get("/profile/", **forwarded).status_code == 403
    settings.TRUSTED_PROXIES = [ip_network("198.51.100.0/24")]
    assert client.get("/profile/", **forwarded).status_code == 200


def test_the_check_costs_no_query(client, ann, alder, settings) -> None:
    approve(alder)
    log_in(client, ann)
    token = bearer(ann)

    def queries(enforced: bool) -> list[int]:
        settings.METERDESK_ENFORCE_NETWORKS = enforced
        counts = []
        for path, how in (("/profile/", {}), ("/api/v1/me", token)):
            with CaptureQueriesContext(connection) as seen:
                assert client.get(path, REMOTE_ADDR=HOME, **how).status_code == 200
            counts.append(len(seen))
        return counts

    queries(enforced=True)
    assert queries(enforced=True) == queries(enforced=False)


def test_reviews_are_reminded_of_once_a_threshold(ann, alder, olive) -> None:
    approve(alder)
    OutgoingMessage.objects.all().delete()
    today = timezone.localdate()

    def reminded(days_before: int) -> int:
        Network.objects.update(review_date=today + timedelta(days=days_before))
        Network.objects.update(requested_at=timezone.now() - timedelta(days=300))
        return remind_of_reviews(at=timezone.now())

    assert [reminded(days) for days in (40, 30, 29, 7, 2, 1, 0)] == [0, 1, 0, 1, 0, 1, 0]
    assert OutgoingMessage.objects.filter(to=ann.email).count() == 3
    assert OutgoingMessage.objects.filter(to=olive.email).count() == 3
    step(olive, Network.objects.get().pk, NetworkVerb.REVIEW)
    assert Network.objects.get().review_date > today


def test_the_people_of_the_operator_need_a_network_too(olive, settings) -> None:
    settings.METERDESK_ENFORCE_NETWORKS = True
    client = Client()
    log_in(client, olive)
    assert client.get("/profile/", REMOTE_ADDR=HOME).status_code == 403
    approve(olive.organisation)
    assert client.get("/profile/", REMOTE_ADDR=HOME).status_code == 200


def test_the_shell_approves_the_first_network(alder, monkeypatch, capsys) -> None:
    monkeypatch.setattr("meterdesk.cli.ensure_database", lambda _: None)
    command = ["network", "alder energy", HOME, "--grounds", "First log-in."]
    assert main(command) == 0
    assert Network.objects.get().cidr == f"{HOME}/32"
    assert main([*command[:2], "10.0.0.0/8", *command[3:]]) == 1
    assert main(["network", "Nobody", *command[2:]]) == 1
    assert "no organisation" in capsys.readouterr().err

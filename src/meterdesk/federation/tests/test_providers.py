"""The states of a provider: who takes which step, and what is refused."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from meterdesk.federation.actions import (
    NewProvider,
    add_provider,
    change_provider,
    forget_what_is_over,
    record_failure,
    take_step,
)
from meterdesk.federation.models import (
    FailedLogIn,
    IdentityProvider,
    ProviderChange,
    SeenAssertion,
    SentRequest,
)
from meterdesk.federation.rules import TRANSITIONS, LogInRefused, ProviderState, Side
from meterdesk.federation.tests.factories import (
    certificate_of_today,
    leave,
    log_in_through,
    make_federation,
)
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import actor_for, bearer, log_in, make_person, make_user_id
from meterdesk.kernel.errors import Conflict, NotAllowed, NotVisible, Refused, Stale
from meterdesk.kernel.saml.tests.maker import certificate

pytestmark = pytest.mark.django_db


@pytest.fixture
def alder():
    return make_federation()


def new(**changes) -> NewProvider:
    given = NewProvider(
        name="Birch directory",
        slug="birch",
        entity_id="https://idp.birch.example",
        sso_url="https://idp.birch.example/sso",
        certificates=(certificate_of_today().pem,),
    )
    return replace(given, **changes)


def put(provider: IdentityProvider, state: ProviderState) -> None:
    IdentityProvider.objects.filter(pk=provider.pk).update(state=state)


@pytest.mark.req("SSI-NFR-15")
@pytest.mark.parametrize("state", ProviderState)
def test_each_side_takes_its_own_steps_and_no_others(alder, state) -> None:
    sides = {Side.ORGANISATION: alder.administrator, Side.OPERATOR: alder.operator}
    verbs = {step.verb for steps in TRANSITIONS.values() for step in steps}
    for verb in verbs:
        step = next((one for one in TRANSITIONS[state] if one.verb == verb), None)
        for side, person in sides.items():
            put(alder.provider, state)
            version = IdentityProvider.objects.get(pk=alder.provider.pk).version
            call = (actor_for(person), alder.provider.pk, verb, version)
            if step is None or side not in step.sides:
                with pytest.raises(Conflict if step is None else NotAllowed):
                    take_step(*call, why="x", at=timezone.now())
                continue
            if step.why:
                with pytest.raises(Refused, match="Say why"):
                    take_step(*call, why=" ", at=timezone.now())
            assert take_step(*call, why="Checked", at=timezone.now()) is step.to
            change = ProviderChange.objects.latest("pk")
            assert (change.from_state, change.to_state) == (state, step.to)
            assert (change.person, change.why) == (person, "Checked")


@pytest.mark.req("SSI-NFR-15")
def test_providers_of_others_are_not_there_and_old_versions_are_stale(alder) -> None:
    rival = make_federation("Birch Power")
    call = {"why": "x", "at": timezone.now()}
    with pytest.raises(NotVisible):
        take_step(actor_for(rival.administrator), alder.provider.pk, "suspend", 4, **call)
    with pytest.raises(NotVisible):
        user = make_person("ann", [(alder.user_id, JobTypeRole.MI_USER)])
        take_step(actor_for(user), alder.provider.pk, "suspend", 4, **call)
    with pytest.raises(NotVisible):
        agent = make_person("agent", desk=[DeskRole.AGENT])
        take_step(actor_for(agent), alder.provider.pk, "suspend", 4, **call)
    with pytest.raises(Stale):
        take_step(actor_for(alder.administrator), alder.provider.pk, "suspend", 3, **call)


@pytest.mark.req("SSI-NFR-9", "SSI-NFR-15")
def test_no_provider_is_activated_without_a_fit_certificate(alder) -> None:
    put(alder.provider, ProviderState.AWAITING_APPROVAL)
    for unfit in (certificate("weak"), certificate("old", timezone.now() - timedelta(days=9), 7)):
        alder.provider.certificates.update(pem=unfit.pem)
        with pytest.raises(Conflict, match="no certificate"):
            take_step(
                actor_for(alder.operator),
                alder.provider.pk,
                "approve",
                4,
                why="x",
                at=timezone.now(),
            )


@pytest.mark.req("SSI-NFR-15")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"slug": "Birch Power"}, "slug"),
        ({"slug": "acs"}, "slug"),
        ({"slug": "alder-energy"}, "slug"),
        ({"entity_id": ""}, "entity_id"),
        ({"sso_url": "javascript:alert(1)"}, "sso_url"),
        ({"certificates": ()}, "certificates"),
        ({"certificates": ("x",)}, "certificates"),
        ({"contexts": ()}, "contexts"),
        ({"clock_skew": timedelta(minutes=6)}, "clock_skew"),
        ({"attribute_names": {"password": "x"}}, "attribute_names"),
    ],
)
def test_mistakes_are_said_at_their_fields(alder, changes, field) -> None:
    with pytest.raises(Refused) as refused:
        add_provider(actor_for(alder.administrator), new(**changes), at=timezone.now())
    assert set(refused.value.fields) == {field}


@pytest.mark.req("SSI-NFR-12")
def test_only_administrators_of_a_party_enrol_and_each_entity_once(alder) -> None:
    at = timezone.now()
    for person in (alder.operator, make_person("ann", [(make_user_id(), "MI User")])):
        with pytest.raises(NotAllowed):
            add_provider(actor_for(person), new(), at=at)
    same = new(entity_id=alder.provider.entity_id)
    with pytest.raises(Conflict):
        add_provider(actor_for(alder.administrator), same, at=at)
    rolling = (certificate_of_today().pem, certificate_of_today("next").pem)
    added = add_provider(actor_for(alder.administrator), new(certificates=rolling), at=at)
    assert IdentityProvider.objects.get(pk=added).certificates.count() == 2


@pytest.mark.req("SSI-NFR-12", "SSI-NFR-18")
def test_a_provider_whose_people_have_accounts_is_not_made_another(client, alder) -> None:
    log_in_through(client, alder)
    put(alder.provider, ProviderState.DRAFT)
    actor, same = actor_for(alder.administrator), new(entity_id=alder.provider.entity_id)
    with pytest.raises(Refused, match="by itself") as refused:
        change_provider(actor, alder.provider.pk, new(), version=4, at=timezone.now())
    assert set(refused.value.fields) == {"entity_id"}
    change_provider(actor, alder.provider.pk, same, version=4, at=timezone.now())


def test_a_failure_is_found_by_its_reference_by_those_it_concerns(client, alder) -> None:
    log_in_through(client, alder, by="attacker")
    found = FailedLogIn.objects.get()
    shown = f"{found.reference[:4].lower()} {found.reference[4:]}"
    rival = make_federation("Birch Power")
    agent = make_person("agent", desk=[DeskRole.AGENT])
    for person, status in (
        (alder.administrator, 200),
        (alder.operator, 200),
        (agent, 200),
        (rival.administrator, 404),
    ):
        log_in(client, person)
        assert client.get(f"/failed-log-ins/{found.reference}/").status_code == status
        page = client.get("/failed-log-ins/", {"text": shown}).content.decode()
        assert (found.reference in page) is (status == 200)
        answer = client.get("/failed-log-ins/export.csv")
        export = b"".join(answer.streaming_content).decode()
        assert ("not made by the identity provider" in export) is (status == 200)
    resolver = make_person("resolver", desk=[DeskRole.RESOLVER])
    log_in(client, resolver)
    assert client.get("/failed-log-ins/").status_code == 403


def test_the_api_gives_what_the_screens_give(client, alder) -> None:
    log_in_through(client, alder, by="attacker")
    found = FailedLogIn.objects.get()
    mine, rival = bearer(alder.administrator), make_federation("Birch Power").administrator
    listed = client.get("/api/v1/failed-log-ins", **mine).json()["items"]
    assert [one["reference"] for one in listed] == [found.reference]
    shown = f"{found.reference[:4]}-{found.reference[4:]}"
    one = client.get(f"/api/v1/failed-log-ins/{shown}", **mine).json()
    assert (one["reason"], one["facts"]) == ("signature_wrong", found.facts)
    theirs = bearer(rival)
    assert client.get("/api/v1/failed-log-ins", **theirs).json()["items"] == []
    assert client.get(f"/api/v1/failed-log-ins/{shown}", **theirs).status_code == 404


def test_failures_without_provider_are_the_operator_s_alone(client, alder) -> None:
    refused = record_failure(LogInRefused("not_xml", "x\x00y"), address="no", at=timezone.now())
    log_in(client, alder.administrator)
    assert client.get(f"/failed-log-ins/{refused.reference}/").status_code == 404
    log_in(client, alder.operator)
    assert client.get(f"/failed-log-ins/{refused.reference}/").status_code == 200


@pytest.mark.database
def test_what_is_over_is_forgotten(client, alder) -> None:
    log_in_through(client, alder)
    log_in_through(client, alder, by="attacker")
    leave(client, "alder-energy")
    now = timezone.now()
    forget_what_is_over(at=now)
    assert (SentRequest.objects.count(), SeenAssertion.objects.count()) == (3, 1)
    forget_what_is_over(at=now + timedelta(days=2))
    assert (SentRequest.objects.count(), SeenAssertion.objects.count()) == (0, 0)
    assert FailedLogIn.objects.count() == 1
    forget_what_is_over(at=now + timedelta(days=91))
    assert FailedLogIn.objects.count() == 0

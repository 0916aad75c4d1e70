"""The operator takes organisations up, records officers, suspends and off-boards them."""

import re
from datetime import date, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from meterdesk.identity.models import Grant, Organisation, Person, UserId
from meterdesk.identity.rules import OrganisationKind, Suspension
from meterdesk.identity.tests.factories import actor_for, grant, log_in
from meterdesk.kernel.errors import Conflict, NotAllowed, Refused, Stale
from meterdesk.organisations import actions, queries
from meterdesk.organisations.models import Officer, OrganisationStep
from meterdesk.organisations.rules import Found, onboarding_of
from meterdesk.organisations.tests.scene import (
    AGENT,
    ALDER_GAS,
    Scene,
    certificate,
    letters,
    pem,
    set_scene,
)
from meterdesk.platform.models import ActivityEntry

pytestmark = pytest.mark.django_db
NEW_EUI = "90-B3-D5-1F-30-77-00-01"


@pytest.fixture
def scene() -> Scene:
    return set_scene()


@pytest.fixture
def operator(scene: Scene, client: Client) -> Client:
    log_in(client, scene.operator_person)
    return client


def version(organisation: Organisation) -> int:
    return Organisation.objects.get(pk=organisation.pk).version


@pytest.mark.req("FSM-9", "Operator's onboarding of an organisation")
def test_an_organisation_is_onboarded_step_by_step(scene: Scene, operator: Client) -> None:
    taken_up = operator.post("/organisations/new/", {"name": "Harbour  Gas ", "kind": "PARTY"})
    page = taken_up["Location"]
    harbour = Organisation.objects.get(name="Harbour Gas")
    assert "2 of 7 steps done" in operator.get(page).content.decode()

    spaced = {"eui": NEW_EUI.replace("-", " ").lower(), "role": "GS"}
    assert operator.post(page + "user-ids/", spaced).status_code == 302
    assert UserId.objects.get(eui=NEW_EUI).organisation == harbour
    officer = {
        "kind": "SRO",
        "name": "Ffion Rees",
        "email": "ffion@harbour.example",
        "telephone": "020 7946 0111",
        "active_from": "2026-01-01",
        "version": "0",
        "certificate": SimpleUploadedFile("ffion.pem", pem()),
    }
    assert operator.post(page + "officers/", officer).status_code == 302
    shown = operator.get(page).content.decode()
    assert "5 of 7 steps done" in shown
    form = re.search(r'href="(/networks/record/[^"]+)"', shown)[1].replace("&amp;", "&")
    assert f'value="{harbour.pk}" selected' in operator.get(form).content.decode()
    network = {
        "organisation": harbour.pk,
        "kind": "GATEWAY",
        "cidr": "10.77.0.0/16",
        "grounds": "Contract",
        "review_date": f"{timezone.localdate() + timedelta(days=90):%Y-%m-%d}",
    }
    assert operator.post(form, network)["Location"] == page, "back to where one came from"
    assert "10.77.0.0/16" in operator.get(page).content.decode()
    administrator = {
        "username": "harbour.first",
        "first_name": "Ines",
        "last_name": "Calder",
        "email": "ines@harbour-gas.example",
    }
    assert operator.post(page + "administrator/", administrator).status_code == 302
    again = operator.post(page + "administrator/", administrator | {"username": "harbour.second"})
    assert again.status_code == 409

    assert "6 of 7 steps done" in operator.get(page).content.decode()
    assert operator.post(page + "administrator/link/").status_code == 302
    first = Person.objects.filter(username="harbour.first")
    first.update(details_confirmed_at=timezone.now())
    assert operator.post(page + "administrator/link/").status_code == 409
    assert "steps done" not in operator.get(page).content.decode()
    assert Person.objects.get(username="harbour.first").organisation == harbour
    recorded = Officer.objects.get(organisation=harbour)
    assert recorded.certificate.encode() == pem()
    assert recorded.certificate_until == certificate().not_valid_after_utc
    steps = OrganisationStep.objects.filter(organisation=harbour).values_list("done", flat=True)
    assert list(steps.order_by("pk")) == [
        "Taken up",
        f"UserId {NEW_EUI} given, Gas Supplier",
        "Officer recorded: Ffion Rees, SRO",
        "First administrator made: harbour.first",
        "Set-up link of the first administrator sent again",
    ]


@pytest.mark.req("FSM-9", "FSM-12")
def test_where_networks_are_enforced_none_of_them_is_something_missing() -> None:
    for needed in (True, False):
        steps = onboarding_of(OrganisationKind.PARTY, Found(networks_needed=needed))
        left = {step.key for step in steps if not step.is_done}
        assert ("networks" in left) is needed
    provider = onboarding_of(OrganisationKind.SERVICE_PROVIDER, Found(networks=1))
    assert [step.key for step in provider if not step.is_done] == ["people"]


@pytest.mark.req("FSM-9")
def test_what_does_not_fit_stands_at_its_field_and_is_kept(scene: Scene, operator: Client) -> None:
    alder = f"/organisations/{scene.alder.organisation.pk}/"
    for path, given, field, says in (
        ("/organisations/new/", {"name": "alder ENERGY", "kind": "PARTY"}, "name", "already"),
        (alder + "user-ids/", {"eui": AGENT, "role": "GS"}, "eui", "taken"),
        (alder + "user-ids/", {"eui": "12", "role": "GS"}, "eui", "16"),
    ):
        answer = operator.post(path, given)
        assert answer.status_code in {409, 422}, path
        text = answer.content.decode()
        assert says in text and given[field].split()[0] in text


@pytest.mark.req("SSI-NFR-28")
def test_an_officer_is_checked(scene: Scene) -> None:
    alder, at = scene.alder.organisation.pk, timezone.now()
    good = {
        "kind": "SRO",
        "name": "Sian",
        "email": "sian@alder.example",
        "telephone": "020 7946 0111",
        "active_from": date(2026, 1, 1),
    }
    for change, field in (
        ({"name": " "}, "name"),
        ({"email": "sian"}, "email"),
        ({"telephone": "1"}, "telephone"),
        ({"active_until": date(2025, 1, 1)}, "active_until"),
        ({"certificate": b"nonsense"}, "certificate"),
        ({"person_id": scene.rival.administrator.pk}, "person"),
    ):
        with pytest.raises(Refused) as refused:
            details = actions.OfficerDetails(**{**good, **change})
            actions.record_officer(scene.operator, alder, details, at=at)
        assert set(refused.value.fields) == {field}
    officer = scene.alder.officer
    details = actions.OfficerDetails(**{**good, "active_until": date(2026, 2, 1)})
    actions.save_officer(scene.operator, alder, officer.pk, details, 1, at=at)
    with pytest.raises(Stale):
        actions.save_officer(scene.operator, alder, officer.pk, details, 1, at=at)
    assert queries.officers_in_office(alder, "SRO", at=at) == []


@pytest.mark.req("Suspension of an organisation or a UserId")
def test_a_suspension_is_told_by_email_and_stands_in_the_history(
    scene: Scene, operator: Client
) -> None:
    page = f"/organisations/{scene.alder.organisation.pk}/"
    form = {"level": "READ_ONLY", "reason": "Invoices are unpaid", "version": "1"}
    assert operator.post(page + "suspension/", {**form, "reason": ""}).status_code == 422
    assert operator.post(page + "suspension/", form).status_code == 302
    assert operator.post(page + "suspension/", form | {"level": "NOTHING"}).status_code == 409

    subject = "The organisation: suspended to reading only"
    assert letters() == {
        "alder.admin@example.org": [subject],
        "sian@alder.example": [subject],
    }
    assert "Invoices are unpaid" in operator.get(page).content.decode()
    one = page + f"user-ids/{ALDER_GAS}/suspension/"
    assert operator.post(one, form | {"level": "NOTHING"}).status_code == 302
    assert UserId.objects.get(eui=ALDER_GAS).suspension == Suspension.NOTHING
    lifted = {"level": "NONE", "reason": "", "version": "2"}
    assert operator.post(page + "suspension/", lifted).status_code == 302
    assert version(scene.alder.organisation) == 3
    history = OrganisationStep.objects.filter(organisation=scene.alder.organisation)
    assert history.filter(done="The organisation: suspension lifted").count() == 1


@pytest.mark.req("Operator's onboarding of an organisation")
def test_off_boarding_ends_access_and_keeps_the_record(scene: Scene, operator: Client) -> None:
    grant(ALDER_GAS, AGENT)
    person = scene.greenlane.colleague
    page = f"/organisations/{scene.alder.organisation.pk}/"
    consequences = operator.get(page + "off-boarding/").content.decode()
    assert "3 accounts" in consequences and "1 grant" in consequences
    form = {"reason": "Left the market", "name": "alder energy", "version": "1"}
    assert operator.post(page + "off-boarding/", form | {"name": "Alder"}).status_code == 422

    assert operator.post(page + "off-boarding/", form).status_code == 302

    people = Person.objects.filter(organisation=scene.alder.organisation)
    assert set(people.values_list("status", flat=True)) == {"DELETED"}
    assert Grant.objects.get().rescinded_at is not None
    assert actor_for(person).user_ids == {AGENT}
    assert Officer.objects.get(pk=scene.alder.officer.pk).active_until is not None
    assert "Off-boarded" in operator.get(page).content.decode()
    with pytest.raises(Conflict):
        actions.give_user_id(
            scene.operator, scene.alder.organisation.pk, NEW_EUI, "GS", at=timezone.now()
        )

    assert operator.post(page + "onboarding/", {"version": "2"}).status_code == 302
    assert "steps done" in operator.get(page).content.decode()
    assert set(people.values_list("status", flat=True)) == {"DELETED"}


@pytest.mark.req("SSI-NFR-2")
def test_nobody_but_the_operator_learns_of_organisations(scene: Scene, client: Client) -> None:
    log_in(client, scene.alder.administrator)
    alder = scene.alder.organisation.pk
    for path in ("", "export.csv", f"{alder}/", f"{alder}/officers/"):
        assert client.get(f"/organisations/{path}").status_code == 403
    admin = scene.alder.admin
    with pytest.raises(NotAllowed):
        queries.organisation(admin, alder, at=timezone.now())
    with pytest.raises(NotAllowed):
        actions.take_up(admin, "Another", "PARTY", at=timezone.now())
    with pytest.raises(NotAllowed):
        actions.off_board(admin, alder, "x", 1, at=timezone.now())
    assert not ActivityEntry.objects.filter(subject="Another").exists()


@pytest.mark.req("Operator's onboarding of an organisation")
def test_the_list_is_searched_by_name_and_user_id_and_exported(
    scene: Scene, operator: Client
) -> None:
    for text in ("alder", ALDER_GAS, ALDER_GAS.replace("-", "").lower()):
        shown = operator.get("/organisations/", {"text": text}).content.decode()
        assert "Alder Energy" in shown and "Brightwell" not in shown
    file = b"".join(operator.get("/organisations/export.csv?kind=PARTY").streaming_content).decode()
    assert [line.split(",")[0] for line in file.splitlines()[1:]] == [
        "Alder Energy",
        "Brightwell",
        "Greenlane Metering",
    ]

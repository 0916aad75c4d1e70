"""Logging in through an organisation's identity provider, and every way in which it fails."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from meterdesk.federation.models import FailedLogIn, FederatedAccount, SeenAssertion, SentRequest
from meterdesk.federation.tests.factories import (
    DETAILS,
    answer_to,
    certificate_of_today,
    leave,
    log_in_through,
    make_federation,
)
from meterdesk.identity.models import LogInSession, Person
from meterdesk.identity.rules import DeskRole, JobTypeRole
from meterdesk.identity.tests.factories import grant, make_person, make_user_id
from meterdesk.kernel.saml.tests.maker import A, certificate
from meterdesk.platform.models import ActivityEntry

pytestmark = pytest.mark.django_db


@pytest.fixture
def alder():
    return make_federation()


def failed(answer) -> str:
    """The reason of a refused log-in, whose reference the page shows."""
    assert answer.status_code == 422, answer.content
    found = FailedLogIn.objects.latest("pk")
    page = answer.content.decode()
    assert f"{found.reference[:4]}-{found.reference[4:]}" in page
    assert len(found.facts) < 3 or found.facts not in page
    return found.reason


@pytest.mark.req("SSI-NFR-4", "SSI-NFR-5", "SSI-NFR-10", "SSI-NFR-12", "SSI-FR-1a")
def test_the_first_log_in_makes_an_account_and_the_next_finds_it(client, alder) -> None:
    answer = log_in_through(client, alder)

    assert answer["Location"] == "/welcome/"
    page = client.get("/welcome/").content.decode()
    assert "Ann Ash" in page
    assert "This is your first" in page
    person = FederatedAccount.objects.get().person
    assert (person.username, person.organisation_id) == ("ann", alder.organisation.pk)
    assert not person.has_usable_password()

    log_in_through(Client(), alder)
    assert FederatedAccount.objects.get().person == person
    verbs = list(ActivityEntry.objects.filter(subject="ann").values_list("verb", flat=True))
    assert (verbs.count("identity.add_person"), verbs.count("identity.log_in")) == (1, 2)


@pytest.mark.req("SSI-NFR-8", "SSI-NFR-16", "SSI-NFR-18")
def test_the_request_goes_by_post_from_a_page_that_may_go_nowhere_else(client, alder) -> None:
    page = client.get("/saml/alder-energy/", HTTP_HOST="testserver")
    policy = page["Content-Security-Policy"]
    assert "form-action 'self' https:;" in policy
    assert "script-src 'self';" in policy
    assert 'action="https://idp.alder-energy.example/sso"' in page.content.decode()
    cookie = page.cookies["meterdesk_saml"]
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    request = leave(client, "alder-energy")
    assert request.get("AssertionConsumerServiceURL").endswith("/saml/acs/")
    assert SentRequest.objects.get(pk=request.get("ID")).browser != cookie.value


@pytest.mark.req("SSI-FR-1")
def test_details_that_the_assertion_lacks_are_asked_for_before_anything_opens(client, alder):
    log_in_through(client, alder, attributes={**DETAILS, "Telephone": [""]})
    assert client.get("/profile/")["Location"] == "/set-up/"
    assert client.get("/set-up/")["Location"] == "/set-up/details/"
    given = {"first_name": "Ann", "last_name": "Ash", "telephone": "020 7946 0000"}
    client.post("/set-up/details/", {**given, "email": "ann.ash@alder.example"})
    assert client.get("/profile/").status_code == 200


@pytest.mark.req("SSI-NFR-6", "SSI-NFR-19")
@pytest.mark.parametrize(
    ("authenticated", "ends", "minutes"),
    [(0, None, 510), (60, None, 450), (0, 30, 30), (480, 600, 30)],
)
def test_the_session_ends_at_the_earliest_of_the_limits(
    client, alder, authenticated, ends, minutes
) -> None:
    now = timezone.now().replace(microsecond=0)
    log_in_through(
        client,
        alder,
        authenticated_at=now - timedelta(minutes=authenticated),
        session_ends_at=now + timedelta(minutes=ends) if ends else None,
    )
    row = LogInSession.objects.get()
    assert abs(row.ends_at - now - timedelta(minutes=minutes)) <= timedelta(seconds=2)
    assert row.provider == "Alder Energy directory"


@pytest.mark.req("SSI-NFR-10")
def test_one_comes_back_to_where_one_was_and_nowhere_else(client, alder) -> None:
    answer = log_in_through(client, alder, "?next=/profile/")
    assert answer["Location"] == "/profile/"
    elsewhere = log_in_through(Client(), alder, "?next=//evil.example/")
    assert elsewhere["Location"] == "/welcome/"


@pytest.mark.req("SSI-NFR-10")
def test_only_the_browser_that_began_can_finish_and_only_once(client, alder) -> None:
    request = leave(client, "alder-energy")
    thief = Client()
    leave(thief, "alder-energy")
    finish = thief.post("/saml/acs/", answer_to(alder, request))["Location"]
    assert failed(thief.get(finish)) == "other_browser"
    assert failed(Client().get(finish)) == "other_browser"
    assert LogInSession.objects.count() == 0

    assert client.get(finish)["Location"] == "/welcome/"
    assert failed(client.get(finish)) == "request_used"
    assert failed(client.get("/saml/finish/_nothing/")) == "request_unknown"


def test_a_checked_answer_waits_two_minutes(client, alder) -> None:
    request = leave(client, "alder-energy")
    finish = client.post("/saml/acs/", answer_to(alder, request))["Location"]
    SentRequest.objects.update(answered_at=timezone.now() - timedelta(minutes=3))
    assert failed(client.get(finish)) == "request_expired"


@pytest.mark.req("SSI-NFR-13")
def test_an_answer_is_used_once_and_nothing_unsolicited_is_taken(client, alder) -> None:
    request = leave(client, "alder-energy")
    form = answer_to(alder, request)
    assert client.post("/saml/acs/", form).status_code == 303
    assert failed(client.post("/saml/acs/", form)) == "request_used"

    again = leave(client, "alder-energy")
    old = answer_to(alder, again, assertion_id=f"_a{request.get('ID')}")
    assert failed(client.post("/saml/acs/", old)) == "replayed"

    def unsolicited(root):
        del root.attrib["InResponseTo"]
        del root.find(f".//{A}SubjectConfirmationData").attrib["InResponseTo"]

    third = leave(client, "alder-energy")
    form = answer_to(alder, third, change=unsolicited)
    assert failed(client.post("/saml/acs/", form)) == "unsolicited"
    invented = answer_to(alder, third, request_id="_invented")
    assert failed(client.post("/saml/acs/", invented)) == "request_unknown"
    SentRequest.objects.update(expires_at=timezone.now())
    late = leave(client, "alder-energy")
    SentRequest.objects.filter(pk=late.get("ID")).update(expires_at=timezone.now())
    assert failed(client.post("/saml/acs/", answer_to(alder, late))) == "request_expired"


@pytest.mark.req("SSI-NFR-9", "SSI-NFR-14", "SSI-NFR-18")
@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"by": "attacker"}, "signature_wrong"),
        ({"signed": "none"}, "not_signed"),
        ({"issuer": "https://idp.birch.example/metadata"}, "issuer"),
        ({"audience": "https://other.example/"}, "audience"),
        ({"acs_url": "https://other.example/acs/"}, "destination"),
        ({"context": "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"}, "context"),
        ({"now": datetime(2026, 5, 4, 9, 0, tzinfo=UTC)}, "expired"),
        ({"roles": ""}, "roles_missing"),
        ({"roles": "Call Centre User, Emperor"}, "roles_unknown"),
        ({"user_ids": " , "}, "user_ids_missing"),
        ({"user_ids": "no user id"}, "user_ids_foreign"),
    ],
)
def test_what_is_wrong_fails_with_its_reason_and_uses_nothing_up(
    client, alder, given, reason
) -> None:
    assert failed(log_in_through(client, alder, **given)) == reason
    assert not SeenAssertion.objects.exists()
    assert not FederatedAccount.objects.exists()
    entry = ActivityEntry.objects.get(verb="federation.log_in_failed")
    assert entry.detail["reason"] == reason
    assert entry.organisation_id == alder.organisation.pk
    request = SentRequest.objects.get()
    form = answer_to(alder, leave(client, "alder-energy"), request_id=request.pk)
    assert client.post("/saml/acs/", form).status_code == 303


@pytest.mark.req("SSI-NFR-19", "SSI-NFR-27", "SSI-NFR-29")
def test_user_ids_of_others_refuse_the_whole_log_in_unless_granted(client, alder) -> None:
    theirs = make_user_id()
    both = f"{alder.user_id},{theirs}"
    assert failed(log_in_through(client, alder, user_ids=both)) == "user_ids_foreign"
    assert FailedLogIn.objects.get().facts == theirs

    grant(theirs, alder.user_id)
    assert log_in_through(client, alder, user_ids=both)["Location"] == "/welcome/"


@pytest.mark.req("SSI-NFR-12")
def test_a_provider_logs_in_its_own_organisation_s_people_alone(client, alder) -> None:
    birch = make_federation("Birch Power", "provider-ec")
    ann = make_person("ann.ash", email="ann.ash@alder.example", organisation=alder.organisation)
    keeper = make_person("keeper.two", desk=[DeskRole.AGENT])

    for name_id in ("ann.ash", "ann.ash@alder.example", "keeper.two"):
        client = Client()
        answer = log_in_through(client, birch, by="provider-ec", name_id=name_id)
        assert answer["Location"] == "/welcome/"
        bound = FederatedAccount.objects.get(name_id=name_id).person
        assert bound not in (ann, keeper)
        assert bound.organisation_id == birch.organisation.pk
        assert client.get("/desk/").status_code == 403

    # An answer of one provider to a request to another, and one signed by the other's key.
    request = leave(client, "alder-energy")
    form = answer_to(birch, request, by="provider-ec")
    assert failed(client.post("/saml/acs/", form)) == "signature_wrong"
    form = answer_to(alder, request, by="provider-ec")
    assert failed(client.post("/saml/acs/", form)) == "signature_wrong"

    log_in_through(Client(), alder, name_id="ann")
    account = FederatedAccount.objects.get(provider=alder.provider)
    Person.objects.filter(pk=account.person_id).update(organisation=birch.organisation)
    assert failed(log_in_through(Client(), alder, name_id="ann")) == "organisation"


@pytest.mark.req("SSI-FR-61")
def test_a_username_that_is_taken_is_not_taken_over(client, alder) -> None:
    make_person("ann", organisation=alder.organisation)
    log_in_through(client, alder)
    log_in_through(Client(), alder, name_id="ANN")
    log_in_through(Client(), alder, name_id="\u202e<b>", attributes={})
    names = FederatedAccount.objects.order_by("pk").values_list("person__username", flat=True)
    assert list(names) == ["ann@alder-energy", "ANN.2", "b"]


@pytest.mark.req("SSI-NFR-7")
def test_locked_people_are_not_let_in(client, alder) -> None:
    log_in_through(client, alder)
    Person.objects.filter(username="ann").update(status=Person.Status.LOCKED)
    assert failed(log_in_through(Client(), alder)) == "account"
    assert client.get("/profile/").status_code == 302


@pytest.mark.req("FSM-12")
def test_nobody_is_let_in_from_a_network_that_is_not_approved(client, alder, settings) -> None:
    settings.METERDESK_ENFORCE_NETWORKS = True
    assert failed(log_in_through(client, alder)) == "network"
    assert LogInSession.objects.count() == 0


def test_one_chooses_by_the_log_in_name_however_it_is_written(client, alder) -> None:
    for typed in (" Alder-Energy ", "https://meterdesk.example/saml/alder-energy/"):
        answer = client.post("/saml/", {"address": typed, "next": "/profile/"})
        assert answer["Location"] == "/saml/alder-energy/?next=%2Fprofile%2F"
    assert client.post("/saml/", {"address": "//evil.example\\x"}).status_code == 422
    assert client.post("/saml/", {"address": ""}).status_code == 422
    assert client.get("/saml/nobody/").status_code == 404


def test_answers_need_no_form_token_but_all_other_forms_do(alder) -> None:
    strict = Client(enforce_csrf_checks=True)
    request = leave(strict, "alder-energy")
    assert strict.post("/saml/acs/", answer_to(alder, request)).status_code == 303
    assert strict.post("/saml/", {"address": "alder-energy"}).status_code == 403
    assert strict.get("/saml/acs/").status_code == 405


@pytest.mark.parametrize("field", ["", "%%%", "PGEvPg==", "x" * 400_000])
def test_what_is_no_answer_is_refused_with_a_reference(client, alder, field) -> None:
    reason = failed(client.post("/saml/acs/", {"SAMLResponse": field}))
    assert reason in {"not_xml", "not_base64", "not_a_response", "too_large"}


def test_an_address_whose_answers_fail_too_often_is_slowed_down(client, alder) -> None:
    for _ in range(60):
        client.post("/saml/acs/", {"SAMLResponse": "PGEvPg=="})
    assert client.post("/saml/acs/", {"SAMLResponse": "PGEvPg=="}).status_code == 429
    assert client.get("/saml/finish/_nothing/").status_code == 429
    assert FailedLogIn.objects.count() == 60


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_of_the_same_answer_twice_at_once_one_is_used() -> None:
    alder = make_federation()
    form = answer_to(alder, leave(Client(), "alder-energy"))

    def post(_: int) -> int:
        try:
            return Client().post("/saml/acs/", form).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        assert sorted(threads.map(post, range(3))) == [303, 422, 422]
    assert SeenAssertion.objects.count() == FederatedAccount.objects.count() == 1


def test_our_metadata_is_given_out(client) -> None:
    answer = client.get("/saml/metadata/", HTTP_HOST="testserver")
    assert answer["Content-Type"] == "application/samlmetadata+xml"
    assert b"AssertionConsumerService" in answer.content


def test_a_certificate_out_of_date_lets_nobody_in(client, alder) -> None:
    old = alder.provider.certificates.get()
    past = certificate("provider", timezone.now() - timedelta(days=400), 365)
    old.pem = past.pem
    old.save()
    assert failed(log_in_through(client, alder)) == "certificate_expired"
    assert certificate_of_today().fingerprint != past.fingerprint


@pytest.mark.req("SSI-NFR-25")
def test_roles_of_the_assertion_are_those_of_the_session(client, alder) -> None:
    administrator = JobTypeRole.ORGANISATIONAL_ADMINISTRATOR
    log_in_through(client, alder, roles=f"MI User, {administrator.value.upper()}")
    assert client.get("/people/").status_code == 200
    log_in_through(client, alder, roles="MI User")
    assert client.get("/people/").status_code == 403

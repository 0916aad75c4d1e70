"""Enrolling an identity provider, from its metadata to the roll-over of its key."""

import base64
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from lxml import etree

from meterdesk.federation.actions import warn_of_expiry
from meterdesk.federation.models import FailedLogIn, IdentityProvider, ProviderCertificate
from meterdesk.federation.rules import DEFAULT_ATTRIBUTES, DEFAULT_CONTEXTS
from meterdesk.federation.tests.factories import (
    certificate_of_today,
    log_in_through,
    make_federation,
)
from meterdesk.identity.rules import JobTypeRole
from meterdesk.identity.tests.factories import (
    bearer,
    log_in,
    make_organisation,
    make_person,
    make_user_id,
)
from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform.models import ActivityEntry

pytestmark = pytest.mark.django_db
API = "/api/v1/identity-providers"
METADATA = """<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"
 entityID="https://idp.birch.example"><IDPSSODescriptor
 protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data>
<X509Certificate>{}</X509Certificate></X509Data></KeyInfo></KeyDescriptor>
<SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
 Location="https://idp.birch.example/sso"/></IDPSSODescriptor></EntityDescriptor>"""


def form(**changes) -> dict[str, str]:
    return {
        "name": "Birch directory",
        "slug": "birch",
        "entity_id": "https://idp.birch.example",
        "sso_url": "https://idp.birch.example/sso",
        "certificate": certificate_of_today().pem,
        "next_certificate": "",
        "contexts": "\n".join(DEFAULT_CONTEXTS),
        "clock_skew": "60",
        "contact_email": "keeper@birch.example",
        **{f"attribute_{what}": name for what, name in DEFAULT_ATTRIBUTES.items()},
        **changes,
    }


@pytest.fixture
def birch(client: Client):
    """An administrator of Birch, logged in."""
    user_id = make_user_id(organisation=make_organisation("Birch Power"))
    person = make_person("birch.admin", [(user_id, JobTypeRole.ORGANISATIONAL_ADMINISTRATOR)])
    log_in(client, person)
    return person


def act(client: Client, person, path: str, **given):
    """Press a button of the provider's page as this person."""
    log_in(client, person)
    provider = IdentityProvider.objects.get(pk=int(path.split("/", maxsplit=1)[0]))
    return client.post(f"/identity-providers/{path}", {"version": str(provider.version), **given})


@pytest.mark.req("SSI-NFR-15", "SSI-NFR-17")
def test_metadata_fills_the_form_and_a_wrong_one_says_what_to_do(client: Client, birch) -> None:
    pem = certificate_of_today().pem
    inside = "".join(pem.strip().splitlines()[1:-1])
    file = SimpleUploadedFile("metadata.xml", METADATA.format(inside).encode())
    read = client.post("/identity-providers/new/", {"file": file, "read": "1", "name": "Mine"})
    initial = read.context["form"].initial
    assert (initial["entity_id"], initial["name"]) == ("https://idp.birch.example", "Mine")
    assert initial["certificate"] == pem
    for wrong in ("", "<a/>", "<!DOCTYPE a><a/>", METADATA.format("AAAA")):
        answer = client.post("/identity-providers/new/", {"metadata": wrong, "read": "1"})
        assert answer.status_code == 422
    assert not IdentityProvider.objects.exists()
    page = client.get("/identity-providers/").content.decode()
    assert "/saml/acs/" in page
    assert "/saml/metadata/" in page


@pytest.mark.req("SSI-NFR-15")
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slug": "acs"}, "slug"),
        ({"slug": "../x"}, "slug"),
        ({"sso_url": "javascript:alert(1)"}, "sso_url"),
        ({"certificate": "not one"}, "certificate"),
        ({"contexts": " "}, "contexts"),
        ({"clock_skew": "301"}, "clock_skew"),
        ({"contact_email": "nobody"}, "contact_email"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(client: Client, birch, changes, field) -> None:
    answer = client.post("/identity-providers/new/", form(**changes))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not IdentityProvider.objects.exists()


@pytest.mark.req("SSI-NFR-15", "SSI-NFR-17")
def test_an_enrolment_goes_from_draft_to_active(client: Client, birch) -> None:
    saved = client.post("/identity-providers/new/", form())
    url = saved["Location"]
    provider = IdentityProvider.objects.get()
    assert client.get("/saml/birch/").status_code == 404, "a draft logs nobody in"
    changed = {**form(contact_email="other@birch.example"), "version": "1"}
    assert client.post(f"{url}change/", changed).status_code == 302
    assert client.post(f"{url}change/", changed).status_code == 422, "two people changed it"
    assert act(client, birch, f"{provider.pk}/steps/test/").status_code == 302
    tested = client.post(f"{url}test/")
    field = tested.content.decode().split('name="SAMLRequest" value="')[1].split('"')[0]
    assert etree.fromstring(base64.b64decode(field)).get("ForceAuthn") == "true"
    assert act(client, birch, f"{provider.pk}/steps/submit/").status_code == 302
    assert client.post(f"{url}change/", {**changed, "version": "4"}).status_code == 409
    assert ProviderCertificate.objects.get().approved_at is None

    keeper = make_person("keeper", desk=["ADMINISTRATOR"])
    unsaid = act(client, keeper, f"{provider.pk}/steps/approve/", why="")
    assert unsaid.status_code == 422
    shown = unsaid.content.decode()
    assert "Say why." in shown and 'href="#approve_why"' in shown and "What is enrolled" in shown
    done = act(client, keeper, f"{provider.pk}/steps/approve/", why="Compared by telephone")
    assert done.status_code == 302
    assert ProviderCertificate.objects.get().approved_at is not None
    page = client.get(url).content.decode()
    for text in ("Compared by telephone", certificate_of_today().fingerprint, "Suspend"):
        assert text in page
    assert client.get("/saml/birch/").status_code == 200


@pytest.mark.req("SSI-NFR-15", "SSI-NFR-2")
def test_other_organisations_never_learn_of_a_provider(client: Client, birch) -> None:
    alder = make_federation()
    number = alder.provider.pk
    log_in(client, birch)
    assert "Alder" not in client.get("/identity-providers/").content.decode()
    assert client.get(f"/identity-providers/{number}/").status_code == 404
    for path in ("steps/suspend/", "certificates/", "certificates/1/remove/", "test/"):
        given = {"version": "4", "why": "x", "certificate": certificate_of_today().pem}
        answer = client.post(f"/identity-providers/{number}/{path}", given)
        assert answer.status_code == 404, path
    assert client.get(f"{API}/{number}", **bearer(birch)).status_code == 404
    assert client.get(API, **bearer(birch)).json()["items"] == []
    taken = client.post("/identity-providers/new/", form(slug=alder.provider.slug))
    assert "taken" in taken.content.decode(), "a log-in name is known to everybody anyway"


@pytest.mark.req("SSI-NFR-15", "SSI-NFR-9")
def test_a_key_rolls_over_with_two_certificates(client: Client) -> None:
    alder = make_federation()
    number, following = alder.provider.pk, certificate_of_today("next")
    assert log_in_through(Client(), alder).status_code == 302
    early = log_in_through(Client(), alder, by="next")
    assert early.status_code == 422
    proposed = act(
        client, alder.administrator, f"{number}/certificates/", certificate=following.pem
    )
    assert proposed.status_code == 302
    assert log_in_through(Client(), alder, by="next").status_code == 422, "not approved yet"
    fresh = ProviderCertificate.objects.get(fingerprint=following.fingerprint)
    approve = f"{number}/certificates/{fresh.pk}/approve/"
    assert act(client, alder.administrator, approve).status_code == 403
    assert act(client, alder.operator, approve).status_code == 302
    for by in ("provider", "next"):
        assert log_in_through(Client(), alder, by=by).status_code == 302, by
    old = ProviderCertificate.objects.exclude(pk=fresh.pk).get()
    assert (
        act(client, alder.administrator, f"{number}/certificates/{old.pk}/remove/").status_code
        == 302
    )
    assert log_in_through(Client(), alder).status_code == 422, "the old key opens nothing"
    assert log_in_through(Client(), alder, by="next").status_code == 302
    last = act(client, alder.operator, f"{number}/certificates/{fresh.pk}/remove/")
    assert last.status_code == 409
    verbs = ActivityEntry.objects.filter(verb__endswith="_certificate").values_list(
        "verb", flat=True
    )
    assert sorted(verbs) == [
        "federation.approve_certificate",
        "federation.propose_certificate",
        "federation.remove_certificate",
    ]
    assert FailedLogIn.objects.filter(reason="signature_wrong").count() == 3


@pytest.mark.req("SSI-NFR-15")
def test_a_third_certificate_and_an_old_one_are_refused(client: Client) -> None:
    alder = make_federation()
    number = alder.provider.pk
    for key, status in (("next", 302), ("third", 409)):
        pem = certificate_of_today(key).pem
        answer = act(client, alder.administrator, f"{number}/certificates/", certificate=pem)
        assert answer.status_code == status
    ProviderCertificate.objects.filter(approved_at=None).delete()
    garbage = act(client, alder.administrator, f"{number}/certificates/", certificate="AAAA")
    assert garbage.status_code == 422


@pytest.mark.req("SSI-NFR-15")
def test_administrators_are_warned_30_7_and_1_days_before_the_end() -> None:
    alder = make_federation()
    IdentityProvider.objects.update(contact_email="keeper@alder.example")
    one = ProviderCertificate.objects.get()
    for days, expected in ((31, 0), (30, 1), (29, 0), (8, 0), (7, 1), (6, 0), (1, 1), (0, 0)):
        assert warn_of_expiry(at=one.not_after - timedelta(days=days)) == expected, days
    written = OutgoingMessage.objects.filter(about=alder.provider.name)
    assert set(written.values_list("to", flat=True)) == {
        "keeper@alder.example",
        alder.administrator.email,
    }
    assert written.count() == 6
    assert f"/identity-providers/{alder.provider.pk}/" in written[0].body


@pytest.mark.req("SSI-NFR-15")
def test_nobody_is_warned_of_a_certificate_that_another_one_outlives() -> None:
    make_federation()
    one = ProviderCertificate.objects.get()
    later = ProviderCertificate.objects.get()
    later.pk, later.fingerprint = None, "later"
    later.not_after += timedelta(days=365)
    later.save()
    assert warn_of_expiry(at=one.not_after - timedelta(days=5)) == 0
    ProviderCertificate.objects.filter(pk=later.pk).update(approved_at=None)
    assert warn_of_expiry(at=one.not_after - timedelta(days=5)) == 1


@pytest.mark.req("SSI-NFR-15", "FSM-17")
def test_the_api_does_what_the_screens_do(client: Client, birch) -> None:
    given = {"content_type": "application/json", **bearer(birch)}
    body = {
        "name": "Birch directory",
        "slug": "birch",
        "entity_id": "https://idp.birch.example",
        "sso_url": "https://idp.birch.example/sso",
        "certificates": [certificate_of_today().pem],
    }
    made = client.post(API, body, **given)
    assert (made.status_code, made.json()["steps"]) == (201, ["test"])
    url = f"{API}/{made.json()['id']}"
    changed = client.put(url, {**body, "name": "New"}, headers={"If-Match": '"v1"'}, **given)
    assert (changed.json()["name"], changed["ETag"]) == ("New", '"v2"')
    assert client.put(url, body, headers={"If-Match": '"v1"'}, **given).status_code == 412
    assert client.post(f"{url}/state", {"verb": "test"}, **given).json()["state"] == "TESTING"
    unproved = client.post(f"{url}/state", {"verb": "approve"}, **given)
    assert (unproved.status_code, unproved.json()["code"]) == (403, "proof_needed")
    birch.api_tokens.update(proved_at=timezone.now())
    assert client.post(f"{url}/state", {"verb": "approve"}, **given).status_code == 409
    early = client.post(f"{url}/certificates", {"certificate": "x"}, **given)
    assert early.status_code == 409
    assert [one["state"] for one in client.get(API, **given).json()["items"]] == ["TESTING"]

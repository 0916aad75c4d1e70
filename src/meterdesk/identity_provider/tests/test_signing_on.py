"""Logging in to another service with a Meterdesk account."""

import base64
import zlib
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as configured
from django.test import Client
from django.utils import timezone
from lxml import etree
from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT

from meterdesk.identity.models import LogInSession, UserId
from meterdesk.identity.rules import DeskRole, JobTypeRole, Proof
from meterdesk.identity.tests.factories import actor_for, log_in, make_person, make_user_id
from meterdesk.identity_provider.actions import NewService, add_service, move_service
from meterdesk.identity_provider.models import PersistentName, SignOn
from meterdesk.identity_provider.rules import REQUEST_LIFETIME, roles_by_user_id, roles_on_all
from meterdesk.identity_provider.tests.peers import (
    ACS,
    ENTITY,
    metadata_of,
    needs_xmlsec,
    pysaml2,
    python3_saml,
    request_of,
)
from meterdesk.kernel.saml import Expectations, SamlRefused, authn_request, check_response, fresh_id
from meterdesk.kernel.saml.services import is_address, read_service_metadata
from meterdesk.platform.models import ActivityEntry

pytestmark = pytest.mark.django_db
MFA = "https://refeds.org/profile/mfa"
CALL_CENTRE, MI = JobTypeRole.CALL_CENTRE_USER, JobTypeRole.MI_USER


@pytest.fixture(autouse=True)
def public_url(settings: Any) -> None:
    """An address as production has it."""
    settings.PUBLIC_URL = "https://meterdesk.example"


@pytest.fixture
def keeper() -> Any:
    """The operator's administrator."""
    return actor_for(make_person("", desk=[DeskRole.ADMINISTRATOR]))


@pytest.fixture
def service_id(keeper: Any) -> int:
    """A service for everyone that is told who comes and what they may do."""
    told = ("Username", "OrgID", "Roles", "RolesByUserId")
    new = NewService("Orders", ENTITY, (ACS,), told=told, is_for_everyone=True)
    return add_service(keeper, new, at=timezone.now())


def _metadata(client: Client) -> bytes:
    return bytes(client.get("/sso/metadata").content)


def _field(**changes: Any) -> str:
    given = {
        "request_id": fresh_id(),
        "destination": f"{configured.PUBLIC_URL}/sso/login",
        "issuer": ENTITY,
        "acs_url": ACS,
        "contexts": [MFA],
        "issued_at": timezone.now(),
        **changes,
    }
    return authn_request(**given).field


def _begin(client: Client, **changes: Any) -> str:
    """Send a request; the address where it goes on."""
    answer = client.post("/sso/login", {"SAMLRequest": _field(**changes), "RelayState": "r1"})
    assert answer.status_code == 303, answer.content
    return str(answer["Location"])


def _posted(client: Client, at: str) -> dict[str, str]:
    """The form fields that the browser would post to the service."""
    page = client.get(at, follow=True)
    assert page.status_code == 200, page.content
    return page.context["fields"]


def _checked(fields: dict[str, str], certificates: Any, request_id: str = "") -> Any:
    """The assertion, checked by our own service provider's rules."""
    document = base64.b64decode(fields["SAMLResponse"])
    expected = Expectations(
        issuer=f"{configured.PUBLIC_URL}/sso/metadata",
        audience=ENTITY,
        acs_url=ACS,
        request_id=request_id or str(etree.fromstring(document).get("InResponseTo")),
        contexts=frozenset({MFA}),
        skew=timedelta(seconds=0),
    )
    return check_response(document, expected, tuple(certificates), timezone.now())


@pytest.mark.req("SSI-NFR-3", "SSI-NFR-8", "SSI-NFR-9", "SSI-NFR-16", "SSI-NFR-19")
def test_a_logged_in_person_is_vouched_for(client: Client, service_id: int, settings: Any) -> None:
    person = make_person("pat", [(make_user_id("90-B3-D5-1F-30-11-00-01"), CALL_CENTRE)])
    log_in(client, person)
    page = client.get(_begin(client), follow=True)
    assert page.status_code == 200
    assert "form-action 'self' https:;" in page["Content-Security-Policy"]
    fields = page.context["fields"]
    assert fields["RelayState"] == "r1"
    said = _checked(fields, settings.SAML_CERTIFICATES)
    assert said.attributes == {
        "Username": ("pat",),
        "OrgID": ("90-B3-D5-1F-30-11-00-01",),
        "Roles": ("Call Centre User",),
        "RolesByUserId": ("90-B3-D5-1F-30-11-00-01=Call Centre User",),
    }
    session = LogInSession.objects.get()
    assert abs(said.authenticated_at - session.begun_at) < timedelta(seconds=1)
    assert abs(said.session_ends_at - session.ends_at) < timedelta(seconds=1)
    again = _checked(_posted(client, _begin(client)), settings.SAML_CERTIFICATES)
    assert again.name_id == said.name_id == PersistentName.objects.get().name
    entries = ActivityEntry.objects.filter(verb="identity_provider.vouch", username="pat")
    assert entries.count() == 2


@pytest.mark.req("SSI-NFR-3", "SSI-NFR-10")
def test_whoever_is_not_logged_in_logs_in_first_and_comes_back(
    client: Client, service_id: int
) -> None:
    at = _begin(client)
    first = client.get(at)
    assert first.status_code == 302
    asked = client.get(first["Location"])
    assert asked["Location"].startswith("/login/?next=")
    assert parse_qs(urlsplit(asked["Location"]).query)["next"] == [first["Location"]]
    log_in(client, make_person())
    assert client.get(first["Location"]).status_code == 200


@pytest.mark.req("SSI-NFR-3")
def test_one_request_has_one_answer(client: Client, service_id: int) -> None:
    log_in(client, make_person())
    field = _field()
    at = client.post("/sso/login", {"SAMLRequest": field})["Location"]
    assert client.post("/sso/login", {"SAMLRequest": field}).status_code == 409
    assert client.get(at, follow=True).status_code == 200
    assert client.get(at, follow=True).status_code == 409
    late = _begin(client)
    SignOn.objects.filter(answered_at=None).update(expires_at=timezone.now() - REQUEST_LIFETIME)
    assert client.get(late, follow=True).status_code == 409
    assert client.get("/sso/requests/not-one/answer/").status_code == 404


WRONG = {
    "an unknown service": ({"issuer": "https://elsewhere.example"}, 403),
    "an address that is not registered": ({"acs_url": f"{ACS}/../x"}, 403),
    "another address of the same host": ({"acs_url": "https://orders.example/"}, 403),
    "another destination": ({"destination": "https://elsewhere.example/"}, 422),
    "too old": ({"age": 11}, 422),
    "from the future": ({"age": -11}, 422),
}


@pytest.mark.req("SSI-NFR-3", "SSI-NFR-13")
@pytest.mark.parametrize("name", WRONG)
def test_a_request_that_is_not_as_agreed_is_answered_to_nobody(
    client: Client, service_id: int, name: str
) -> None:
    wrong, status = WRONG[name]
    changes: dict[str, Any] = dict(wrong)
    if "age" in changes:
        changes["issued_at"] = timezone.now() - timedelta(minutes=changes.pop("age"))
    log_in(client, make_person())
    answer = client.post("/sso/login", {"SAMLRequest": _field(**changes)})
    assert answer.status_code == status
    assert not SignOn.objects.exists()


@pytest.mark.req("SSI-NFR-3", "SSI-NFR-13")
@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"<",
        b"<a/>",
        b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
        b"\x00" * 300_000,
        b'<p:LogoutRequest xmlns:p="urn:oasis:names:tc:SAML:2.0:protocol"/>',
    ],
)
def test_garbage_is_refused_by_both_bindings(client: Client, document: bytes) -> None:
    field = base64.b64encode(document).decode()
    assert client.post("/sso/login", {"SAMLRequest": field}).status_code in {400, 422}
    assert client.get("/sso/login", {"SAMLRequest": field[:5_000]}).status_code in {400, 422}


@pytest.mark.req("SSI-NFR-3")
def test_a_packed_bomb_is_not_unpacked(client: Client) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = packer.compress(b" " * 50_000_000) + packer.flush()
    answer = client.get("/sso/login", {"SAMLRequest": base64.b64encode(bomb).decode()})
    assert answer.status_code == 422
    assert "larger" in answer.content.decode()


@pytest.mark.req("SSI-NFR-2", "SSI-NFR-3")
def test_a_service_is_open_to_the_organisations_it_was_agreed_for(
    client: Client, keeper: Any, service_id: int
) -> None:
    mine, other = make_person(), make_person()
    new = NewService(
        "Closed",
        "urn:closed",
        ("https://closed.example/",),
        organisation_ids=(other.organisation_id,),
    )
    closed = add_service(keeper, new, at=timezone.now())
    changes = {"issuer": "urn:closed", "acs_url": "https://closed.example/"}
    log_in(client, mine)
    assert client.get(_begin(client, **changes), follow=True).status_code == 403
    log_in(client, other)
    assert client.get(_begin(client, **changes), follow=True).status_code == 200
    move_service(keeper, closed, "suspend", "Found insecure", version=None, at=timezone.now())
    assert client.post("/sso/login", {"SAMLRequest": _field(**changes)}).status_code == 403


@pytest.mark.req("SSI-NFR-3")
def test_whom_another_provider_logged_in_is_not_vouched_for(
    client: Client, service_id: int
) -> None:
    log_in(client, make_person())
    LogInSession.objects.update(proofs=[Proof.PROVIDER])
    answer = client.get(_begin(client), follow=True)
    assert answer.status_code == 403
    assert "Meterdesk account" in answer.content.decode()


@pytest.mark.req("SSI-NFR-3", "SSI-NFR-16")
def test_a_service_may_want_a_fresh_log_in(client: Client, service_id: int) -> None:
    person = make_person()
    log_in(client, person, at=timezone.now() - timedelta(minutes=1))
    at = client.get(_begin(client, force=True))["Location"]
    asked = client.get(at)
    assert asked["Location"].startswith("/login/?next=")
    assert LogInSession.objects.get().ended_at is not None
    log_in(client, person, at=timezone.now() + timedelta(seconds=1))
    assert client.get(at).status_code == 200


def _passive(document_changes: bytes = b'IsPassive="true"') -> str:
    document = base64.b64decode(_field())
    return base64.b64encode(
        document.replace(b'Version="2.0"', b'Version="2.0" ' + document_changes)
    ).decode()


@pytest.mark.req("SSI-NFR-3", "SSI-NFR-16")
def test_a_passive_request_asks_nothing_of_the_person(client: Client, service_id: int) -> None:
    at = client.post("/sso/login", {"SAMLRequest": _passive()})["Location"]
    page = client.get(at)
    assert b"NoPassive" in base64.b64decode(page.context["fields"]["SAMLResponse"])
    assert b"Assertion " not in base64.b64decode(page.context["fields"]["SAMLResponse"])
    log_in(client, make_person())
    at = client.post("/sso/login", {"SAMLRequest": _passive()})["Location"]
    assert b"Success" in base64.b64decode(_posted(client, at)["SAMLResponse"])


@pytest.mark.req("SSI-NFR-14")
def test_a_context_that_is_not_offered_is_said_so(
    client: Client, service_id: int, settings: Any
) -> None:
    log_in(client, make_person())
    fields = _posted(client, _begin(client, contexts=["urn:example:smart-card"]))
    assert b"NoAuthnContext" in base64.b64decode(fields["SAMLResponse"])
    with pytest.raises(SamlRefused) as refused:
        _checked(fields, settings.SAML_CERTIFICATES)
    assert refused.value.reason == "status"


@pytest.mark.req("SSI-NFR-27", "SSI-NFR-19")
def test_a_role_on_one_user_id_is_never_told_for_another() -> None:
    one, other = make_user_id("90-B3-D5-1F-30-11-00-02"), make_user_id("90-B3-D5-1F-30-11-00-03")
    person = make_person("", [(one, CALL_CENTRE), (one, MI)])
    assert roles_on_all(actor_for(person)) == (CALL_CENTRE, MI)
    both = make_person("", [(one, CALL_CENTRE), (one, MI), (other, MI)])
    organisation = both.organisation
    UserId.objects.filter(pk=other).update(organisation=organisation)
    actor = actor_for(both)
    assert roles_on_all(actor) == (MI,)
    assert roles_by_user_id(actor) == (
        "90-B3-D5-1F-30-11-00-02=Call Centre User|MI User,90-B3-D5-1F-30-11-00-03=MI User"
    )


@pytest.mark.req("SSI-NFR-3")
def test_without_a_key_nobody_is_vouched_for(
    client: Client, service_id: int, settings: Any
) -> None:
    settings.SAML_SIGNING = None
    assert client.get("/sso/metadata").status_code == 503
    assert client.post("/sso/login", {"SAMLRequest": _field()}).status_code == 503


@needs_xmlsec
@pytest.mark.req("SSI-NFR-3", "SSI-NFR-13", "SSI-NFR-16")
@pytest.mark.parametrize("binding", [BINDING_HTTP_POST, BINDING_HTTP_REDIRECT])
def test_pysaml2_logs_in_through_meterdesk(client: Client, keeper: Any, binding: str) -> None:
    peer = pysaml2(_metadata(client))
    said = read_service_metadata(metadata_of(peer))
    new = NewService(
        "Orders", said.entity_id, said.acs_urls, told=("Username",), is_for_everyone=True
    )
    add_service(keeper, new, at=timezone.now())
    log_in(client, make_person("pat"))
    number, fields = request_of(peer, binding)
    send = client.post if binding == BINDING_HTTP_POST else client.get
    posted = _posted(client, send("/sso/login", fields)["Location"])
    answer = peer.parse_authn_request_response(
        posted["SAMLResponse"], BINDING_HTTP_POST, outstanding={number: "/"}
    )
    assert answer.ava == {"Username": ["pat"]}
    assert answer.name_id.text == PersistentName.objects.get().name
    with pytest.raises(Exception, match=r"(?i)unsolicited"):
        peer.parse_authn_request_response(
            posted["SAMLResponse"], BINDING_HTTP_POST, outstanding={"_other": "/"}
        )


@pytest.mark.req("SSI-NFR-3", "SSI-NFR-13", "SSI-NFR-16")
def test_python3_saml_logs_in_through_meterdesk(client: Client, service_id: int) -> None:
    metadata = _metadata(client)
    peer = python3_saml(metadata)
    query = parse_qs(urlsplit(peer.login(return_to="back here")).query)
    log_in(client, make_person("pat"))
    sent = client.get("/sso/login", {name: values[0] for name, values in query.items()})
    posted = _posted(client, sent["Location"])
    assert posted["RelayState"] == "back here"
    reader = python3_saml(metadata, posted)
    reader.process_response(peer.get_last_request_id())
    assert reader.get_last_error_reason() is None
    assert reader.is_authenticated()
    assert reader.get_attributes()["Username"] == ["pat"]
    altered = base64.b64decode(posted["SAMLResponse"]).replace(b">pat<", b">sam<")
    forged = python3_saml(metadata, {"SAMLResponse": base64.b64encode(altered).decode()})
    forged.process_response(peer.get_last_request_id())
    assert not forged.is_authenticated()


@pytest.mark.req("SSI-NFR-3")
@pytest.mark.parametrize(
    ("url", "is_good"),
    [
        ("https://a.example/acs", True),
        ("https://a.example:8443/acs?x=1", True),
        ("http://127.0.0.1:9000/", True),
        ("javascript:alert(1)", False),
        ("https://a@b.example/", False),
        ("https://", False),
        ("https://a.example:99999/", False),
        ("https://a.example/;script-src *", False),
        ("https://a.example/#x", False),
        ("//a.example/", False),
        ("https://ä.example/", False),
    ],
)
def test_where_an_answer_may_be_posted(url: str, is_good: bool) -> None:
    assert is_address(url) is is_good

"""Log-ins at identity providers that others have written: pysaml2; python3-saml's signatures."""

import base64
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import Client
from django.utils import timezone
from lxml import etree

from meterdesk.federation.models import FailedLogIn, FederatedAccount, IdentityProvider
from meterdesk.federation.queries import service_provider
from meterdesk.federation.rules import DEFAULT_ATTRIBUTES
from meterdesk.federation.tests.factories import (
    DETAILS,
    Federation,
    certificate_of_today,
    leave,
    make_federation,
)
from meterdesk.kernel.saml import read_provider_metadata
from meterdesk.kernel.saml.tests.maker import CONTEXT, A, key, make_response

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.req("SSI-NFR-4", "SSI-NFR-13", "SSI-NFR-16"),
]
XMLSEC = shutil.which("xmlsec1")
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


@dataclass
class Peer:
    """A pysaml2 identity provider that knows us, and the organisation that enrolled it."""

    server: Any
    federation: Federation

    def answer(self, request_field: str, **signing: Any) -> str:
        """The form field that it posts in answer to a request."""
        from saml2.saml import NameID  # noqa: PLC0415  only where it is installed

        got = self.server.parse_authn_request(request_field, POST)
        response = self.server.create_authn_response(
            {"Roles": ["MI User"], "OrgID": [self.federation.user_id], **DETAILS},
            userid="ann",
            name_id=NameID(format=PERSISTENT, text="ann-7f3a"),
            authn={
                "class_ref": CONTEXT,
                "authn_auth": "https://idp.alder.example",
                "authn_instant": int(timezone.now().timestamp()),
            },
            **signing,
            **self.server.response_args(got.message),
        )
        return base64.b64encode(str(response).encode()).decode()


@pytest.fixture
def private_key(tmp_path: Path) -> Path:
    path = tmp_path / "key.pem"
    plain = (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    path.write_bytes(key("provider").private_bytes(*plain))
    return path


@pytest.fixture
def pysaml2(tmp_path: Path, private_key: Path) -> Peer:
    """Enrolled with the metadata that it gives out, as we are with ours."""
    if XMLSEC is None:
        pytest.skip("pysaml2 needs the program xmlsec1 (Debian: apt-get install xmlsec1).")
    config = pytest.importorskip("saml2.config")
    (tmp_path / "cert.pem").write_text(certificate_of_today().pem)
    (tmp_path / "us.xml").write_bytes(service_provider().metadata)
    policy = {
        "lifetime": {"minutes": 5},
        "name_form": "urn:oasis:names:tc:SAML:2.0:attrname-format:basic",
        "sign_alg": RSA_SHA256,
        "digest_alg": SHA256,
    }
    settings = config.IdPConfig().load(
        {
            "entityid": "https://idp.alder.example/pysaml2",
            "key_file": str(private_key),
            "cert_file": str(tmp_path / "cert.pem"),
            "xmlsec_binary": XMLSEC,
            "service": {
                "idp": {
                    "endpoints": {
                        "single_sign_on_service": [("https://idp.alder.example/sso", POST)]
                    },
                    "name_id_format": [PERSISTENT],
                    "policy": {"default": policy},
                }
            },
            "metadata": {"local": [str(tmp_path / "us.xml")]},
        }
    )
    metadata = pytest.importorskip("saml2.metadata").entity_descriptor(settings)
    read = read_provider_metadata(str(metadata).encode())
    assert read.problems(timezone.now()) == []
    federation = make_federation()
    IdentityProvider.objects.update(
        entity_id=read.entity_id,
        sso_url=read.sso_url,
        # It has a name of its own for this one.
        attribute_names={**DEFAULT_ATTRIBUTES, "email": "urn:mace:dir:attribute-def:email"},
    )
    server = pytest.importorskip("saml2.server").Server(config=settings)
    return Peer(server, federation)


def go(client: Client, answer: Callable[[str], str]) -> Any:
    """Leave for the provider, and come back with its answer."""
    request = etree.tostring(leave(client, "alder-energy"))
    field = answer(base64.b64encode(request).decode())
    answered = Client().post("/saml/acs/", {"SAMLResponse": field})
    return client.get(answered["Location"]) if answered.status_code == 303 else answered


@pytest.mark.parametrize(("assertion", "response"), [(True, False), (False, True), (True, True)])
def test_pysaml2_logs_people_in(client, pysaml2: Peer, assertion: bool, response: bool) -> None:
    signing = {
        "sign_assertion": assertion,
        "sign_response": response,
        "sign_alg": RSA_SHA256,
        "digest_alg": SHA256,
    }
    finished = go(client, lambda request: pysaml2.answer(request, **signing))
    assert finished.status_code == 302, FailedLogIn.objects.values("reason", "facts")
    assert FederatedAccount.objects.get().name_id == "ann-7f3a"
    assert "Ann Ash" in client.get("/welcome/").content.decode()


def test_what_pysaml2_does_not_sign_or_signs_with_sha1_is_refused(client, pysaml2: Peer) -> None:
    unsigned = {"sign_assertion": False, "sign_response": False}
    go(client, lambda request: pysaml2.answer(request, **unsigned))
    old = {
        "sign_assertion": True,
        "sign_response": False,
        "sign_alg": "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "digest_alg": "http://www.w3.org/2000/09/xmldsig#sha1",
    }
    go(client, lambda request: pysaml2.answer(request, **old))
    reasons = FailedLogIn.objects.order_by("pk").values_list("reason", flat=True)
    assert list(reasons) == ["not_signed", "sha1"]


@pytest.mark.parametrize("part", ["assertion", "response"])
def test_what_python3_saml_signs_is_accepted(client, private_key: Path, part: str) -> None:
    utils = pytest.importorskip("onelogin.saml2.utils").OneLogin_Saml2_Utils
    alder = make_federation()
    certificate = certificate_of_today().pem

    def signed(element: etree._Element) -> etree._Element:
        return etree.fromstring(
            utils.add_sign(
                etree.tostring(element, with_tail=False),
                private_key.read_text(),
                certificate,
                sign_algorithm=RSA_SHA256,
                digest_algorithm=SHA256,
            )
        )

    def answer(request_field: str) -> str:
        request = etree.fromstring(base64.b64decode(request_field))
        root = make_response(
            now=timezone.now().replace(microsecond=0),
            issuer=alder.provider.entity_id,
            audience=service_provider().entity_id,
            acs_url=service_provider().acs_url,
            request_id=request.get("ID"),
            attributes={"Roles": ["MI User"], "OrgID": [alder.user_id], **DETAILS},
        )
        inner = root.find(f"{A}Assertion")
        if part == "assertion":
            root.replace(inner, signed(inner))
        else:
            root = signed(root)
        return base64.b64encode(etree.tostring(root)).decode()

    finished = go(client, answer)
    assert finished.status_code == 302, FailedLogIn.objects.values("reason", "facts")

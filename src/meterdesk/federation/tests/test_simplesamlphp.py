"""A log-in at an identity provider that others have written and Debian packages."""

import base64
import html
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.test import Client
from django.utils import timezone
from lxml import etree

from meterdesk.federation.models import FailedLogIn, FederatedAccount, IdentityProvider
from meterdesk.federation.queries import service_provider
from meterdesk.federation.tests import simplesamlphp
from meterdesk.federation.tests.factories import (
    DETAILS,
    certificate_of_today,
    leave,
    make_federation,
)
from meterdesk.kernel.saml import read_provider_metadata
from meterdesk.kernel.saml.tests.maker import CONTEXT, key

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.req("SSI-NFR-4", "SSI-NFR-13", "SSI-NFR-15", "SSI-NFR-16"),
    pytest.mark.skipif(
        not simplesamlphp.is_installed(),
        reason="SimpleSAMLphp is missing (Debian: apt-get install simplesamlphp php8.2-cli).",
    ),
]


@pytest.mark.parametrize("part", ["assertion", "response"])
def test_simplesamlphp_logs_people_in(client: Client, tmp_path: Path, part: str) -> None:
    plain = (Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    (tmp_path / "key.pem").write_bytes(key("provider").private_bytes(*plain))
    (tmp_path / "cert.pem").write_text(certificate_of_today().pem)
    alder, service = make_federation(), service_provider()
    claims = {name: values[0] for name, values in DETAILS.items()}
    with simplesamlphp.serve(
        tmp_path,
        {"Roles": "MI User", "OrgID": alder.user_id, **claims},
        entity_id=service.entity_id,
        acs=service.acs_url,
        context=CONTEXT,
        sign_assertion="true" if part == "assertion" else "false",
        sign_response="true" if part == "response" else "false",
    ) as site:
        read = read_provider_metadata(simplesamlphp.metadata(site))
        assert read.problems(timezone.now(), plain_http=True) == []
        assert [one.fingerprint for one in read.certificates] == [
            certificate_of_today().fingerprint
        ]
        IdentityProvider.objects.update(entity_id=read.entity_id, sso_url=read.sso_url)
        request = base64.b64encode(etree.tostring(leave(client, "alder-energy"))).decode()
        field = html.unescape(simplesamlphp.post(read.sso_url, request))

    answered = Client().post("/saml/acs/", {"SAMLResponse": field})
    assert answered.status_code == 303, FailedLogIn.objects.values("reason", "facts")
    assert client.get(answered["Location"])["Location"] == "/welcome/"
    assert FederatedAccount.objects.get().name_id == "ann-7f3a"
    assert "Ann Ash" in client.get("/welcome/").content.decode()

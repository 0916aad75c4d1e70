"""Requests reach the portal at its own address, and both ends prove who they are (SSI-NFR-1)."""

import base64
from typing import Any

import pytest
from django.test import Client
from lxml import etree

from meterdesk.federation.tests.factories import make_federation
from meterdesk.identity.tests.factories import bearer, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.req("SSI-NFR-1")]

PUBLIC = "https://portal.example"


@pytest.fixture
def portal(settings: Any) -> Client:
    """The portal behind its proxy, as production has it."""
    settings.ALLOWED_HOSTS = ["portal.example", "also.example"]
    settings.PUBLIC_URL = PUBLIC
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    return Client(HTTP_HOST="portal.example")


def test_plain_http_leads_to_the_same_page_over_https_and_says_so_for_a_year(
    portal: Client,
) -> None:
    led = portal.get("/devices/?text=00-11")
    assert (led.status_code, led["Location"]) == (301, f"{PUBLIC}/devices/?text=00-11")
    assert "max-age=31536000" in portal.get("/login/", secure=True)["Strict-Transport-Security"]


def test_no_other_name_is_answered_and_none_is_passed_on(portal: Client) -> None:
    for path in ("/login/", "/api/v1/me", "/saml/metadata/"):
        stranger = portal.get(path, secure=True, HTTP_HOST="evil.example")
        assert stranger.status_code == 400
        assert b"evil.example" not in stranger.content
    metadata = portal.get("/saml/metadata/", secure=True, HTTP_HOST="also.example").content
    assert f"{PUBLIC}/saml/acs/".encode() in metadata
    assert b"also.example" not in metadata


def test_an_identity_provider_is_told_the_portal_s_own_address(portal: Client) -> None:
    alder = make_federation()
    page = portal.get(f"/saml/{alder.provider.slug}/", secure=True, HTTP_HOST="also.example")
    sent = page.content.decode().split('name="SAMLRequest" value="')[1].split('"')[0]
    request = etree.fromstring(base64.b64decode(sent))
    assert request.get("AssertionConsumerServiceURL") == f"{PUBLIC}/saml/acs/"
    assert request.get("Destination") == alder.provider.sso_url


def test_a_caller_proves_who_it_is_by_token_or_session_and_by_nothing_else(
    portal: Client,
) -> None:
    ann = make_person("ann")
    asked: dict[str, dict[str, Any]] = {
        "nothing": {},
        "a forged token": {"HTTP_AUTHORIZATION": "Bearer mdk_" + "x" * 43},
        "a password": {"HTTP_AUTHORIZATION": "Basic " + base64.b64encode(b"ann:x").decode()},
        "a header": {"HTTP_X_REMOTE_USER": "ann", "REMOTE_USER": "ann"},
    }
    for what, headers in asked.items():
        refused = portal.get("/api/v1/me", secure=True, **headers)
        assert refused.status_code == 401, what
        assert refused["WWW-Authenticate"].startswith("Bearer"), what
    assert portal.get("/api/v1/me", secure=True, **bearer(ann)).status_code == 200
    assert portal.get("/profile/", secure=True)["Location"].startswith("/login/")

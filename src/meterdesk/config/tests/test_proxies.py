"""Forwarded addresses count only when a trusted proxy says them."""

import ipaddress

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from meterdesk.config.proxies import TrustedProxies


@pytest.mark.req("SEC-1")
@pytest.mark.parametrize(
    ("peer", "forwarded", "address", "scheme"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9", "https"),
        ("10.0.0.1", "198.51.100.7, 203.0.113.9, 10.0.0.2", "203.0.113.9", "https"),
        ("10.0.0.1", "", "10.0.0.1", "https"),
        ("10.0.0.1", "203.0.113.9, nonsense", "10.0.0.1", "https"),
        ("192.0.2.1", "203.0.113.9", "192.0.2.1", "http"),
    ],
)
def test_who_asked(settings, peer: str, forwarded: str, address: str, scheme: str) -> None:
    settings.TRUSTED_PROXIES = (ipaddress.ip_network("10.0.0.0/8"),)
    seen: list[HttpRequest] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request)
        return HttpResponse()

    TrustedProxies(view)(
        RequestFactory().get(
            "/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded, HTTP_X_FORWARDED_PROTO="https"
        )
    )
    assert (seen[0].META["REMOTE_ADDR"], seen[0].scheme) == (address, scheme)
    assert "HTTP_X_FORWARDED_FOR" not in seen[0].META

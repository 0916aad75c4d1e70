"""Believing forwarded addresses from the operator's own proxies, and from nobody else."""

import ipaddress
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

_FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")


class TrustedProxies:
    """Put the asker's own address and scheme in place of the proxy's (METERDESK_TRUSTED_PROXIES).

    The address is the last one forwarded that is not itself a trusted proxy: what stands before
    it may be made up. From anybody else the headers are dropped.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Django's middleware protocol."""
        meta = request.META
        forwarded = [meta.pop(name, "") for name in _FORWARDED]
        if _is_trusted(meta.get("REMOTE_ADDR", "")):
            for address in reversed([part.strip() for part in forwarded[0].split(",")]):
                if not _is_address(address):
                    break
                meta["REMOTE_ADDR"] = address
                if not _is_trusted(address):
                    break
            if forwarded[1] in {"http", "https"}:
                meta["wsgi.url_scheme"] = forwarded[1]
        return self.get_response(request)


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_trusted(text: str) -> bool:
    if not _is_address(text):
        return False
    address = ipaddress.ip_address(text)
    return any(address in network for network in settings.TRUSTED_PROXIES)

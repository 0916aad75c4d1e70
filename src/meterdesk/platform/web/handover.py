"""Sending the browser on to another service with a form, as SAML's HTTP POST binding does."""

import re
from collections.abc import Mapping
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from meterdesk.platform.web.middleware import CONTENT_SECURITY_POLICY

_ORIGIN: Final = re.compile(
    r"https?://(?:[a-z0-9.-]+|\[[0-9a-f:]+\])(?::[0-9]{1,5})?(?=/|\?|\Z)", re.ASCII | re.IGNORECASE
)


def hand_over(
    request: HttpRequest, url: str, fields: Mapping[str, str], service: str
) -> HttpResponse:
    """A page that posts the fields to another service, by itself or by its one button.

    The security policy of this one answer lets a form go to that service's origin, too.

    Args:
        url: an http or https address that was checked before.
        service: what the person is taken to, in words.
    """
    found = _ORIGIN.match(url)
    if found is None:
        raise ValueError("A form can be handed over to a plain http or https address alone.")
    context = {"url": url, "fields": dict(fields), "service": service}
    response = render(request, "web/hand_over.html", context)
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "form-action 'self'", f"form-action 'self' {found[0]}"
    )
    return response

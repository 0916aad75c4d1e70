"""Sending the browser on to another service with a form, as SAML's HTTP POST binding does."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from meterdesk.platform.web.middleware import policy_for_form_to


def hand_over(
    request: HttpRequest, url: str, fields: Mapping[str, str], service: str
) -> HttpResponse:
    """A page that posts the fields to another service, by itself or by its one button.

    Args:
        url: an http or https address that was checked before.
        service: what the person is taken to, in words.
    """
    context = {"url": url, "fields": dict(fields), "service": service}
    response = render(request, "web/hand_over.html", context)
    response["Content-Security-Policy"] = policy_for_form_to(urlsplit(url).scheme)
    return response

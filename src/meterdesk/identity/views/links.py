"""Links sent by email: looked at without harm, used by a press of a button."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from meterdesk.identity import actions
from meterdesk.identity.forms import NewPasswordForm
from meterdesk.identity.rules.accounts import LinkPurpose
from meterdesk.kernel.errors import Refused


@never_cache
@require_http_methods(["GET", "POST"])
def use_link(request: Any, secret: str) -> HttpResponse:
    """Set a password, or confirm an email address; a GET changes nothing."""
    at, address = timezone.now(), request.META.get("REMOTE_ADDR", "")
    link = actions.open_link(secret, address, at=at)
    if link.purpose is LinkPurpose.EMAIL:
        return _confirm_email(request, secret, link)
    form = NewPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            password = form.cleaned_data["password"]
            username = actions.set_password_by_link(secret, password, address, at=at)
            messages.success(request, f"The password is set. Log in as {username}.")
            return HttpResponseRedirect(reverse("identity:log_in"))
        except Refused as refused:
            if not refused.fields:
                raise
            form.refuse(refused)
    status = 422 if form.errors else 200
    context = {"form": form, "link": link}
    return render(request, "identity/set_password.html", context, status=status)


def _confirm_email(request: Any, secret: str, link: actions.OpenLink) -> HttpResponse:
    if request.method != "POST":
        return render(request, "identity/confirm_email.html", {"link": link})
    address = request.META.get("REMOTE_ADDR", "")
    email = actions.confirm_email_by_link(secret, address, at=timezone.now())
    messages.success(request, f"{email} is confirmed.")
    return HttpResponseRedirect(reverse("identity:profile"))

"""One account: opened, edited, unlocked, reset, deleted (SSI-FR-60, 61)."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import DeletePersonForm, NewPersonForm, PersonForm, ResetForm
from meterdesk.identity.rules.accounts import Credential
from meterdesk.identity.views.proof import asks_for_proof, entered, weighty
from meterdesk.kernel.errors import Refused


@require_http_methods(["GET", "POST"])
def new_person(request: Any) -> HttpResponse:
    """Open an account (SSI-FR-61); a password is shown in the answer and never again."""
    at = timezone.now()
    organisations = queries.administered_organisations(request.actor)
    chosen = request.GET.get("organisation", "")
    organisation_id = int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None
    offered = queries.offer(request.actor, at, organisation_id=organisation_id)
    form = NewPersonForm(entered(request), offered=offered)
    if request.method == "POST" and form.is_valid():
        if form.details.administers and (asked := asks_for_proof(request)):
            return asked
        try:
            created = actions.create_account(
                request.actor,
                form.cleaned_data["username"],
                form.details,
                Credential(form.cleaned_data["credential"]),
                offered.organisation_id,
                at=at,
            )
            return _credential_given(request, created, "created", form.details.email)
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "new_person", form, offered=offered, organisations=organisations)


@require_http_methods(["GET", "POST"])
def one_person(request: Any, person_id: int) -> HttpResponse:
    """Read and edit an account; username and status are not editable (SSI-FR-60)."""
    at = timezone.now()
    record = queries.person(request.actor, person_id, at=at)
    offered = queries.offer(request.actor, at, record)
    form = PersonForm(entered(request), offered=offered, record=record)
    if request.method == "POST" and form.is_valid():
        is_new = form.details.administers and not record.administers
        if is_new and (asked := asks_for_proof(request)):
            return asked
        try:
            version = form.cleaned_data["version"] or 0
            after = actions.edit_account(request.actor, person_id, form.details, version, at=at)
            if after != version:
                messages.success(
                    request,
                    f"{record.row.username} is changed, with effect at once. "
                    "An email tells them what is different.",
                )
            else:
                messages.info(request, "Nothing was different, so nothing was changed.")
            return HttpResponseRedirect(reverse("identity:person", args=[person_id]))
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "person", form, record=record, offered=offered)


@require_POST
def unlock(request: Any, person_id: int) -> HttpResponse:
    """Lift a lock."""
    version = request.POST.get("version", "")
    if not version.isdecimal():
        raise Refused("The form is not complete. Load the page again.", status=400)
    username = actions.unlock_person(request.actor, person_id, int(version), at=timezone.now())
    messages.success(request, f"{username} is unlocked and can log in again.")
    return HttpResponseRedirect(reverse("identity:people"))


@require_http_methods(["GET", "POST"])
@weighty
def reset(request: Any, person_id: int) -> HttpResponse:
    """Replace a password; a new one is shown in the answer and never again."""
    at = timezone.now()
    record = queries.person(request.actor, person_id, at=at)
    form = ResetForm(entered(request), initial={"version": record.row.version})
    if request.method == "POST" and form.is_valid():
        try:
            done = actions.reset_account(
                request.actor,
                person_id,
                Credential(form.cleaned_data["credential"]),
                form.cleaned_data["version"],
                at=at,
            )
            return _credential_given(request, done, "reset", record.email)
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "reset_person", form, record=record)


@require_http_methods(["GET", "POST"])
@weighty
def delete(request: Any, person_id: int) -> HttpResponse:
    """Delete an account after its username has been entered once more."""
    at = timezone.now()
    record = queries.person(request.actor, person_id, at=at)
    form = DeletePersonForm(
        entered(request),
        initial={"version": record.row.version},
        expected=record.row.username,
    )
    if request.method == "POST" and form.is_valid():
        try:
            version = form.cleaned_data["version"]
            username = actions.delete_account(request.actor, person_id, version, at=at)
            messages.success(
                request,
                f"{username} is deleted: logged out everywhere, tokens revoked. The record stays.",
            )
            return HttpResponseRedirect(reverse("identity:people"))
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "delete_person", form, record=record)


def _credential_given(
    request: Any, done: actions.AccountCreated, what: str, email: str
) -> HttpResponse:
    """The password on a page of its own, or word of the link."""
    record = queries.person(request.actor, done.person_id, at=timezone.now())
    context = {"done": done, "what": what, "email": email, "record": record}
    return render(request, "identity/credential.html", context)


def _page(request: Any, name: str, form: Any, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    return render(request, f"identity/{name}.html", {"form": form, **context}, status=status)

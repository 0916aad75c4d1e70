"""Service accounts, for those who administer an organisation (FSM-17)."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from meterdesk.identity import actions, queries
from meterdesk.identity.actions import NewToken
from meterdesk.identity.forms import CloseForm, ServiceAccountFilter, ServiceAccountForm
from meterdesk.identity.views.proof import weighty
from meterdesk.identity.views.tokens import shown_once, token_form
from meterdesk.kernel.errors import Refused
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

SERVICE_ACCOUNTS: Final = tables.register(
    tables.Table(
        "service-accounts",
        (
            Column("username", "Username", always=True),
            Column("name", "Name"),
            Column("organisation", "Organisation"),
            Column("purpose", "Purpose"),
            Column("state", "State"),
            Column("used", "Last used"),
        ),
    )
)


@require_GET
def list_accounts(request: Any) -> HttpResponse:
    """The service accounts that one administers."""
    form = ServiceAccountFilter(request.GET)
    without = () if request.actor.is_operator else ("organisation",)
    table = tables.view_of(request.actor, SERVICE_ACCOUNTS, without=without)
    chosen = form.cleaned_data if form.is_valid() else {}
    page = queries.service_accounts(
        request.actor,
        table.page(request.GET.get("after")),
        text=chosen.get("text", ""),
        closed=bool(chosen.get("closed")),
    )
    context = {"form": form, "page": page, "table": table}
    return render(request, "identity/service_accounts.html", context)


@require_http_methods(["GET", "POST"])
def new_account(request: Any) -> HttpResponse:
    """Open a service account of one's own organisation."""
    offered = queries.service_offer(request.actor, timezone.now())
    form = ServiceAccountForm(request.POST or None, offered=offered)
    if request.method == "POST" and form.is_valid():
        try:
            account_id = actions.open_service_account(
                request.actor,
                form.cleaned_data["username"],
                form.details,
                form.organisation_id,
                at=timezone.now(),
            )
            messages.success(request, "The service account is open. Now create a token for it.")
            return HttpResponseRedirect(reverse("identity:service_account", args=[account_id]))
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "new_service_account", form, offered=offered)


@require_http_methods(["GET", "POST"])
def one_account(request: Any, account_id: int) -> HttpResponse:
    """Read and change a service account; its tokens."""
    record = queries.service_account(request.actor, account_id, timezone.now())
    offered = queries.service_offer(request.actor, timezone.now(), record)
    form = ServiceAccountForm(request.POST or None, offered=offered, record=record)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_service_account(
                request.actor,
                account_id,
                form.details,
                form.cleaned_data["version"] or 0,
                at=timezone.now(),
            )
            messages.success(request, f"{record.row.username} is changed, with effect at once.")
            return HttpResponseRedirect(reverse("identity:service_account", args=[account_id]))
        except Refused as refused:
            form.refuse(refused)
    return _page(request, "service_account", form, record=record, offered=offered)


@require_http_methods(["GET", "POST"])
@weighty
def new_token(request: Any, account_id: int) -> HttpResponse:
    """Create a token of a service account; its secret is shown in the answer and never again."""
    at = timezone.now()
    record = queries.service_account(request.actor, account_id, at)
    back = reverse("identity:service_account", args=[account_id])
    form = token_form(request, list(record.components), at)
    if request.method == "POST" and form.is_valid():
        limited = form.limited_to
        new = NewToken(
            form.cleaned_data["name"],
            form.expires_at,
            None if limited is None else tuple(limited),
            form.bound_to,
        )
        try:
            _, secret = actions.create_service_token(request.actor, account_id, new, at=at)
            return shown_once(request, secret, form.expires_at, back)
        except Refused as refused:
            form.refuse(refused)
    context = {"form": form, "back": back, "back_label": record.row.username}
    return render(request, "identity/token.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
def close_account(request: Any, account_id: int) -> HttpResponse:
    """Close a service account, after saying what that does."""
    record = queries.service_account(request.actor, account_id, timezone.now())
    form = CloseForm(request.POST or None, initial={"version": record.version})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if given["username"].strip().lower() != record.row.username.lower():
            form.add_error("username", f"Type {record.row.username}.")
        else:
            actions.close_service_account(
                request.actor, account_id, given["version"], at=timezone.now()
            )
            messages.success(request, f"{record.row.username} is closed, its tokens are revoked.")
            return HttpResponseRedirect(reverse("identity:service_accounts"))
    return _page(request, "close_service_account", form, record=record)


def _page(request: Any, template: str, form: Any, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    page = f"identity/{template}.html"
    return render(request, page, {"form": form, **context}, status=status)

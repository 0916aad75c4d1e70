"""Networks that organisations may come from: requests, decisions, reviews (FSM-12)."""

from typing import Any, Final

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods

from meterdesk.identity import actions, queries
from meterdesk.identity.forms import (
    NetworkFilter,
    NetworkRecordForm,
    NetworkRequestForm,
    NetworkStepForm,
)
from meterdesk.identity.queries import NetworkRow, NetworkSearch
from meterdesk.identity.rules import NETWORK_STEPS, DeskPermission, NetworkKind, NetworkVerb
from meterdesk.identity.views.log_in import safe_target
from meterdesk.identity.views.proof import asks_for_proof, entered, weighty
from meterdesk.kernel.errors import Conflict, NotVisible, Refused
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

NETWORKS: Final = tables.register(
    tables.Table(
        "networks",
        (
            Column("cidr", "Network", {"Network": "cidr"}, always=True),
            Column("organisation", "Organisation", {"Organisation": "organisation_name"}),
            Column("kind", "Kind", {"Kind": lambda one: one.kind.word}),
            Column("state", "State", {"State": lambda one: one.state.word}),
            Column("review", "Review by", {"Review by": "review_date"}),
            Column("requested", "Requested", {"Requested": "requested_at"}),
        ),
    )
)


def _decides(request: Any) -> bool:
    return bool(request.actor.sees_everything(DeskPermission.ACCOUNTS))


@require_GET
def list_networks(request: Any) -> HttpResponse:
    """Those of one's organisation; all of them for who decides."""
    form, table = NetworkFilter(request.GET), _table(request)
    context = {
        "form": form,
        "table": table,
        "page": _found(request, form, table.page(request.GET.get("after"))),
        "decides": _decides(request),
        "enforced": settings.METERDESK_ENFORCE_NETWORKS,
        "address": request.META.get("REMOTE_ADDR", ""),
        "today": timezone.localdate(),
    }
    return render(request, "identity/networks.html", context)


@require_GET
def download(request: Any) -> StreamingHttpResponse:
    """The same networks as CSV to be saved."""
    form = NetworkFilter(request.GET)
    return tables.export(
        request, _table(request), lambda page: _found(request, form, page), at=timezone.now()
    )


def _table(request: Any) -> tables.TableView:
    without = () if _decides(request) else ("organisation",)
    return tables.view_of(request.actor, NETWORKS, without=without)


def _found(request: Any, form: NetworkFilter, page: PageRequest) -> Page[NetworkRow]:
    chosen = form.cleaned_data if form.is_valid() else {}
    search = NetworkSearch(
        state=chosen.get("state", ""),
        kind=chosen.get("kind", ""),
        text=chosen.get("text", ""),
        overdue=bool(chosen.get("overdue")),
    )
    return queries.networks(request.actor, search, page, today=timezone.localdate())


@require_http_methods(["GET", "POST"])
def request_access(request: Any) -> HttpResponse:
    """Ask for access over the internet, with grounds."""
    form = NetworkRequestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            network_id = actions.request_network(
                request.actor, **form.cleaned_data, at=timezone.now()
            )
            messages.success(
                request,
                "The request is with the operator, who decides on it and sets a review date. You "
                "will be told by email.",
                extra_tags="network-new",
            )
            return HttpResponseRedirect(reverse("identity:network", args=[network_id]))
        except Refused as refused:
            form.refuse(refused)
    return _form_page(request, form, "Request access over the internet", "Request")


@require_http_methods(["GET", "POST"])
@weighty
def record(request: Any) -> HttpResponse:
    """Record a network of an organisation as approved, a gateway connection for one."""
    organisations = queries.organisations_by_name(request.actor)
    form = NetworkRecordForm(
        entered(request),
        organisations=organisations,
        initial={"organisation": request.GET.get("organisation", "")},
    )
    back = safe_target(request.GET.get("next", ""))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            network_id = actions.record_network(
                request.actor,
                int(given["organisation"]),
                NetworkKind(given["kind"]),
                given["cidr"],
                given["grounds"],
                given["review_date"],
                at=timezone.now(),
            )
            done = "The network is approved, with effect at once."
            messages.success(request, done, extra_tags="network-new")
            return HttpResponseRedirect(back or reverse("identity:network", args=[network_id]))
        except Refused as refused:
            form.refuse(refused)
    return _form_page(request, form, "Record a network", "Record as approved", back)


def _form_page(
    request: Any, form: NetworkRequestForm, title: str, button: str, back: str = ""
) -> HttpResponse:
    back_url = back or reverse("identity:networks")
    context = {
        "form": form,
        "title": title,
        "button": button,
        "back_url": back_url,
        "back_label": "Back" if back else "Networks",
    }
    status = 422 if form.errors else 200
    return render(request, "identity/network_form.html", context, status=status)


@require_GET
def one_network(request: Any, network_id: int) -> HttpResponse:
    """One network: its grounds, what may be done, its history."""
    network = queries.network(request.actor, network_id)
    context = {"network": network, "row": network.row, "today": timezone.localdate()}
    return render(request, "identity/network.html", context)


@require_http_methods(["GET", "POST"])
def take_step(request: Any, network_id: int, verb: str) -> HttpResponse:
    """Ask for the reason of a step, say what happens next, and take it.

    One that lets somebody in asks for fresh proof.
    """
    if verb not in set(NetworkVerb):
        raise NotVisible()
    network, step = queries.network(request.actor, network_id), NETWORK_STEPS[NetworkVerb(verb)]
    if step not in network.steps:
        raise Conflict(f"{network.row.cidr} is {network.row.state.word.lower()}: not now.")
    if step.lets_in and (proof := asks_for_proof(request)):
        return proof
    form = NetworkStepForm(entered(request), step=step, initial={"version": network.version})
    if request.method == "POST" and form.is_valid():
        try:
            actions.take_network_step(
                request.actor,
                network_id,
                step.verb,
                form.cleaned_data["why"],
                version=form.cleaned_data["version"],
                review_date=form.cleaned_data.get("review_date"),
                at=timezone.now(),
            )
            messages.success(request, f"{network.row.cidr} is {step.done}.")
            return HttpResponseRedirect(reverse("identity:network", args=[network_id]))
        except Refused as refused:
            if not refused.fields:
                raise
            form.refuse(refused)
    context = {"form": form, "network": network, "row": network.row, "step": step}
    status = 422 if form.errors else 200
    return render(request, "identity/network_step.html", context, status=status)

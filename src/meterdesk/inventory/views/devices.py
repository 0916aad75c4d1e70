"""Inventory screens: search, and a Device with everything it hangs together with."""

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from meterdesk.identity.queries import ActorRequest
from meterdesk.identity.rules import Actor
from meterdesk.inventory.access import COMPONENT, is_network_party, pre_notifies_as
from meterdesk.inventory.forms import InventorySearchForm
from meterdesk.inventory.queries import (
    AssociatedDevice,
    DeviceDetails,
    device,
    device_for,
    freshness,
    lineage,
    product,
    products_list,
    responsible_on,
    search_devices,
    tree_of,
)
from meterdesk.inventory.rules import Branch, DeviceType
from meterdesk.inventory.views import on_day
from meterdesk.kernel.errors import NotVisible, Refused
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

DEEPEST: Final = 6
"""Levels a tree is drawn with; what hangs deeper is drawn at the last."""

DEVICES: Final = tables.register(
    tables.Table(
        "devices",
        (
            Column("device_id", "Device ID", always=True),
            Column(
                "device_type",
                "Type",
                {"Device Type": "device_type", "Type": lambda row: row.device_type.label},
            ),
            Column("mpxn", "MPxN"),
            Column("status", "SMI Status"),
            Column("status_at", "Since"),
            Column("property", "Property"),
            Column("postcode", "Postcode"),
            Column("uprn", "UPRN"),
        ),
    )
)


@require_safe
def search(request: ActorRequest) -> HttpResponse:
    """Inventory search and its results; filters stand in the address (SSI-FR-2, SSI-FR-3)."""
    asked = any(request.GET.get(name) for name in InventorySearchForm.base_fields)
    form = InventorySearchForm(request.GET if asked else None)
    context: dict[str, Any] = {
        "form": form,
        "asked": asked,
        "as_of": freshness(),
        "may_pre_notify": bool(pre_notifies_as(request.actor)),
        "is_network": is_network_party(request.actor),
    }
    if asked and form.is_valid():
        actor = request.actor
        context["table"] = table = tables.view_of(actor, DEVICES)
        context["page"] = search_devices(actor, form.search, table.page(request.GET.get("after")))
        context["include_url"] = _including(request)
    status = 422 if form.errors else 200
    return render(request, "inventory/search.html", context, status=status)


@require_GET
def download(request: ActorRequest) -> StreamingHttpResponse:
    """Every Device that fits the search, as CSV to be saved (SSI-FR-3, SSI-FR-70)."""
    form, actor = InventorySearchForm(request.GET), request.actor
    if not form.is_valid() or not form.search.given():
        raise Refused("Search first, then download what was found.", code="no_search")
    return tables.export(
        request,
        tables.view_of(actor, DEVICES),
        lambda page: search_devices(actor, form.search, page),
        at=timezone.now(),
    )


def _including(request: ActorRequest) -> str:
    query = request.GET.copy()
    query["include_uncommissioned"] = "on"
    query.pop("after", None)
    return f"?{query.urlencode()}"


@require_safe
def open_details(request: ActorRequest) -> HttpResponse:
    """The details opened by MPxN, Device ID, UPRN or postcode and property (SSI-FR-4).

    Goes on to the Device when the criteria lead to one home, otherwise to the search.
    """
    form = InventorySearchForm(request.GET)
    if form.is_valid() and (device_id := device_for(request.actor, form.search)):
        return redirect("inventory:device", device_id=device_id)
    return redirect(f"{reverse('inventory:search')}?{request.GET.urlencode()}")


@require_safe
def details(request: ActorRequest, device_id: str) -> HttpResponse:
    """A Device, its status history and the Devices it hangs together with (SSI-FR-5)."""
    canonical = parse_eui(device_id)
    if canonical != device_id:
        return redirect("inventory:device", device_id=canonical)
    actor, now = request.actor, timezone.now()
    found = device(actor, canonical)
    if found is None:
        raise NotVisible("There is no Device with this Device ID in the inventory.")
    context = {
        "device": found,
        "facts": _facts(found),
        "listed": _listed(found),
        "told": lineage(actor, found),
        "tree": _nested(found),
        "links": _links(actor, found),
        "raise_url": _address(actor, "UC_RaiseSMI", "incidents:raise", {}, _this(found)),
        "as_of": freshness(),
        **on_day.responsible_on(request, now, lambda on: responsible_on(actor, canonical, on, now)),
    }
    status = 422 if context["on_form"].errors else 200
    return render(request, "inventory/device.html", context, status=status)


@dataclass(frozen=True, slots=True)
class Fact:
    """One detail; identifiers get a button that copies them."""

    label: str
    value: Any
    identifier: bool = False


_FACTS: Final = (
    ("manufacturer", "Manufacturer"),
    ("model", "Device Model"),
    ("firmware_version", "Firmware version"),
    ("smets_chts_version", "SMETS or CHTS version"),
    ("gbcs_version", "GBCS version"),
    ("esme_variant", "ESME Variant"),
    ("import_mpxn", "MPxN"),
    ("secondary_import_mpan", "Secondary MPAN"),
    ("export_mpan", "Export MPAN"),
    ("csp_region", "CSP region"),
    ("wan_technology", "WAN technology"),
    ("hub_variant", "HAN variant"),
    ("connectivity", "Connectivity"),
    ("s1sp", "SMETS1 service provider"),
    ("property", "First line of address"),
    ("postcode", "Postcode"),
    ("uprn", "UPRN"),
    ("commissioned_date", "Commissioned on"),
    ("installed_date", "Installed on"),
)
_IDENTIFIERS: Final = frozenset({"import_mpxn", "secondary_import_mpan", "export_mpan", "uprn"})
_ONLY_WHEN_GIVEN: Final = frozenset(
    {"secondary_import_mpan", "export_mpan", "s1sp", "connectivity"}
)


def _facts(found: DeviceDetails) -> list[Fact]:
    """What applies to this type; a detail that few Devices have only when it was given."""
    return [
        Fact(label, getattr(found, name), name in _IDENTIFIERS)
        for name, label in _FACTS
        if found.shows(name) and (getattr(found, name) or name not in _ONLY_WHEN_GIVEN)
    ]


def _listed(found: DeviceDetails) -> str:
    """What the products list says of model and firmware, as a sentence; nothing for Type 2."""
    if found.device_type.is_type_2:
        return ""
    entry = product(found.manufacturer, found.model, found.firmware_version)
    if entry:
        return f"{entry.status}, entry {entry.entry_number} of version {entry.version}"
    newest = products_list()
    if newest is None:
        return "No products list has been taken in"
    return f"This model with this firmware is not on version {newest.version}"


@dataclass(frozen=True, slots=True)
class Node:
    """A Device of a tree with those below it; `url` is empty for the Device of the page."""

    device: AssociatedDevice
    url: str
    branches: list["Node"] = field(default_factory=list)


def _nested(found: DeviceDetails) -> list[Node]:
    devices = {one.device_id: one for one in found.closure}
    roots: list[Node] = []
    above: list[Node] = []
    for branch in tree_of(found.closure):
        one = devices[branch.device_id]
        known = one.device_type is not None and one.device_id != found.device_id
        url = reverse("inventory:device", kwargs={"device_id": one.device_id}) if known else ""
        node = Node(one, url)
        del above[_level(branch) :]
        (above[-1].branches if above else roots).append(node)
        above.append(node)
    return roots


def _level(branch: Branch) -> int:
    return min(branch.depth, DEEPEST)


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a page that has already searched."""

    label: str
    url: str
    icon: str


_Offer = tuple[str, str, str, str, dict[str, str], dict[str, str]]


def _links(actor: Actor, found: DeviceDetails) -> list[Link]:
    """What else can be looked at for this Device, as far as this actor may."""
    hub = next((one for one in found.closure if one.device_type is DeviceType.CHF), None)
    place = {"postcode": found.postcode or "", "property": found.property}
    of_point, of_hub = {"mpxn": found.mpxn or ""}, {"device_id": hub.device_id if hub else ""}
    offered: tuple[_Offer, ...] = (
        ("Premises", "house", COMPONENT, "premises:premises", of_point, {}),
        ("Audit trail", "history", "UC_ServiceAudit", "trail:search", {}, _this(found)),
        ("Meter reads", "gauge", "UC_MeterRead", "trail:meter_reads", {}, _this(found)),
        ("Coverage", "radio-tower", "UC_CSPCoverage", "coverage:search", {}, place),
        ("Hub status", "router", "UC_HubStatus", "hubs:status", of_hub, {}),
    )
    left_out = {
        "premises:premises": not found.mpxn,
        "coverage:search": not found.postcode,
        "hubs:status": hub is None,
    }
    return [
        Link(label, url, icon)
        for label, icon, component, name, path, query in offered
        if not left_out.get(name) and (url := _address(actor, component, name, path, query))
    ]


def _this(found: DeviceDetails) -> dict[str, str]:
    return {"device_id": found.device_id}


def _address(
    actor: Actor, component: str, name: str, path: dict[str, str], query: dict[str, str]
) -> str:
    """A page of an app above, or nothing where the actor may not use it or there is none."""
    if not actor.may_use(component):
        return ""
    try:
        url = reverse(name, kwargs=path)
    except NoReverseMatch:
        return ""
    return f"{url}?{urlencode(query)}" if query else url

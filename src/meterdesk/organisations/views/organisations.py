"""The operator's screens of organisations: list, page, onboarding, suspension, off-boarding."""

from typing import Any, Final

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from meterdesk.identity.actions import FirstAdministrator
from meterdesk.identity.rules import OrganisationKind, Suspension, UserRole
from meterdesk.identity.views.proof import entered, weighty
from meterdesk.kernel.errors import NotVisible, Refused
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.kernel.paging import Page, PageRequest
from meterdesk.organisations import actions, queries
from meterdesk.organisations.forms import (
    AdministratorForm,
    ClosingForm,
    NameForm,
    OrganisationsFilter,
    SuspensionForm,
    TakeUpForm,
    UserIdForm,
)
from meterdesk.organisations.queries import OrganisationPage, OrganisationRow
from meterdesk.organisations.views.submitting import submitted
from meterdesk.platform import parts, tables
from meterdesk.platform.tables import Column

ORGANISATION_PAGE: Final = "organisations.organisation"
"""The page that apps above may register parts for (platform.parts)."""
_STEPS: Final = {
    "user-ids": ("Give a UserId", "organisations:give_user_id"),
    "officers": ("Record an officer", "organisations:new_officer"),
    "administrator": ("Make the administrator", "organisations:administrator"),
}
ORGANISATIONS: Final = tables.register(
    tables.Table(
        "organisations",
        (
            Column("name", "Name", sort="name", always=True),
            Column("kind", "Kind", {"Kind": "kind_word"}),
            Column("standing", "Standing", {"Standing": "standing_word"}),
            Column("user_ids", "UserIds", {"UserIds": lambda row: " ".join(row.user_ids)}),
            Column("people", "People", {"People": "people"}),
            Column("administrators", "Administrators", {"Administrators": "administrators"}),
        ),
        sort="name",
    )
)


@require_safe
def list_organisations(request: Any) -> HttpResponse:
    """Every organisation, for the operator."""
    form, table = OrganisationsFilter(request.GET), tables.view_of(request.actor, ORGANISATIONS)
    page = _found(request, form, table.page(request.GET.get("after")))
    context = {"form": form, "page": page, "table": table}
    return render(request, "organisations/list.html", context)


@require_safe
def export(request: Any) -> StreamingHttpResponse:
    """The same organisations as CSV."""
    form = OrganisationsFilter(request.GET)
    table = tables.view_of(request.actor, ORGANISATIONS)
    return tables.export(
        request, table, lambda page: _found(request, form, page), at=timezone.now()
    )


def _found(request: Any, form: OrganisationsFilter, page: PageRequest) -> Page[OrganisationRow]:
    search = form.search(descending=request.GET.get("sort") == "-name")
    return queries.organisations(request.actor, search, page)


@require_POST
def send_link_again(request: Any, organisation_id: int) -> HttpResponse:
    """A fresh set-up link for the first administrator."""
    address = actions.send_link_again(request.actor, organisation_id, at=timezone.now())
    return _back(request, organisation_id, f"A fresh set-up link is on its way to {address}.")


@require_safe
def organisation(request: Any, organisation_id: int) -> HttpResponse:
    """Everything about one organisation."""
    at = timezone.now()
    found = queries.organisation(request.actor, organisation_id, at=at)
    more = parts.parts_of(ORGANISATION_PAGE, request.actor, organisation_id)
    context = {
        "page": found,
        "one": found.record,
        "parts": more,
        "onboarding": [(step, *_where(found, step.key)) for step in found.onboarding],
        "record_network_url": _record_network(organisation_id),
        "now": at,
        "today": timezone.localdate(at),
    }
    return render(request, "organisations/organisation.html", context)


def _where(found: OrganisationPage, key: str) -> tuple[str, str]:
    """What the button of a step of the onboarding says, and where it leads; nothing before its
    time.
    """
    number = found.record.id
    if key in _STEPS and (key != "administrator" or found.record.user_ids):
        label, name = _STEPS[key]
        return label, reverse(name, args=[number])
    match key:
        case "signature" if found.responsible:
            one = found.responsible[0].id
            return "Say how", reverse("organisations:officer", args=[number, one])
        case "networks":
            return "Record a network", _record_network(number)
        case "people":
            return "Create an account", f"{reverse('identity:new_person')}?organisation={number}"
    return "", ""


def _record_network(organisation_id: int) -> str:
    back = reverse("organisations:organisation", args=[organisation_id])
    return f"{reverse('identity:record_network')}?organisation={organisation_id}&next={back}"


@require_http_methods(["GET", "HEAD", "POST"])
def take_up(request: Any) -> HttpResponse:
    """The first step: name and kind."""
    form = TakeUpForm(request.POST or None, initial={"kind": OrganisationKind.PARTY})

    def save(given: dict[str, Any]) -> HttpResponse:
        kind = OrganisationKind(given["kind"])
        number = actions.take_up(request.actor, given["name"], kind, at=timezone.now())
        messages.success(request, f"{given['name']} is taken up. Go on with its onboarding.")
        return redirect("organisations:organisation", organisation_id=number)

    return submitted(request, form, save, "organisations/take_up.html", {})


@require_http_methods(["GET", "HEAD", "POST"])
def rename(request: Any, organisation_id: int) -> HttpResponse:
    """A name to correct."""
    found = _page(request, organisation_id)
    initial = {"name": found.record.name, "version": found.record.version}

    def save(given: dict[str, Any]) -> HttpResponse:
        actions.rename(
            request.actor, organisation_id, given["name"], given["version"], at=timezone.now()
        )
        return _back(request, organisation_id, "The name is changed.")

    form = NameForm(request.POST or None, initial=initial)
    return submitted(
        request, form, save, "organisations/step.html", _titled(found, "Change the name")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def give_user_id(request: Any, organisation_id: int) -> HttpResponse:
    """A UserId with its role."""
    found = _page(request, organisation_id)

    def save(given: dict[str, Any]) -> HttpResponse:
        eui = actions.give_user_id(
            request.actor, organisation_id, given["eui"], UserRole(given["role"]), at=timezone.now()
        )
        return _back(request, organisation_id, f"The UserId {eui} is given.")

    context = _titled(found, "Give a UserId")
    return submitted(
        request, UserIdForm(request.POST or None), save, "organisations/step.html", context
    )


@require_http_methods(["GET", "HEAD", "POST"])
@weighty
def administrator(request: Any, organisation_id: int) -> HttpResponse:
    """The first administrator, and nothing more there (FSM-9)."""
    found = _page(request, organisation_id)

    def save(given: dict[str, Any]) -> HttpResponse:
        new = FirstAdministrator(**given)
        at = timezone.now()
        actions.make_first_administrator(request.actor, organisation_id, new, at=at)
        done = f"{given['username']} administers {found.record.name}. A set-up link is on its way."
        return _back(request, organisation_id, done)

    context = _titled(found, "Make the first administrator") | {
        "lead": "This person creates all further accounts, without the operator's part in it."
    }
    form = AdministratorForm(entered(request))
    return submitted(request, form, save, "organisations/step.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def suspension(request: Any, organisation_id: int) -> HttpResponse:
    """Suspend the organisation, or lift it."""
    found = _page(request, organisation_id)
    one = found.record

    def save(given: dict[str, Any]) -> HttpResponse:
        level = Suspension(given["level"])
        actions.suspend(
            request.actor,
            organisation_id,
            level,
            given["reason"],
            given["version"],
            at=timezone.now(),
        )
        return _back(request, organisation_id, f"{one.name}: {level.word.lower()}.")

    initial = {"level": one.suspension, "reason": one.suspension_reason, "version": one.version}
    form = SuspensionForm(request.POST or None, initial=initial)
    context = _titled(found, "Suspend or lift") | {"whole": True}
    return submitted(request, form, save, "organisations/suspension.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def user_id_suspension(request: Any, organisation_id: int, eui: str) -> HttpResponse:
    """Suspend one UserId, or lift it."""
    found = _page(request, organisation_id)
    one = next((one for one in found.record.user_ids if one.eui == _canonical(eui)), None)
    if one is None:
        raise NotVisible()

    def save(given: dict[str, Any]) -> HttpResponse:
        level = Suspension(given["level"])
        actions.suspend_one_user_id(
            request.actor, one.eui, level, given["reason"], given["version"], at=timezone.now()
        )
        return _back(request, organisation_id, f"{one.eui}: {level.word.lower()}.")

    initial = {"level": one.suspension, "reason": one.suspension_reason, "version": one.version}
    form = SuspensionForm(request.POST or None, initial=initial)
    context = _titled(found, f"Suspend or lift {one.eui}") | {"whole": False}
    return submitted(request, form, save, "organisations/suspension.html", context)


def _canonical(eui: str) -> str:
    try:
        return parse_eui(eui)
    except Refused:
        raise NotVisible() from None


@require_http_methods(["GET", "HEAD", "POST"])
def off_board(request: Any, organisation_id: int) -> HttpResponse:
    """End an organisation's access for good, consequences first."""
    found = _page(request, organisation_id)

    def save(given: dict[str, Any]) -> HttpResponse:
        actions.off_board(
            request.actor, organisation_id, given["reason"], given["version"], at=timezone.now()
        )
        return _back(request, organisation_id, f"{found.record.name} is off-boarded.")

    form = ClosingForm(
        found.record.name, request.POST or None, initial={"version": found.record.version}
    )
    return submitted(
        request, form, save, "organisations/off_board.html", _titled(found, "Off-board")
    )


@require_POST
def bring_back(request: Any, organisation_id: int) -> HttpResponse:
    """Begin the onboarding of an off-boarded organisation again."""
    version = request.POST.get("version", "")
    if not version.isdecimal() or len(version) > 9:
        raise Refused("The form is not complete. Load the page again.", status=400)
    actions.bring_back(request.actor, organisation_id, int(version), at=timezone.now())
    return _back(request, organisation_id, "Its onboarding has begun again.")


def _page(request: Any, organisation_id: int) -> OrganisationPage:
    return queries.organisation(request.actor, organisation_id, at=timezone.now())


def _titled(found: OrganisationPage, title: str) -> dict[str, Any]:
    return {"page": found, "one": found.record, "title": title}


def _back(request: Any, organisation_id: int, done: str) -> HttpResponse:
    messages.success(request, done)
    return redirect("organisations:organisation", organisation_id=organisation_id)

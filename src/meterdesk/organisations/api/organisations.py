"""Endpoints: organisations, for the operator's administrators (FSM-9)."""

from typing import Annotated, Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Status

from meterdesk.identity.actions import FirstAdministrator
from meterdesk.identity.api.proof import require_proof
from meterdesk.identity.queries import ActorRequest, OrganisationSearch
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.organisations import actions, queries
from meterdesk.organisations.api.schemas import (
    AdministratorIn,
    ClosingIn,
    NameIn,
    OfficerIn,
    OfficerOut,
    OrganisationIn,
    OrganisationList,
    OrganisationOut,
    OrganisationQuery,
    SuspensionIn,
    UserIdIn,
)
from meterdesk.organisations.queries import OfficerRecord, OrganisationPage
from meterdesk.platform.api import IF_MATCH, name_version, required_version

router = Router(tags=["Organisations"])
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="Number of the organisation.")]
_MATCHING = {"parameters": [IF_MATCH]}


@router.get(
    "/organisations",
    response=OrganisationList,
    operation_id="list_organisations",
    summary="Organisations",
    description="By name, for the operator's administrators.",
)
def list_organisations(request: ActorRequest, query: Query[OrganisationQuery]) -> Any:
    """A page of organisations."""
    search = OrganisationSearch(_canonical(query.text), query.kind or "", query.standing or "")
    return queries.organisations(request.actor, search, query.page)


@router.post(
    "/organisations",
    response={201: OrganisationOut},
    operation_id="take_up_organisation",
    summary="Take an organisation up",
    description="The first step of its onboarding.",
)
def take_up(request: ActorRequest, given: OrganisationIn) -> Status[dict[str, Any]]:
    """Take one up."""
    number = actions.take_up(request.actor, given.name, given.kind, at=timezone.now())
    return Status(201, _out(_page(request, number)))


@router.get(
    "/organisations/{organisation_id}",
    response=OrganisationOut,
    operation_id="get_organisation",
    summary="An organisation",
    description="With its UserIds, officers, what is left of its onboarding, and its history.",
)
def get_organisation(
    request: ActorRequest, response: HttpResponse, organisation_id: Number
) -> dict[str, Any]:
    """One organisation."""
    found = _page(request, organisation_id)
    name_version(response, found.record.version)
    return _out(found)


@router.patch(
    "/organisations/{organisation_id}",
    response=OrganisationOut,
    operation_id="rename_organisation",
    summary="Correct an organisation's name",
    openapi_extra=_MATCHING,
)
def rename(
    request: ActorRequest, response: HttpResponse, organisation_id: Number, given: NameIn
) -> dict[str, Any]:
    """Correct the name."""
    version = _version(request, organisation_id)
    actions.rename(request.actor, organisation_id, given.name, version, at=timezone.now())
    return get_organisation(request, response, organisation_id)


@router.post(
    "/organisations/{organisation_id}/user-ids",
    response={201: OrganisationOut},
    operation_id="give_user_id",
    summary="Give a UserId",
)
def give_user_id(
    request: ActorRequest, organisation_id: Number, given: UserIdIn
) -> Status[dict[str, Any]]:
    """Give a UserId in a User Role."""
    at = timezone.now()
    actions.give_user_id(request.actor, organisation_id, given.eui, given.user_role, at=at)
    return Status(201, _out(_page(request, organisation_id)))


@router.put(
    "/organisations/{organisation_id}/suspension",
    response=OrganisationOut,
    operation_id="suspend_organisation",
    summary="Suspend an organisation, or lift it",
    description="At once, in open sessions and tokens too. Its administrators and officers are "
    "told by email.",
    openapi_extra=_MATCHING,
)
def suspend(
    request: ActorRequest, response: HttpResponse, organisation_id: Number, given: SuspensionIn
) -> dict[str, Any]:
    """Suspend the whole."""
    version = _version(request, organisation_id)
    actions.suspend(
        request.actor, organisation_id, given.level, given.reason, version, at=timezone.now()
    )
    return get_organisation(request, response, organisation_id)


@router.put(
    "/organisations/{organisation_id}/user-ids/{eui}/suspension",
    response=OrganisationOut,
    operation_id="suspend_user_id",
    summary="Suspend a UserId, or lift it",
    description="If-Match names the version of the UserId.",
    openapi_extra=_MATCHING,
)
def suspend_user_id(
    request: ActorRequest,
    response: HttpResponse,
    organisation_id: Number,
    eui: Annotated[str, Path(max_length=40)],
    given: SuspensionIn,
) -> dict[str, Any]:
    """Suspend one UserId."""
    canonical, found = parse_eui(eui), _page(request, organisation_id)
    known = {one.eui: one.version for one in found.record.user_ids}
    version = required_version(request, known.get(canonical))
    if canonical not in known or version is None:
        raise Refused("This organisation has no such UserId.", code="not_found", status=404)
    actions.suspend_one_user_id(
        request.actor, canonical, given.level, given.reason, version, at=timezone.now()
    )
    return get_organisation(request, response, organisation_id)


@router.post(
    "/organisations/{organisation_id}/officers",
    response={201: OfficerOut},
    operation_id="record_officer",
    summary="Record an officer",
)
def record_officer(
    request: ActorRequest, organisation_id: Number, given: OfficerIn
) -> Status[dict[str, Any]]:
    """Record one."""
    actor, at = request.actor, timezone.now()
    number = actions.record_officer(actor, organisation_id, _details(given), at=at)
    return Status(201, _officer(queries.officer(actor, organisation_id, number, at=at)))


@router.put(
    "/organisations/{organisation_id}/officers/{officer_id}",
    response=OfficerOut,
    operation_id="save_officer",
    summary="Change what is recorded of an officer",
    description="If-Match names the version of the officer.",
    openapi_extra=_MATCHING,
)
def save_officer(
    request: ActorRequest,
    response: HttpResponse,
    organisation_id: Number,
    officer_id: Annotated[int, Path(ge=1, le=2**63 - 1)],
    given: OfficerIn,
) -> dict[str, Any]:
    """Change one."""
    actor, at = request.actor, timezone.now()
    before = queries.officer(actor, organisation_id, officer_id, at=at)
    version = required_version(request, before.version) or before.version
    actions.save_officer(actor, organisation_id, officer_id, _details(given), version, at=at)
    after = queries.officer(actor, organisation_id, officer_id, at=at)
    name_version(response, after.version)
    return _officer(after)


@router.post(
    "/organisations/{organisation_id}/administrator",
    response={201: OrganisationOut},
    operation_id="make_first_administrator",
    summary="Make the first administrator",
    description="Asks for fresh proof. They get a set-up link by email, and create all further "
    "accounts.",
)
def make_administrator(
    request: ActorRequest, organisation_id: Number, given: AdministratorIn
) -> Status[dict[str, Any]]:
    """Make the first administrator, once."""
    require_proof(request)
    new = FirstAdministrator(**given.dict())
    actions.make_first_administrator(request.actor, organisation_id, new, at=timezone.now())
    return Status(201, _out(_page(request, organisation_id)))


@router.post(
    "/organisations/{organisation_id}/administrator/link",
    response=OrganisationOut,
    operation_id="send_set_up_link_again",
    summary="Send the first administrator's set-up link again",
    description="While they have never logged in; the link before opens nothing any more.",
)
def send_link_again(request: ActorRequest, organisation_id: Number) -> dict[str, Any]:
    """A fresh link in place of the one before."""
    actions.send_link_again(request.actor, organisation_id, at=timezone.now())
    return _out(_page(request, organisation_id))


@router.post(
    "/organisations/{organisation_id}/off-boarding",
    response=OrganisationOut,
    operation_id="off_board_organisation",
    summary="Off-board an organisation",
    description="Ends its accounts, tokens, sharings and officers. Its record is kept.",
    openapi_extra=_MATCHING,
)
def off_board(
    request: ActorRequest, response: HttpResponse, organisation_id: Number, given: ClosingIn
) -> dict[str, Any]:
    """End it."""
    version = _version(request, organisation_id)
    actions.off_board(request.actor, organisation_id, given.reason, version, at=timezone.now())
    return get_organisation(request, response, organisation_id)


@router.post(
    "/organisations/{organisation_id}/onboarding",
    response=OrganisationOut,
    operation_id="begin_onboarding_again",
    summary="Begin an off-boarded organisation's onboarding again",
    openapi_extra=_MATCHING,
)
def bring_back(
    request: ActorRequest, response: HttpResponse, organisation_id: Number
) -> dict[str, Any]:
    """Begin again; nothing that was ended comes back."""
    version = _version(request, organisation_id)
    actions.bring_back(request.actor, organisation_id, version, at=timezone.now())
    return get_organisation(request, response, organisation_id)


def _page(request: ActorRequest, organisation_id: int) -> OrganisationPage:
    return queries.organisation(request.actor, organisation_id, at=timezone.now())


def _version(request: ActorRequest, organisation_id: int) -> int:
    present = _page(request, organisation_id).record.version
    return required_version(request, present) or present


def _canonical(text: str) -> str:
    try:
        return parse_eui(text)
    except Refused:
        return text.strip()


def _details(given: OfficerIn) -> actions.OfficerDetails:
    return actions.OfficerDetails(
        **given.dict(exclude={"certificate"}), certificate=given.certificate.encode()
    )


def _officer(found: OfficerRecord) -> dict[str, Any]:
    names = [name for name in OfficerOut.model_fields if name != "certificate"]
    kept = {name: getattr(found, name) for name in names}
    return {**kept, "certificate": found.certificate_pem}


def _out(found: OrganisationPage) -> dict[str, Any]:
    record = found.record
    return {
        "id": record.id,
        "name": record.name,
        "kind": record.kind,
        "standing": found.standing,
        "user_ids": [one.eui for one in record.user_ids],
        "people": record.people,
        "administrators": record.administrators,
        "suspension_reason": record.suspension_reason,
        "closed_at": record.closed_at,
        "version": record.version,
        "user_id_records": record.user_ids,
        "officers": [_officer(one) for one in found.officers],
        "onboarding_left": [step.key for step in found.onboarding if not step.is_done],
        "history": found.history,
    }

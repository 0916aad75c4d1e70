"""Registration data of providers by API, for the operator's staff (REG-1, REG-3, REG-4)."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Path, Query, Router, Status

from meterdesk.identity.queries import ActorRequest
from meterdesk.platform.api import IF_MATCH, Paged, name_version, required_version
from meterdesk.registration import actions
from meterdesk.registration.api.schemas import (
    Code,
    DataProviderIn,
    DataProviderOut,
    DataProviderPage,
    DecisionIn,
    DifferenceIn,
    DifferenceOut,
    DifferencePage,
    FileOut,
    FilePage,
    FileQuery,
    Number,
    ProviderChange,
    ReasonIn,
    RefreshIn,
    RefreshOut,
    RefreshPage,
    RefusedPage,
    TroublePage,
    Which,
)
from meterdesk.registration.queries import providers as queries
from meterdesk.registration.queries.providers import FileSearch

router = Router(tags=["Registration data"])


@router.get(
    "/registration/providers",
    response=DataProviderPage,
    operation_id="list_registration_providers",
    summary="Registration data providers",
)
def list_providers(request: ActorRequest) -> Any:
    """Every provider."""
    return {"items": queries.providers(request.actor, at=timezone.now())}


@router.post(
    "/registration/providers",
    response={201: DataProviderOut},
    operation_id="add_registration_provider",
    summary="Add a provider",
)
def add_provider(request: ActorRequest, body: DataProviderIn) -> Any:
    """Take a provider up."""
    actor, now = request.actor, timezone.now()
    code = actions.add_provider(actor, body.details(body.code, body.fuel), at=now)
    return Status(201, queries.provider(actor, code, at=now))


@router.get(
    "/registration/providers/{code}",
    response=DataProviderOut,
    operation_id="get_registration_provider",
    summary="A provider",
)
def get_provider(request: ActorRequest, response: HttpResponse, code: Path[Code]) -> Any:
    """One provider."""
    found = queries.provider(request.actor, code, at=timezone.now())
    name_version(response, found.version)
    return found


@router.put(
    "/registration/providers/{code}",
    response=DataProviderOut,
    operation_id="change_registration_provider",
    summary="Change a provider",
    openapi_extra={"parameters": [IF_MATCH]},
)
def change_provider(
    request: ActorRequest, response: HttpResponse, code: Path[Code], body: ProviderChange
) -> Any:
    """All but its code and fuel."""
    actor, now = request.actor, timezone.now()
    there = queries.provider(actor, code, at=now)
    version = required_version(request)
    actions.change_provider(actor, code, body.details(code, there.fuel), at=now, version=version)
    found = queries.provider(actor, code, at=now)
    name_version(response, found.version)
    return found


@router.get(
    "/registration/files",
    response=FilePage,
    operation_id="list_registration_files",
    summary="Files of providers, newest first",
)
def list_files(request: ActorRequest, query: Query[FileQuery]) -> Any:
    """A page of files."""
    search = FileSearch(query.provider, query.state.value if query.state else "")
    return queries.provider_files(request.actor, search, query.page)


@router.get(
    "/registration/files/{file_id}",
    response=FileOut,
    operation_id="get_registration_file",
    summary="A file",
)
def get_file(request: ActorRequest, response: HttpResponse, file_id: Path[Number]) -> Any:
    """One file."""
    found = queries.provider_file(request.actor, file_id)
    name_version(response, found.version)
    return found


@router.get(
    "/registration/files/{file_id}/refused",
    response=RefusedPage,
    operation_id="list_refused_registration_records",
    summary="Records of a file that were refused",
)
def list_refused(request: ActorRequest, file_id: Path[Number], query: Query[Paged]) -> Any:
    """A page of them, by line."""
    return queries.refused_records(request.actor, file_id, query.page)


@router.post(
    "/registration/files/{file_id}/decision",
    response={201: FileOut},
    operation_id="decide_registration_file",
    summary="Apply or refuse a full file that waits",
    openapi_extra={"parameters": [IF_MATCH]},
)
def decide_file(request: ActorRequest, file_id: Path[Number], body: DecisionIn) -> Any:
    """A full file that is silent about many meter points waits for a person."""
    actor, now, version = request.actor, timezone.now(), required_version(request)
    if body.decision == "apply":
        actions.confirm_file(actor, file_id, at=now, version=version)
    else:
        actions.refuse_file(actor, file_id, why=body.why, at=now, version=version)
    return Status(201, queries.provider_file(actor, file_id))


@router.get(
    "/registration/troubles",
    response=TroublePage,
    operation_id="list_registration_troubles",
    summary="What is wrong with what providers send, newest first, at most 200",
)
def list_troubles(request: ActorRequest, query: Query[Which]) -> Any:
    """Late, missing, malformed, refused and so on."""
    found = queries.troubles(request.actor, query.provider, still_open=query.open)
    return {"items": found}


@router.get(
    "/registration/refreshes",
    response=RefreshPage,
    operation_id="list_registration_refreshes",
    summary="Refreshes asked for, the next due first, at most 200",
)
def list_refreshes(request: ActorRequest, query: Query[Which]) -> Any:
    """Requests for data afresh."""
    found = queries.refreshes(request.actor, query.provider, still_open=query.open)
    return {"items": found}


@router.post(
    "/registration/refreshes",
    response={201: RefreshOut},
    operation_id="request_registration_refresh",
    summary="Ask for a refresh",
    description="Due by the end of the second calendar day.",
)
def request_refresh(request: ActorRequest, body: RefreshIn) -> Any:
    """Ask a provider for its data afresh (REG-3)."""
    actor = request.actor
    number = actions.request_refresh(
        actor, body.provider, why=body.why, mpxns=" ".join(body.mpxns), at=timezone.now()
    )
    return Status(201, queries.refresh(actor, number))


@router.post(
    "/registration/refreshes/{refresh_id}/cancel",
    response={201: RefreshOut},
    operation_id="cancel_registration_refresh",
    summary="Take a refresh back",
    openapi_extra={"parameters": [IF_MATCH]},
)
def cancel_refresh(request: ActorRequest, refresh_id: Path[Number], body: ReasonIn) -> Any:
    """The provider is told."""
    actor, version = request.actor, required_version(request)
    actions.cancel_refresh(actor, refresh_id, why=body.why, at=timezone.now(), version=version)
    return Status(201, queries.refresh(actor, refresh_id))


@router.get(
    "/registration/differences",
    response=DifferencePage,
    operation_id="list_registration_differences",
    summary="Data that differs from providers', newest first, at most 200",
)
def list_differences(request: ActorRequest, query: Query[Which]) -> Any:
    """Misaligned data (REG-3)."""
    found = queries.misalignments(request.actor, query.provider, still_open=query.open)
    return {"items": found}


@router.post(
    "/registration/differences",
    response={201: DifferenceOut},
    operation_id="report_registration_difference",
    summary="Report data that differs",
    description="An incident is raised that says whose version counts.",
)
def report_difference(request: ActorRequest, body: DifferenceIn) -> Any:
    """Report misaligned data (REG-3)."""
    actor = request.actor
    new = actions.Difference(body.mpxn, body.what, body.held, body.reported, body.master)
    number = actions.report_misalignment(actor, body.provider, new, at=timezone.now())
    return Status(201, queries.misalignment(actor, number))


@router.post(
    "/registration/differences/{misalignment_id}/settle",
    response={201: DifferenceOut},
    operation_id="settle_registration_difference",
    summary="Say how it was settled",
    openapi_extra={"parameters": [IF_MATCH]},
)
def settle_difference(request: ActorRequest, misalignment_id: Path[Number], body: ReasonIn) -> Any:
    """Its incident stays open until it is resolved."""
    actor, version = request.actor, required_version(request)
    actions.settle_misalignment(
        actor, misalignment_id, outcome=body.why, at=timezone.now(), version=version
    )
    return Status(201, queries.misalignment(actor, misalignment_id))

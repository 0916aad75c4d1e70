"""The service catalogue by API: the same actions, queries and views as the screens."""

from dataclasses import asdict
from typing import Any, BinaryIO, cast

from django.http import HttpResponse
from django.utils import timezone
from ninja import File, Path, Query, Router, Status, UploadedFile

from meterdesk.catalogue.actions import (
    DisputeDatum,
    RaiseRequest,
    attach,
    change_contacts,
    open_attachment,
    open_request,
    raise_request,
    take_step,
)
from meterdesk.catalogue.api.schemas import (
    CatalogueOut,
    ContactsIn,
    DataQuery,
    DisputeIn,
    RecordOut,
    RequestAttachmentAdded,
    RequestIn,
    RequestPage,
    RequestQuery,
    RequestReference,
    RequestStepIn,
    ServiceRequestOut,
)
from meterdesk.catalogue.queries import (
    RequestSearch,
    acting_for,
    catalogue,
    data_of,
    open_disputes,
    search_requests,
)
from meterdesk.catalogue.queries import (
    request as request_of,
)
from meterdesk.catalogue.rules.data import record_name
from meterdesk.identity.queries import ActorRequest, chosen_user_id
from meterdesk.kernel.identifiers import parse_reference
from meterdesk.platform.api import FILE, IF_MATCH, name_version, required_version
from meterdesk.platform.files import Upload
from meterdesk.platform.web.downloads import as_download

router = Router(tags=["Service catalogue"])


@router.get(
    "/service-catalogue",
    response=CatalogueOut,
    operation_id="get_service_catalogue",
    summary="What can be asked of the operator",
    description="Categories, their services and request types, with the fields of each.",
)
def get_catalogue(request: ActorRequest) -> Any:  # noqa: ARG001  as ninja calls it
    """What is offered now (SSI-FR-56)."""
    return asdict(catalogue())


@router.get(
    "/disputable-data",
    response=RecordOut,
    operation_id="get_disputable_data",
    summary="The data of a record, with their sources",
    description="As far as you see them; with your organisation's open disputes of them.",
)
def get_data(request: ActorRequest, query: Query[DataQuery]) -> Any:
    """The data of a record."""
    actor = request.actor
    record = data_of(actor, record_name(query.kind, query.key), timezone.now())
    marks = open_disputes(actor, record.name)
    data = [
        {**asdict(one), "disputes": [asdict(mark) for mark in marks if mark.datum == one.name]}
        for one in record.data
    ]
    return {"kind": record.name.kind, "key": record.name.key, "place": record.place, "data": data}


@router.get(
    "/service-requests",
    response=RequestPage,
    operation_id="list_service_requests",
    summary="Requests of your User",
    description="Those raised for your own UserIds, newest first; all of them for the desk.",
)
def list_requests(request: ActorRequest, query: Query[RequestQuery]) -> Any:
    """A page of requests (SSI-FR-52a, SSI-FR-53)."""
    search = RequestSearch(
        text=query.text,
        states=tuple(sorted(set(query.state))),
        request_type=query.request_type,
        whose=query.whose,
        sort=query.sort,
    )
    page = search_requests(request.actor, search, query.page)
    return {"items": [asdict(row) for row in page.items], "next": page.next}


@router.post(
    "/service-requests",
    response={201: ServiceRequestOut},
    operation_id="raise_service_request",
    summary="Raise a request",
    description="For a UserId of your own organisation. The dispute of a datum names the record, "
    "the datum and the value that should stand; what is held is kept beside it. One open dispute "
    "of a datum for each UserId: a second is refused with already_disputed.",
)
def raise_one(request: ActorRequest, response: HttpResponse, body: RequestIn) -> Any:
    """Raise (SSI-FR-56, SSI-FR-57)."""
    actor, extra, at = request.actor, body.additional_contact, timezone.now()
    new = RaiseRequest(
        user_id=chosen_user_id(body.user_id, acting_for(actor)),
        request_type=body.request_type,
        contact=body.contact.as_contact(),
        summary=body.summary,
        answers=body.answers,
        your_reference=body.your_reference,
        additional_contact=extra.as_contact() if extra else None,
        dispute=_disputed(body.dispute),
    )
    seen = request_of(actor, raise_request(actor, new, at), now=at)
    name_version(response, seen.version)
    return Status(201, asdict(seen))


@router.get(
    "/service-requests/{request_reference}",
    response=ServiceRequestOut,
    operation_id="get_service_request",
    summary="A request",
    description="In full; a dispute with both values, and what is held now.",
)
def get_request(
    request: ActorRequest, response: HttpResponse, request_reference: Path[RequestReference]
) -> Any:
    """One request (SSI-FR-54, SSI-FR-55)."""
    seen = open_request(request.actor, parse_reference(request_reference), at=timezone.now())
    name_version(response, seen.version)
    return asdict(seen)


@router.put(
    "/service-requests/{request_reference}/contacts",
    response=ServiceRequestOut,
    operation_id="set_service_request_contacts",
    summary="Update contact details",
    description="By the User that raised it, while it is open.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def set_contacts(
    request: ActorRequest,
    response: HttpResponse,
    request_reference: Path[RequestReference],
    body: ContactsIn,
) -> Any:
    """Change the contacts (SSI-FR-56)."""
    actor, canonical, at = request.actor, parse_reference(request_reference), timezone.now()
    extra = body.additional_contact
    change_contacts(
        actor,
        canonical,
        body.contact.as_contact(),
        extra.as_contact() if extra else None,
        at,
        version=required_version(request),
    )
    return _answer(request, response, canonical)


@router.post(
    "/service-requests/{request_reference}/attachments",
    response={201: RequestAttachmentAdded},
    operation_id="attach_to_service_request",
    summary="Add a file to a request",
    description="PDF, PNG, JPEG, text, CSV, XML, JSON, XLSX or DOCX, at most 10 MB.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def add_attachment(
    request: ActorRequest, request_reference: Path[RequestReference], file: File[UploadedFile]
) -> Any:
    """Add a file."""
    upload = Upload(file.name or "file", cast(BinaryIO, file))
    canonical, version = parse_reference(request_reference), required_version(request)
    number = attach(request.actor, canonical, upload, timezone.now(), version=version)
    return Status(201, {"reference": canonical, "id": number})


@router.get(
    "/service-requests/{request_reference}/attachments/{attachment_id}",
    operation_id="get_service_request_attachment",
    summary="The bytes of a request's file",
    openapi_extra=FILE,
)
def get_attachment(
    request: ActorRequest, request_reference: Path[RequestReference], attachment_id: int
) -> HttpResponse:
    """A file."""
    canonical = parse_reference(request_reference)
    found = open_attachment(request.actor, canonical, attachment_id, at=timezone.now())
    return as_download(found.name, found.content_type, found.content)


@router.post(
    "/service-requests/{request_reference}/transitions",
    response={201: ServiceRequestOut},
    operation_id="change_service_request",
    summary="Take a step of a request",
    description="What you may do now stands in the request's `verbs`; a comment is a step too.",
    openapi_extra={"parameters": [IF_MATCH]},
)
def take_transition(
    request: ActorRequest,
    response: HttpResponse,
    request_reference: Path[RequestReference],
    body: RequestStepIn,
) -> Any:
    """Work on a request (SSI-FR-52)."""
    canonical, version = parse_reference(request_reference), required_version(request)
    actor, at = request.actor, timezone.now()
    take_step(actor, canonical, body.verb, at, text=body.text, version=version)
    return Status(201, _answer(request, response, canonical))


def _answer(request: ActorRequest, response: HttpResponse, reference: str) -> dict[str, Any]:
    seen = request_of(request.actor, reference, now=timezone.now())
    name_version(response, seen.version)
    return asdict(seen)


def _disputed(body: DisputeIn | None) -> DisputeDatum | None:
    if body is None:
        return None
    name = record_name(body.kind, body.key)
    return DisputeDatum(name, body.datum, body.proposed_value, body.proposed_since)

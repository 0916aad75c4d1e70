"""Every refusal of the API, as problem+json with a stable code (SSI-NFR-22)."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from meterdesk.kernel.errors import Refused, Stale, TooMany

CONTENT_TYPE = "application/problem+json"
_UNREADABLE = (
    "The body is not JSON in UTF-8, or holds a NUL character. Correct it and send it again."
)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    request_id: str = "",
) -> HttpResponse:
    """A problem document: type, title, status, detail, code, errors by field, request id."""
    body: dict[str, object] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "code": code,
    }
    if fields:
        body["errors"] = dict(fields)
    if request_id:
        body["request_id"] = request_id
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE, headers=dict(headers or {}))


def problem_of(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The problem document of a refusal."""
    headers = {"Retry-After": str(refused.retry_after)} if isinstance(refused, TooMany) else {}
    status = refused.status
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="Meterdesk"'
    if isinstance(refused, Stale) and "If-Match" in request.headers:
        status = HTTPStatus.PRECONDITION_FAILED
    return problem(
        status,
        refused.code,
        refused.message,
        fields=refused.fields,
        headers=headers,
        request_id=getattr(request, "request_id", ""),
    )


def _field(place: Sequence[str | int]) -> str:
    """The name of a field as the caller wrote it: without source and parameter of the endpoint."""
    source, *parts = place
    if source in {"body", "query", "form"} and len(parts) > 1 and isinstance(parts[1], str):
        parts = parts[1:]
    return ".".join(str(part) for part in parts) or str(source)


def install_handlers(api: NinjaAPI) -> None:
    """Answer every expected error of an API as a problem document."""

    def on_refused(request: HttpRequest, refused: Refused | type[Refused]) -> HttpResponse:
        assert isinstance(refused, Refused)  # noqa: S101  ninja types classes too
        return problem_of(request, refused)

    def on_invalid(request: HttpRequest, error: ValidationError | type) -> HttpResponse:
        fields = {_field(item["loc"]): item["msg"] for item in getattr(error, "errors", [])}
        return problem_of(
            request,
            Refused("Some values are not valid. See errors.", code="invalid", fields=fields),
        )

    def on_missing(request: HttpRequest, _error: Http404 | type) -> HttpResponse:
        message = "There is nothing at this address."
        return problem_of(request, Refused(message, code="not_found", status=404))

    def on_http(request: HttpRequest, error: HttpError | type) -> HttpResponse:
        status = getattr(error, "status_code", 400)
        message = _UNREADABLE if str(error).startswith("Cannot parse request") else str(error)
        return problem_of(request, Refused(message, code="bad_request", status=status))

    api.add_exception_handler(Refused, on_refused)
    api.add_exception_handler(ValidationError, on_invalid)
    api.add_exception_handler(Http404, on_missing)
    api.add_exception_handler(HttpError, on_http)

"""Every refusal of the API, as problem+json with a stable code (SSI-NFR-22)."""

from collections.abc import Mapping
from http import HTTPStatus

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from meterdesk.kernel.errors import Refused, TooMany

CONTENT_TYPE = "application/problem+json"


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
    if refused.status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = 'Bearer realm="Meterdesk"'
    return problem(
        refused.status,
        refused.code,
        refused.message,
        fields=refused.fields,
        headers=headers,
        request_id=getattr(request, "request_id", ""),
    )


def install_handlers(api: NinjaAPI) -> None:
    """Answer every expected error of an API as a problem document."""

    def on_refused(request: HttpRequest, refused: Refused | type[Refused]) -> HttpResponse:
        assert isinstance(refused, Refused)  # noqa: S101  ninja types classes too
        return problem_of(request, refused)

    def on_invalid(request: HttpRequest, error: ValidationError | type) -> HttpResponse:
        fields = {
            ".".join(str(part) for part in item["loc"][1:]) or "body": item["msg"]
            for item in getattr(error, "errors", [])
        }
        return problem_of(
            request,
            Refused("Some values are not valid. See errors.", code="invalid", fields=fields),
        )

    def on_missing(_request: HttpRequest, _error: Http404 | type) -> HttpResponse:
        return problem(404, "not_found", "There is nothing at this address.")

    def on_http(_request: HttpRequest, error: HttpError | type) -> HttpResponse:
        status = getattr(error, "status_code", 400)
        return problem(status, "bad_request", str(error))

    api.add_exception_handler(Refused, on_refused)
    api.add_exception_handler(ValidationError, on_invalid)
    api.add_exception_handler(Http404, on_missing)
    api.add_exception_handler(HttpError, on_http)

"""The OpenAPI 3.1 document: what ninja knows, and the conventions that hold for every call."""

from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from meterdesk.kernel.errors import Refused
from meterdesk.platform.api.examples import EXAMPLES, sample
from meterdesk.platform.api.problems import CONTENT_TYPE

Json = dict[str, Any]

SECURITY: Final = "token"
METHODS: Final = ("get", "post", "put", "patch", "delete")

_PROBLEM_SCHEMA: Final[Json] = {
    "title": "Problem",
    "description": "Why a call was refused (RFC 9457).",
    "type": "object",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string", "description": "What happened and what to do, for people."},
        "code": {"type": "string", "description": "What happened, for programs; stable."},
        "errors": {
            "type": "object",
            "additionalProperties": {"type": "string"},
            "description": "What is wrong, by field.",
        },
        "request_id": {"type": "string", "description": "Quote it to the service desk."},
    },
    "required": ["type", "title", "status", "detail", "code"],
}

# Status: name of the component, code and sentence of the example.
_PROBLEMS: Final = {
    400: ("Malformed", "bad_request", "The body is not JSON in UTF-8."),
    401: ("NotLoggedIn", "not_logged_in", "Send a valid token in the Authorization header."),
    403: ("NotAllowed", "not_allowed", "Your roles do not include this function."),
    404: ("NotFound", "not_found", "There is nothing here that you can see."),
    409: ("Conflict", "conflict", "This does not fit the present state of the record."),
    412: ("Stale", "stale", "Somebody else changed this while you were working on it."),
    413: ("TooLarge", "too_large", "What you sent is larger than is taken here."),
    422: ("Invalid", "invalid", "Some values are not valid. See errors."),
    429: ("TooMany", "too_many", "More than 6,000 calls within a minute. Call again later."),
}

_HEADERS: Final[Json] = {
    "X-Request-ID": {
        "description": "The caller's own, when it sent one, else a new one.",
        "schema": {"type": "string"},
    },
    "X-RateLimit-Limit": {"description": "Calls a minute.", "schema": {"type": "integer"}},
    "X-RateLimit-Remaining": {"description": "Calls left.", "schema": {"type": "integer"}},
    "X-RateLimit-Reset": {
        "description": "Seconds until all calls are back.",
        "schema": {"type": "integer"},
    },
    "ETag": {"description": "Names this state of what was read.", "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "Idempotency-Replayed": {
        "description": "`true` when this is the kept answer to an earlier call.",
        "schema": {"type": "string", "enum": ["true"]},
    },
}

_IDEMPOTENCY_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "A name of your own for this call, for example a UUID. Sent again within 24 "
    "hours with the same key, the call is answered again and not done again.",
    "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    "example": "5f0c7f0a-3a3e-4f0e-9d55-0f6d8f6f3b11",
}
_IF_NONE_MATCH: Final[Json] = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag you have: answered 304 without a body when nothing has changed.",
    "schema": {"type": "string"},
}
IF_MATCH: Final[Json] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of the record as you read it: answered 412, and nothing done, when "
    "it has changed since.",
    "schema": {"type": "string", "pattern": '^("v[0-9]{1,18}"|\\*)$'},
    "example": '"v3"',
}
FILE: Final[Json] = {
    "responses": {
        200: {
            "description": "The file.",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    }
}
"""`openapi_extra` of an operation that answers the bytes of a file."""


class DescribedApi(NinjaAPI):
    """An API whose document tells the conventions with every operation.

    Args:
        tags: what each tag is about, in the order of the reference.
        may_refuse: whether a method of a path (as the document spells it) may be answered 403.
        may_hide: whether it may be answered 404 although its path names nothing: a part that is
            not there for everybody.
    """

    def __init__(
        self,
        *args: Any,
        tags: Mapping[str, str],
        may_refuse: Callable[[str, str], bool],
        may_hide: Callable[[str, str], bool],
        **kw: Any,
    ) -> None:
        super().__init__(*args, **kw)
        self.tags = tags
        self.may_refuse = may_refuse
        self.may_hide = may_hide

    @cached_property
    def document(self) -> OpenAPISchema:
        """The document, made once for each process."""
        document = super().get_openapi_schema()
        for path, operations in document["paths"].items():
            for method in METHODS:
                if method in operations:
                    statuses = {403} if self.may_refuse(method.upper(), path) else set()
                    if "{" in path or self.may_hide(method.upper(), path):
                        statuses.add(404)
                    _complete(operations[method], method, document, statuses)
        components = document["components"]
        components["schemas"]["Problem"] = _PROBLEM_SCHEMA
        components["responses"] = {
            name: _problem_response(status, code, sentence)
            for status, (name, code, sentence) in _PROBLEMS.items()
        }
        components["headers"] = _HEADERS
        components["securitySchemes"] = {
            SECURITY: {
                "type": "http",
                "scheme": "bearer",
                "description": "An API token (`mdk_...`), made on one's profile page.",
            }
        }
        document["tags"] = [
            {"name": name, "description": about} for name, about in self.tags.items()
        ]
        return document

    @cached_property
    def _queries(self) -> dict[tuple[str, str], frozenset[str]]:
        """The names that each operation takes in its query, by method and route."""
        return {
            (method.upper(), _route_of(path)): frozenset(
                one["name"] for one in operations[method]["parameters"] if one["in"] == "query"
            )
            for path, operations in self.document["paths"].items()
            for method in METHODS
            if method in operations
        }

    def create_temporal_response(self, request: HttpRequest) -> HttpResponse:
        """Refuse unknown names in the query: a filter misspelt must not answer with everything.

        This is the first thing ninja does for a call, and refusals from here are answered.
        """
        if request.GET and request.resolver_match:
            key = (request.method or "", request.resolver_match.route)
            unknown = request.GET.keys() - self._queries.get(key, frozenset())
            if unknown:
                message = "There is no such parameter."
                fields = dict.fromkeys(sorted(unknown), message)
                raise Refused(f"{message} See errors.", code="invalid", fields=fields)
        return super().create_temporal_response(request)

    def get_openapi_schema(
        self,
        *,
        path_prefix: str | None = None,  # noqa: ARG002  mounted in one place only
        path_params: Json | None = None,  # noqa: ARG002
    ) -> OpenAPISchema:
        """The document that /openapi.json answers with."""
        return self.document


def _route_of(path: str) -> str:
    """A path of the document as Django's routes spell it."""
    return path.lstrip("/").replace("{", "<").replace("}", ">")


def _complete(operation: Json, method: str, document: Json, besides: set[int]) -> None:
    """Add to one operation what the conventions say of it."""
    parameters = operation.setdefault("parameters", [])
    for parameter in parameters:
        _exemplify(parameter)
    statuses = {401, 422, 429} | besides
    statuses |= {400} if parameters or "requestBody" in operation else set()
    if method == "get":
        parameters.append(_IF_NONE_MATCH)
        operation["responses"][304] = {"description": "Not changed: you have it already."}
    else:
        statuses.add(409)
    if method == "post":
        parameters.append(_IDEMPOTENCY_KEY)
        statuses.add(400)
    if "requestBody" in operation:
        statuses.add(413)
    if any(parameter["name"] == "If-Match" for parameter in parameters):
        statuses.add(412)
    for status in sorted(statuses):
        reference = f"#/components/responses/{_PROBLEMS[status][0]}"
        operation["responses"][status] = {"$ref": reference}
    operation["responses"] = {
        str(status): operation["responses"][status]
        for status in sorted(operation["responses"], key=int)
    }
    operation["security"] = [{SECURITY: []}]
    _describe_answers(operation, method, document["components"]["schemas"])


def _exemplify(parameter: Json) -> None:
    """One example: a schema's list of them is not what OpenAPI calls a parameter's examples."""
    given = parameter.pop("examples", None) or [EXAMPLES.get(parameter["name"])]
    if given[0] is not None:
        parameter.setdefault("example", given[0])


def _describe_answers(operation: Json, method: str, schemas: Json) -> None:
    """Headers and an example for what is answered when all goes well, and for the body sent."""
    names = ["X-Request-ID", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"]
    names += ["ETag"] if method == "get" else []
    names += ["Idempotency-Replayed"] if method == "post" else []
    contents = [operation.get("requestBody", {}).get("content", {})]
    for status, response in operation["responses"].items():
        if status.startswith("2"):
            response["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in names}
            contents.append(response.get("content", {}))
    for content in contents:
        for kind, media in content.items():
            if kind == "application/json" and "schema" in media:
                media.setdefault("example", sample(media["schema"], schemas))


def _problem_response(status: int, code: str, sentence: str) -> Json:
    names = ["X-Request-ID"]
    names += ["Retry-After"] if status == 429 else []
    example = {
        "type": "about:blank",
        "title": _PROBLEMS[status][0],
        "status": status,
        "detail": sentence,
        "code": code,
        "request_id": "9c1f0b7a5d1e4a0c8f6b2d3e4f5a6b7c",
    }
    schema = {"$ref": "#/components/schemas/Problem"}
    return {
        "description": sentence,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
        "content": {CONTENT_TYPE: {"schema": schema, "example": example}},
    }

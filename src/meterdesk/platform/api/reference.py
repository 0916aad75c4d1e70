"""The API browser: the OpenAPI document as a page, drawn here, without scripts."""

import json
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.text import slugify
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

from meterdesk.platform.api.examples import alternatives, resolve

Json = dict[str, Any]

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body; `name` has dots where fields are nested."""

    name: str
    kind: str
    place: str
    is_required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Answer:
    """One status that an operation answers with."""

    status: str
    description: str
    fields: list[Field]
    example: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, ready to be drawn."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    body: list[Field]
    curl: str
    answers: list[Answer]
    refusals: list[Answer]


@dataclass(frozen=True, slots=True)
class Section:
    """The operations of one tag."""

    anchor: str
    name: str
    description: str
    operations: list[Operation]


class ReferencePage(DocsBase):
    """Meterdesk's own page of the API in place of one whose scripts come from elsewhere."""

    def render_page(self, request: HttpRequest, api: NinjaAPI, **kwargs: Any) -> HttpResponse:
        """Draw the document for whoever asks, logged in or not."""
        url = self.get_openapi_url(api, kwargs)
        context = {
            "layout": "base.html" if getattr(request, "actor", None) else "bare.html",
            "sections": sections(api.get_openapi_schema(), request.build_absolute_uri("/")[:-1]),
            "document_url": url,
            "address": request.build_absolute_uri(url.rsplit("/", 1)[0]),
        }
        return render(request, "api/reference.html", context)


def sections(document: Json, site: str) -> list[Section]:
    """The operations of a document by tag, in the order of its tags."""
    drawn: dict[str, list[Operation]] = {tag["name"]: [] for tag in document.get("tags", ())}
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                tag = operation.get("tags", ["Other"])[0]
                drawn.setdefault(tag, []).append(
                    _operation(operation, method.upper(), path, site, document)
                )
    about = {tag["name"]: tag["description"] for tag in document.get("tags", ())}
    return [
        Section(slugify(name), name, about.get(name, ""), operations)
        for name, operations in drawn.items()
        if operations
    ]


def _operation(operation: Json, method: str, path: str, site: str, document: Json) -> Operation:
    schemas = document["components"]["schemas"]
    bodies = operation.get("requestBody", {}).get("content", {})
    answers = [
        _answer(status, response, document) for status, response in operation["responses"].items()
    ]
    return Operation(
        anchor=operation["operationId"],
        method=method,
        path=path,
        summary=operation["summary"],
        description=operation.get("description", ""),
        parameters=[_parameter(one, schemas) for one in operation["parameters"]],
        body=[
            field
            for media in bodies.values()
            for field in _fields(media.get("schema", {}), schemas)
        ],
        curl=_curl(operation, method, f"{site}{path}", bodies),
        answers=[answer for answer in answers if answer.status < "400"],
        refusals=[answer for answer in answers if answer.status >= "400"],
    )


def _parameter(parameter: Json, schemas: Json) -> Field:
    return Field(
        parameter["name"],
        _kind(parameter["schema"], schemas),
        parameter["in"],
        parameter.get("required", False),
        parameter.get("description", ""),
    )


def _answer(status: str, response: Json, document: Json) -> Answer:
    schemas = document["components"]["schemas"]
    if "$ref" in response:
        response = document["components"]["responses"][response["$ref"].rsplit("/", 1)[-1]]
    media: Json = next(iter(response.get("content", {}).values()), {})
    example = json.dumps(media["example"], indent=2) if "example" in media else ""
    fields = list(_fields(media.get("schema", {}), schemas)) if status < "400" else []
    return Answer(status, response.get("description", ""), fields, example)


def _fields(schema: Json, schemas: Json, prefix: str = "", depth: int = 0) -> Iterator[Field]:
    """The fields of an object and of the objects in it, four levels deep at most."""
    schema = _innermost(schema, schemas)
    required = set(schema.get("required", ()))
    for name, inner in schema.get("properties", {}).items():
        described = resolve(inner, schemas)
        path = f"{prefix}{name}"
        yield Field(
            path, _kind(inner, schemas), "body", name in required, described.get("description", "")
        )
        below = _innermost(inner, schemas)
        if below.get("properties") and depth < 3:
            yield from _fields(below, schemas, f"{path}.", depth + 1)


def _innermost(schema: Json, schemas: Json) -> Json:
    """The object behind references, alternatives with null, and lists."""
    schema = resolve(schema, schemas)
    if alternatives(schema):
        return _innermost(alternatives(schema)[0], schemas)
    if schema.get("type") == "array":
        return _innermost(schema.get("items", {}), schemas)
    return schema


def _kind(schema: Json, schemas: Json) -> str:
    """The type of a value in words."""
    schema = resolve(schema, schemas)
    if alternatives(schema):
        return " or ".join(dict.fromkeys(_kind(one, schemas) for one in alternatives(schema)))
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return ", ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}), schemas)}"
    return str(schema.get("format") or schema.get("type") or "any")


def _curl(operation: Json, method: str, url: str, bodies: Json) -> str:
    """A call of the operation as it is typed into a shell."""
    query = []
    for parameter in operation["parameters"]:
        example = parameter.get("example")
        if parameter["in"] == "path":
            url = url.replace(f"{{{parameter['name']}}}", str(example or "1"))
        elif parameter["in"] == "query" and parameter.get("required"):
            query.append(f"{parameter['name']}={example}")
    lines = [f"curl {'' if method == 'GET' else f'-X {method} '}{shlex.quote(url)}"]
    lines += ['-H "Authorization: Bearer $TOKEN"']
    lines += [f"--get --data-urlencode {shlex.quote(one)}" for one in query]
    if method == "POST":
        lines += ['-H "Idempotency-Key: $(uuidgen)"']
    for kind, media in bodies.items():
        if kind == "application/json":
            lines += [f"-H 'Content-Type: {kind}'"]
            lines += [f"--data {shlex.quote(json.dumps(media.get('example', {})))}"]
        else:
            lines += ["-F file=@photograph.jpg"]
    return " \\\n  ".join(lines)

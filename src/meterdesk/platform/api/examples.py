"""Examples of the values that calls take and give, so that every page shows the same home."""

from typing import Any, Final

Json = dict[str, Any]

EXAMPLES: Final[dict[str, Any]] = {
    "device_id": "00-DB-12-34-56-78-90-A1",
    "user_id": "90-B3-D5-1F-30-00-00-02",
    "mpxn": "1200023305967",
    "uprn": "72045981",
    "postcode": "LS6 3QS",
    "outcode": "LS6",
    "property": "12",
    "srv": "4.8.1",
    "reference": "INC0001234",
    "limit": 50,
    "email": "ada.pemberton@example.org",
    "telephone": "0113 496 0000",
}
_BY_FORMAT: Final[dict[str, Any]] = {
    "date-time": "2026-11-22T14:05:00Z",
    "date": "2026-11-22",
    "email": "ada.pemberton@example.org",
    "binary": "(the bytes of the file)",
}
_BY_TYPE: Final[dict[str, Any]] = {
    "string": "text",
    "integer": 1,
    "number": 1.5,
    "boolean": True,
    "null": None,
}


def resolve(schema: Json, schemas: Json) -> Json:
    """The schema itself, in place of a reference to it."""
    if len(schema.get("allOf", ())) == 1:
        schema = {**schema["allOf"][0], **_without(schema, "allOf")}
    if "$ref" in schema:
        return {**schemas[schema["$ref"].rsplit("/", 1)[-1]], **_without(schema, "$ref")}
    return schema


def _without(schema: Json, name: str) -> Json:
    return {key: value for key, value in schema.items() if key != name}


def alternatives(schema: Json) -> list[Json]:
    """The schemas of which one must fit, null last."""
    given = schema.get("anyOf") or schema.get("oneOf") or []
    return sorted(given, key=lambda one: one.get("type") == "null")


def sample(schema: Json, schemas: Json, name: str = "") -> Any:
    """A value that fits the schema; `name` is that of the field it stands in."""
    schema = resolve(schema, schemas)
    fixed = _given(schema)
    if fixed:
        return fixed[0]
    if alternatives(schema):
        return sample(alternatives(schema)[0], schemas, name)
    if schema.get("type") == "array":
        return [sample(schema.get("items", {}), schemas, name)]
    if schema.get("type") == "object":
        return {
            field: sample(inner, schemas, field)
            for field, inner in schema.get("properties", {}).items()
        }
    return _plain(schema, name)


def _given(schema: Json) -> list[Any]:
    """What the schema itself says a value may be."""
    if "const" in schema:
        return [schema["const"]]
    return schema.get("examples") or schema.get("enum") or []


def _plain(schema: Json, name: str) -> Any:
    kind = schema.get("type", "string")
    if name in EXAMPLES and kind == _kind_of(EXAMPLES[name]):
        return EXAMPLES[name]
    if schema.get("format") in _BY_FORMAT:
        return _BY_FORMAT[schema["format"]]
    if kind == "integer":
        return max(1, schema.get("minimum", 1))
    return _BY_TYPE.get(kind)


def _kind_of(value: object) -> str:
    return "integer" if isinstance(value, int) else "string"

"""What the catalogue offers, read from a file: categories, services, request types (SSI-FR-56).

A version of the file is kept whole and never changed: a request names the version it was raised
under, and is read by it for good. Every mistake in a file is told by where it stands.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, Final, TypeVar

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui, parse_mpxn, parse_postcode

T = TypeVar("T", bound=StrEnum)

LONGEST_LINE: Final = 300
LONGEST_PARAGRAPH: Final = 10_000
_MOST: Final = 100
"""Of anything that a file lists: categories, services, types, fields, choices."""


class FieldKind(StrEnum):
    """What a field of a request type takes."""

    LINE = "line"
    PARAGRAPH = "paragraph"
    CHOICE = "choice"
    DATE = "date"
    NUMBER = "number"
    DEVICE_ID = "device_id"
    MPXN = "mpxn"
    POSTCODE = "postcode"


class TypeKind(StrEnum):
    """What a request type is about: anything, or one datum that is disputed."""

    GENERAL = "general"
    DISPUTE = "dispute"


@dataclass(frozen=True, slots=True)
class Field:
    """A question of a request type."""

    name: str
    label: str
    kind: FieldKind
    required: bool
    hint: str
    choices: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequestType:
    """Something that can be asked for; `next` says what happens then."""

    code: str
    title: str
    description: str
    next: str
    kind: TypeKind
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Service:
    """A service of a category with its request types."""

    code: str
    title: str
    request_types: tuple[RequestType, ...]


@dataclass(frozen=True, slots=True)
class Category:
    """A business service category with its services."""

    code: str
    title: str
    description: str
    services: tuple[Service, ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """A request type with where it stands."""

    category: Category
    service: Service
    request_type: RequestType


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One version of everything that is offered."""

    version: str
    categories: tuple[Category, ...]

    def offers(self) -> Iterator[Offer]:
        """Every request type, in the file's order."""
        for category in self.categories:
            for service in category.services:
                for one in service.request_types:
                    yield Offer(category, service, one)

    def offer(self, code: str) -> Offer | None:
        """The request type of a code."""
        return next((one for one in self.offers() if one.request_type.code == code), None)


def read_catalogue(content: Mapping[str, Any]) -> Catalogue:
    """The catalogue that a file's content states.

    Raises Refused, code bad_catalogue, naming the place of the first mistake.
    """
    _only(content, {"version", "category"}, "the file")
    categories = tuple(
        _category(one, f"category {place}") for place, one in _listed(content, "category", "")
    )
    found = Catalogue(_text(content, "version", "the file", 60), categories)
    _once([one.code for one in categories], "category")
    _once([one.code for each in categories for one in each.services], "service")
    _once([one.request_type.code for one in found.offers()], "request_type")
    kinds = [one.request_type.kind for one in found.offers()]
    if kinds.count(TypeKind.DISPUTE) > 1:
        raise _wrong("the file", "only one request type can be of the kind dispute")
    return found


def _category(row: Mapping[str, Any], where: str) -> Category:
    _only(row, {"code", "title", "description", "service"}, where)
    services = tuple(
        _service(one, f"{where}, service {place}") for place, one in _listed(row, "service", where)
    )
    return Category(
        _code(row, where),
        _text(row, "title", where),
        _text(row, "description", where, optional=True),
        services,
    )


def _service(row: Mapping[str, Any], where: str) -> Service:
    _only(row, {"code", "title", "request_type"}, where)
    types = tuple(
        _request_type(one, f"{where}, request_type {place}")
        for place, one in _listed(row, "request_type", where)
    )
    return Service(_code(row, where), _text(row, "title", where), types)


def _request_type(row: Mapping[str, Any], where: str) -> RequestType:
    _only(row, {"code", "title", "description", "next", "kind", "field"}, where)
    fields = tuple(
        _field(one, f"{where}, field {place}")
        for place, one in _listed(row, "field", where, optional=True)
    )
    _once([one.name for one in fields], f"{where}, field")
    return RequestType(
        _code(row, where),
        _text(row, "title", where, 120),
        _text(row, "description", where, LONGEST_PARAGRAPH),
        _text(row, "next", where, LONGEST_PARAGRAPH),
        _one_of(TypeKind, row.get("kind", TypeKind.GENERAL.value), where),
        fields,
    )


def _field(row: Mapping[str, Any], where: str) -> Field:
    _only(row, {"name", "label", "kind", "required", "hint", "choices"}, where)
    kind = _one_of(FieldKind, row.get("kind", FieldKind.LINE.value), where)
    choices = row.get("choices", [])
    if not isinstance(choices, list) or not all(isinstance(one, str) and one for one in choices):
        raise _wrong(where, "choices must be a list of texts")
    if bool(choices) is not (kind is FieldKind.CHOICE):
        raise _wrong(where, "choices belong to a field of the kind choice, which needs some")
    required = row.get("required", False)
    if not isinstance(required, bool):
        raise _wrong(where, "required must be true or false")
    _once(choices, f"{where}, choice")
    return Field(
        _code(row, where, "name"),
        _text(row, "label", where),
        kind,
        required,
        _text(row, "hint", where, LONGEST_LINE, optional=True),
        tuple(choices[:_MOST]),
    )


def check_answers(
    fields: Iterable[Field], given: Mapping[str, str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Answers in their canonical form, and what is wrong with the others, both by field.

    Empty answers to optional fields are left out; a name that the type has no field for is wrong.
    """
    known = {one.name: one for one in fields}
    answers: dict[str, str] = {}
    wrong = {name: "This request type has no such field." for name in given if name not in known}
    for name, field in known.items():
        typed = given.get(name, "").strip()
        if not typed:
            if field.required:
                wrong[name] = f"Answer: {field.label}."
            continue
        try:
            answers[name] = _canonical(field, typed)
        except Refused as refused:
            wrong[name] = refused.message
    return answers, wrong


def _canonical(field: Field, typed: str) -> str:
    longest = LONGEST_PARAGRAPH if field.kind is FieldKind.PARAGRAPH else LONGEST_LINE
    if len(typed) > longest:
        raise Refused(f"Use {longest:,} characters or fewer.")
    match field.kind:
        case FieldKind.CHOICE if typed not in field.choices:
            raise Refused("Choose one of the list.")
        case FieldKind.DATE:
            return as_date(typed).isoformat()
        case FieldKind.NUMBER if not (typed.isascii() and typed.isdecimal() and len(typed) < 13):
            raise Refused("Enter a whole number.")
        case FieldKind.DEVICE_ID:
            return parse_eui(typed)
        case FieldKind.MPXN:
            return parse_mpxn(typed).value
        case FieldKind.POSTCODE:
            return parse_postcode(typed)
    return typed


def as_date(typed: str) -> date:
    """A date written as 2026-12-31. Raises Refused."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Refused("Enter a date such as 2026-12-31.") from None


def _listed(
    row: Mapping[str, Any], name: str, where: str, *, optional: bool = False
) -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = row.get(name, [])
    whole = isinstance(rows, list) and all(isinstance(one, dict) for one in rows)
    if not whole or len(rows) > _MOST or not (rows or optional):
        raise _wrong(where or "the file", f"{name} must be a list of 1 to {_MOST} tables")
    return iter(enumerate(rows, 1))


def _only(row: Mapping[str, Any], names: set[str], where: str) -> None:
    if unknown := sorted(set(row) - names):
        raise _wrong(where, f"{unknown[0]} is not known here")


def _text(
    row: Mapping[str, Any], name: str, where: str, longest: int = 160, *, optional: bool = False
) -> str:
    value = row.get(name, "")
    if not isinstance(value, str) or len(value) > longest or not (value.strip() or optional):
        raise _wrong(where, f"{name} must be a text of 1 to {longest:,} characters")
    return value.strip()


def _code(row: Mapping[str, Any], where: str, name: str = "code") -> str:
    value = _text(row, name, where, 40)
    plain = value.replace("-", "").replace("_", "")
    if not (plain.isascii() and plain.isalnum() and value == value.lower() and value[0].isalpha()):
        raise _wrong(where, f"{name} must be lower-case letters, digits, hyphens and underscores")
    return value


def _one_of(kinds: type[T], value: object, where: str) -> T:
    try:
        return kinds(str(value))
    except ValueError:
        allowed = ", ".join(kinds)
        raise _wrong(where, f"kind is {value}; it is one of {allowed}") from None


def _once(values: list[str], what: str) -> None:
    if again := [one for one in values if values.count(one) > 1]:
        raise _wrong(what, f"{again[0]} stands there twice")


def _wrong(where: str, what: str) -> Refused:
    return Refused(f"The catalogue cannot be read: {where}: {what}.", code="bad_catalogue")

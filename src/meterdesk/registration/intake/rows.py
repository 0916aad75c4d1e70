"""One row of registration read: parties, dates, address. Pure parsing, many thousand a second."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from functools import lru_cache

from meterdesk.identity.queries import user_id_entries
from meterdesk.identity.rules import UserRole
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import (
    InvalidIdentifier,
    all_digits,
    eui_to_int,
    parse_eui,
    parse_mpan,
    parse_mprn,
    parse_postcode,
    parse_uprn,
)
from meterdesk.kernel.worktime import LONDON
from meterdesk.registration.rules import MeterPointKind, PartyRole, premises_key
from meterdesk.registration.rules.rows import Row

COLUMNS = (
    "mpxn",
    "kind",
    "effective_from",
    "effective_to",
    "supplier",
    "network_party",
    "agent",
    "uprn",
    "property",
    "street",
    "town",
    "postcode",
)
DOUBTFUL = "Rows kept whose MPRN does not agree with the check rule (old ones predate it)"
LONGEST_TEXT = 200
_ROLES = {
    PartyRole.SUPPLIER: frozenset({UserRole.IS, UserRole.ES, UserRole.GS}),
    PartyRole.NETWORK_PARTY: frozenset({UserRole.ED, UserRole.GT}),
    PartyRole.AGENT: frozenset({UserRole.RSA}),
}
_ROLE_WORDS = {
    PartyRole.SUPPLIER: "a supplier",
    PartyRole.NETWORK_PARTY: "an electricity distributor or gas transporter",
    PartyRole.AGENT: "a registered supplier agent",
}
_GAS = MeterPointKind.GAS.value
_KINDS = {kind.value: kind.value for kind in MeterPointKind}


def reader() -> Callable[[Mapping[str, str]], Row]:
    """A parser of rows against the UserIds known at this moment; it remembers what repeats."""
    roles = {eui: entry.user_role for eui, entry in user_id_entries().items()}

    @lru_cache(maxsize=10_000)
    def parties(supplier: str, network_party: str, agent: str) -> tuple[int, int, int | None]:
        return (
            _party(roles, PartyRole.SUPPLIER, supplier),
            _party(roles, PartyRole.NETWORK_PARTY, network_party),
            _party(roles, PartyRole.AGENT, agent) if agent else None,
        )

    def parse(row: Mapping[str, str]) -> Row:
        kind = _kind(row["kind"])
        mpxn = _mpxn(kind, row["mpxn"])
        begins, ends = instant("effective_from", row["effective_from"]), None
        if row["effective_to"]:
            ends = instant("effective_to", row["effective_to"])
            if ends <= begins:
                raise Refused("It ends before it begins.", code="ends_before_it_begins")
        supplier, network_party, agent = parties(
            row["supplier"], row["network_party"], row["agent"]
        )
        property_, street, town = row["property"], row["street"], row["town"]
        if len(property_) + len(street) + len(town) > LONGEST_TEXT:
            raise Refused(f"The address is longer than {LONGEST_TEXT} characters.", code="too_long")
        uprn = parse_uprn(row["uprn"]) if row["uprn"] else ""
        postcode = _postcode(row["postcode"])
        key = premises_key(mpxn, uprn, property_, street, postcode)
        return Row(
            mpxn, begins, ends, supplier, network_party, agent,
            kind, property_, street, town, postcode, uprn, key,
        )  # fmt: skip

    return parse


def _kind(text: str) -> str:
    found = _KINDS.get(text) or _KINDS.get(text.upper())
    if found is None:
        raise Refused(
            f"The kind is IMPORT, EXPORT or GAS, not {text or 'empty'}.", code="unknown_kind"
        )
    return found


def _mpxn(kind: str, text: str) -> str:
    gas = kind == _GAS
    try:
        return parse_mprn(text) if gas else parse_mpan(text)
    except InvalidIdentifier as error:
        digits = text.strip()
        if all_digits(digits) and (len(digits) == 13) is gas:
            raise Refused(
                f"The kind is {kind}, but this is an {'MPAN' if gas else 'MPRN'}.",
                code="kind_contradicts_identifier",
            ) from error
        raise


def parse_mpxn_of(gas: bool, text: str) -> str:
    """The MPRN or MPAN of a record that gives no kind. Raises Refused."""
    return parse_mprn(text) if gas else parse_mpan(text)


@lru_cache(maxsize=20_000)
def instant(column: str, text: str) -> datetime:
    """The start of a day in London. Raises Refused."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"{column} is a date such as 2026-04-01, not {text or 'empty'}.", code="invalid_date"
        ) from None
    if not 1990 <= day.year <= 2100:
        raise Refused(f"{column} lies outside 1990 to 2100.", code="invalid_date")
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def _party(roles: Mapping[str, UserRole], role: PartyRole, text: str) -> int:
    try:
        eui = parse_eui(text)
    except InvalidIdentifier as error:
        raise Refused(
            f"The {role} is a UserId of 16 characters, not {text or 'empty'}.",
            code="invalid_user_id",
        ) from error
    if eui not in roles:
        raise Refused(f"The {role} {eui} is not a UserId known here.", code="unknown_user_id")
    if roles[eui] not in _ROLES[role]:
        raise Refused(
            f"The {role} {eui} has the User Role {roles[eui]}; it must be {_ROLE_WORDS[role]}.",
            code="wrong_user_role",
        )
    return eui_to_int(eui)


_postcode = lru_cache(maxsize=50_000)(parse_postcode)

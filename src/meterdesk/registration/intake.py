"""The registration file: one row says who is registered at a meter point from a date (REG-1)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from meterdesk.identity.queries import user_id_entries
from meterdesk.identity.rules import UserRole
from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import (
    InvalidIdentifier,
    all_digits,
    eui_from_int,
    eui_to_int,
    mprn_check_ok,
    parse_eui,
    parse_mpan,
    parse_mprn,
    parse_postcode,
    parse_uprn,
)
from meterdesk.platform.intake import Batch, Intake, Outcome, Refusal, copy_into, read_csv
from meterdesk.platform.intake.kinds import Record
from meterdesk.registration.rules import (
    MeterPointKind,
    PartyRole,
    Period,
    premises_key,
    succeed,
)

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
_DOUBTFUL = "Rows kept whose MPRN does not agree with the check rule (old ones predate it)"
LONDON = ZoneInfo("Europe/London")
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


@dataclass(frozen=True, slots=True)
class Point:
    """The meter point of a row, as stored: kind, address, UPRN, premises."""

    kind: str
    property: str
    street: str
    town: str
    postcode: str
    uprn: str
    premises_key: str


@dataclass(frozen=True, slots=True)
class Row:
    """One parsed row."""

    mpxn: str
    point: Point
    period: Period
    is_doubtful: bool


@dataclass(slots=True)
class Known:
    """A meter point as it stands while a batch is taken in; `id` 0 until it has one."""

    id: int
    point: Point | None
    stored_point: Point | None
    history: list[Period]
    stored: dict[datetime, Period]


def reader() -> Callable[[Mapping[str, str]], Row]:
    """A parser of rows against the UserIds known at this moment; it remembers what repeats."""
    roles = {eui: entry.user_role for eui, entry in user_id_entries().items()}
    party = lru_cache(maxsize=10_000)(lambda role, text: _party(roles, role, text))

    def parse(row: Mapping[str, str]) -> Row:
        kind = _kind(row["kind"])
        mpxn = _mpxn(kind, row["mpxn"])
        begins, ends = _instant("effective_from", row["effective_from"]), None
        if row["effective_to"]:
            ends = _instant("effective_to", row["effective_to"])
            if ends <= begins:
                raise Refused("It ends before it begins.", code="ends_before_it_begins")
        agent = row["agent"]
        period = Period(
            begins,
            ends,
            party(PartyRole.SUPPLIER, row["supplier"]),
            party(PartyRole.NETWORK_PARTY, row["network_party"]),
            party(PartyRole.AGENT, agent) if agent else None,
        )
        doubtful = kind is MeterPointKind.GAS and not mprn_check_ok(mpxn)
        return Row(mpxn, _point(mpxn, kind, row), period, doubtful)

    return parse


def _kind(text: str) -> MeterPointKind:
    try:
        return MeterPointKind(text.upper())
    except ValueError:
        raise Refused(
            f"The kind is IMPORT, EXPORT or GAS, not {text or 'empty'}.", code="unknown_kind"
        ) from None


def _mpxn(kind: MeterPointKind, text: str) -> str:
    gas = kind is MeterPointKind.GAS
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


@lru_cache(maxsize=20_000)
def _instant(column: str, text: str) -> datetime:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Refused(
            f"{column} is a date such as 2026-04-01, not {text or 'empty'}.", code="invalid_date"
        ) from None
    if not 1990 <= day.year <= 2100:
        raise Refused(f"{column} lies outside 1990 to 2100.", code="invalid_date")
    return datetime.combine(day, time(), LONDON).astimezone(UTC)


def _party(roles: Mapping[str, UserRole], role: PartyRole, text: str) -> str:
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
    return eui


_postcode = lru_cache(maxsize=50_000)(parse_postcode)


def _point(mpxn: str, kind: MeterPointKind, row: Mapping[str, str]) -> Point:
    uprn = parse_uprn(row["uprn"]) if row["uprn"] else ""
    postcode = _postcode(row["postcode"])
    property_, street = row["property"], row["street"]
    key = premises_key(mpxn, uprn, property_, street, postcode)
    return Point(kind.value, property_, street, row["town"], postcode, uprn, key)


def read(path: Path, _options: Mapping[str, str]) -> Iterator[Record | Refusal]:
    """Rows of a file."""
    return read_csv(path, COLUMNS, reader())


def apply(batch: Batch) -> Outcome:
    """Take in rows in their order; only what differs from what is stored is written."""
    known = _load({row.mpxn for _, row in batch.records})
    outcome = Outcome()
    for line, row in batch.records:
        try:
            changed = _take(known, row)
        except Refused as refused:
            excerpt = f"{row.mpxn} from {row.period.active_from:%Y-%m-%d}"
            outcome.refused.append(Refusal(line, refused.code, refused.message, excerpt))
            continue
        if changed:
            outcome.accepted += 1
        else:
            outcome.unchanged += 1
        if row.is_doubtful:
            outcome.noted[_DOUBTFUL] += 1
    _write(known)
    return outcome


def _take(known: dict[str, Known], row: Row) -> bool:
    there = known.get(row.mpxn)
    if there is None:
        known[row.mpxn] = Known(0, row.point, None, [row.period], {})
        return True
    history = succeed(there.history, row.period)
    # The latest registration says where the meter point is; older rows may have an older address.
    moved = there.point != row.point and (
        not there.history or row.period.active_from >= there.history[-1].active_from
    )
    if moved:
        there.point = row.point
    if history is not None:
        there.history = history
    return moved or history is not None


def _load(mpxns: Iterable[str]) -> dict[str, Known]:
    known: dict[str, Known] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select mpxn, id, kind, property, street, town, postcode, uprn, premises_key "
            "from registration_meterpoint where mpxn = any(%s)",
            [list(mpxns)],
        )
        by_id: dict[int, Known] = {}
        for mpxn, id_, *point in cursor.fetchall():
            stored = Point(*point)
            known[mpxn] = by_id[id_] = Known(id_, stored, stored, [], {})
        if not by_id:
            return known
        cursor.execute(
            "select meter_point_id, active_from, active_to, supplier, network_party, agent "
            "from registration_registration where meter_point_id = any(%s) order by 1, 2",
            [list(by_id)],
        )
        for id_, begins, ends, supplier, network_party, agent in cursor.fetchall():
            period = Period(begins, ends, _eui(supplier), _eui(network_party), _agent(agent))
            by_id[id_].history.append(period)
            by_id[id_].stored[begins] = period
    return known


_eui = lru_cache(maxsize=10_000)(eui_from_int)
_number = lru_cache(maxsize=10_000)(eui_to_int)


def _agent(number: int | None) -> str | None:
    return None if number is None else _eui(number)


def _write(known: dict[str, Known]) -> None:
    new = {mpxn: one for mpxn, one in known.items() if not one.id}
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval('registration_meterpoint_id_seq') from generate_series(1, %s)",
            [len(new)],
        )
        for one, (id_,) in zip(new.values(), cursor.fetchall(), strict=True):
            one.id = id_
        moved = [one for one in known.values() if one.stored_point not in (None, one.point)]
        cursor.executemany(
            "update registration_meterpoint set kind = %s, property = %s, street = %s, "
            "town = %s, postcode = %s, uprn = %s, premises_key = %s where id = %s",
            [(*_columns(one.point), one.id) for one in moved],
        )
        changed = [
            (one.id, period)
            for one in known.values()
            for period in one.history
            if one.stored.get(period.active_from) not in (None, period)
        ]
        cursor.executemany(
            "update registration_registration set active_to = %s, supplier = %s, "
            "network_party = %s, agent = %s where meter_point_id = %s and active_from = %s",
            [(p.active_to, *_parties(p), id_, p.active_from) for id_, p in changed],
        )
        copy_into(
            cursor,
            "registration_meterpoint",
            ("id", "mpxn", *Point.__slots__),
            ((one.id, mpxn, *_columns(one.point)) for mpxn, one in new.items()),
        )
        copy_into(
            cursor,
            "registration_registration",
            ("meter_point_id", "active_from", "active_to", "supplier", "network_party", "agent"),
            (
                (one.id, period.active_from, period.active_to, *_parties(period))
                for one in known.values()
                for period in one.history
                if period.active_from not in one.stored
            ),
        )


def _columns(point: Point | None) -> tuple[Any, ...]:
    return tuple(getattr(point, name) for name in Point.__slots__)


def _parties(period: Period) -> tuple[int, int, int | None]:
    agent = None if period.agent is None else _number(period.agent)
    return _number(period.supplier), _number(period.network_party), agent


INTAKE = Intake(kind="registration", title="Registration", read=read, apply=apply)

"""Two registration data providers of the demonstration, and a week in their life."""

from collections.abc import Iterable, Sequence
from datetime import datetime, time, timedelta
from pathlib import Path

from meterdesk.demo.files import REGISTRATION, registration_rows
from meterdesk.demo.homes import Home
from meterdesk.demo.people import EASTMOOR, FELLGATE, UserIdOf
from meterdesk.identity.queries import actor_named, organisations_of_kind
from meterdesk.identity.rules import Actor, OrganisationKind, UserRole
from meterdesk.kernel.worktime import LONDON
from meterdesk.platform.intake import run_intake
from meterdesk.registration.actions import (
    Difference,
    ProviderDetails,
    add_provider,
    report_misalignment,
    request_refresh,
)
from meterdesk.registration.queries.providers import providers
from meterdesk.registration.rules.files import Fuel
from meterdesk.registration.rules.troubles import Master

ELECTRICITY, GAS = "EASTMOOR", "FELLGATE"
_PER_FILE = 40


def send_registration_data(homes: Sequence[Home], folder: Path, now: datetime) -> int:
    """Take up two providers and take in what they sent; returns how many files.

    Nothing happens when the providers are there already.
    """
    administrator = actor_named("desk.administrator")
    if providers(administrator, at=now):
        return 0
    _take_up(ELECTRICITY, "Eastmoor registration", Fuel.ELECTRICITY, EASTMOOR, UserRole.ED, now)
    _take_up(GAS, "Fellgate registration", Fuel.GAS, FELLGATE, UserRole.GT, now)
    electricity, gas = _records(homes, gas=False), _records(homes, gas=True)
    made = now - timedelta(hours=3)
    files = [
        _file(Fuel.ELECTRICITY, ELECTRICITY, 1, made, electricity[:_PER_FILE]),
        _file(
            Fuel.ELECTRICITY, ELECTRICITY, 2, made,
            [*electricity[_PER_FILE : 2 * _PER_FILE], "R|1012345678905|IMPORT|2026-01-01|||||||||"],
        ),
        _file(Fuel.ELECTRICITY, ELECTRICITY, 4, made, electricity[2 * _PER_FILE : 3 * _PER_FILE]),
        _file(Fuel.GAS, GAS, 1, made, gas[:_PER_FILE]),
        _file(Fuel.GAS, GAS, 2, made, gas[_PER_FILE : 2 * _PER_FILE]).rsplit("T|", 1)[0],
    ]  # fmt: skip
    for number, text in enumerate(files):
        code, fuel = (ELECTRICITY, Fuel.ELECTRICITY) if number < 3 else (GAS, Fuel.GAS)
        path = folder / f"{code}_{text.split('|')[4]}.txt"
        path.write_text(text, encoding="utf-8")
        run_intake(fuel.intake_kind, [path], started_by="demonstration")
        path.unlink()
    request_refresh(administrator, GAS, why="Several addresses in Durham look out of date.", at=now)
    if electricity:
        _differ(administrator, electricity[0].split("|")[1], now)
    return len(files)


def _differ(administrator: Actor, mpan: str, now: datetime) -> None:
    new = Difference(mpan, "address", "12A", "12", Master.PROVIDER)
    report_misalignment(administrator, ELECTRICITY, new, at=now)


def _take_up(
    code: str, name: str, fuel: Fuel, party: UserIdOf, role: UserRole, now: datetime
) -> None:
    ids = {one.name: one.id for one in organisations_of_kind(OrganisationKind.PARTY)}
    details = ProviderDetails(
        code=code,
        name=name,
        fuel=fuel,
        organisation_id=ids[party.name],
        user_id=party.user_id(role),
        due_time=time(6),
        due_since=now.astimezone(LONDON).date() + timedelta(days=1),
    )
    add_provider(None, details, at=now)


def _records(homes: Iterable[Home], *, gas: bool) -> list[str]:
    rows = (row for home in homes for row in registration_rows(home))
    return [
        "|".join(["R", *(row.get(name, "") for name in REGISTRATION)])
        for row in rows
        if (row["kind"] == "GAS") is gas
    ][: 3 * _PER_FILE]


def _file(fuel: Fuel, code: str, sequence: int, made: datetime, records: list[str]) -> str:
    header = f"H|{fuel.value}|{code}|CHANGE|{sequence}|{made:%Y-%m-%dT%H:%M:%SZ}|1|"
    return "\n".join([header, *records, f"T|{code}|{sequence}|{len(records)}", ""])

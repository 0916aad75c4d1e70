"""Files of a synthetic country: homes with their Devices and meter points, whatever the number."""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import product
from pathlib import Path

from meterdesk.kernel.identifiers import mpan_check_digit, mprn_with_check

KINDS = (("CHF", "54310200"), ("ESME", "E4700100"), ("GPF", "54310200"), ("GSME", "47360100"))
SHARES = (0.45, 0.01, 0.0005)
"""Shares of the homes of three suppliers; a fourth has the rest."""
DEVICE_HEAD = (
    "device_id,device_type,device_status,status_date,manufacturer,model,firmware_version,"
    "smets_chts_version,gbcs_version,import_mpxn,uprn,postcode,property,csp_region,"
    "commissioned_date,installed_date,associated_with"
)
POINT_HEAD = (
    "mpxn,kind,effective_from,effective_to,supplier,network_party,agent,uprn,property,street,"
    "town,postcode"
)


def device_id(home: int, place: int) -> str:
    """The Device at this place of a home, 0 to 3."""
    return bytes.fromhex(f"90B3D5{home * 4 + place:010X}").hex("-").upper()


def mpan(home: int) -> str:
    """The MPAN of a home."""
    core = f"12{home:08d}00"
    return f"{core}{mpan_check_digit(core)}"


def mprn(home: int) -> str:
    """The MPRN of a home."""
    return mprn_with_check(f"{10_000_000 + home}")


@cache
def _incodes() -> list[str]:
    letters = "ABDEFGHJLN"
    return [f"{digit}{a}{b}" for digit, a, b in product(range(10), letters, letters)]


def postcode(home: int) -> str:
    """The postcode of a home; some forty share one."""
    street = home // 40
    return f"AB{street // 1000 % 99 + 1} {_incodes()[street % 1000]}"


def device_lines(home: int) -> str:
    """The four Devices of a home: hub, electricity meter, gas proxy, gas meter."""
    ids = [device_id(home, place) for place in range(4)]
    gas, day = mprn(home), f"2024-{home % 12 + 1:02}-{home % 28 + 1:02}"
    near, points = ("", ids[0], ids[0], ids[2]), ("", mpan(home), gas, gas)
    where = f"{10_000_000 + home},{postcode(home)},{home % 40 + 1}"
    region = ("North", "Central", "South")[home % 3]
    return "".join(
        f"{ids[n]},{kind},Commissioned,{day}T09:{home % 60:02}:00Z,1086,{model},000A7000,"
        f"SMETS V5.0,4.2,{points[n]},{where},{region},{day},{day},{near[n]}\n"
        for n, (kind, model) in enumerate(KINDS)
    )


def supplier_of(home: int) -> int:
    """Which of four suppliers a home has, by SHARES."""
    draw, sums = home * 2_654_435_761 % 2**32 / 2**32, 0.0
    for number, share in enumerate(SHARES):
        sums += share
        if draw < sums:
            return number
    return len(SHARES)


def point_lines(home: int, user_ids: list[str], since: str = "2020-01-01") -> str:
    """The two meter points of a home; `user_ids` has four suppliers and the network company."""
    parties = f"{user_ids[supplier_of(home)]},{user_ids[4]},"
    where = f"{10_000_000 + home},{home % 40 + 1},High Street,Aberdeen,{postcode(home)}"
    return (
        f"{mpan(home)},import,{since},,{parties},{where}\n"
        f"{mprn(home)},gas,{since},,{parties},{where}\n"
    )


def write(path: Path, head: str, homes: range, lines: Callable[[int], str]) -> Path:
    """Write the file of these homes."""
    with path.open("w", encoding="ascii") as stream:
        stream.write(head + "\n")
        stream.writelines(_blocks(homes, lines))
    return path


def _blocks(homes: range, lines: Callable[[int], str]) -> Iterator[str]:
    for begin in range(0, len(homes), 1_000):
        yield "".join(map(lines, homes[begin : begin + 1_000]))

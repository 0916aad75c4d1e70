"""Lines of a trail as a national network writes them: many Devices, few parties, skewed services.

    python -m tests.scale.trail_lines FOLDER ROWS [--days 3] [--devices 500000] [--late 0.0]

Writes one NDJSON file a day. Requests that are to be answered late are in the day's file without
their answers, which follow in a file of their own.
"""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

SERVICES = (
    *(("4.8.1", "DSP Scheduled", 30), ("4.6.1", "DSP Scheduled", 25)),
    *(("4.17", "DSP Scheduled", 15), ("8.9", "On Demand", 1)),
    *(("7.4", "On Demand", 8), ("4.1.1", "On Demand", 8), ("2.2", "On Demand", 6)),
    *(("6.13", "On Demand", 3), ("1.1.1", "Future Date", 2), ("11.2", "On Demand", 2)),
)  # fmt: skip
_NAMES = [(srv, mode) for srv, mode, _weight in SERVICES]
_WEIGHTS = [weight for *_rest, weight in SERVICES]
PARTIES = 40


def eui(number: int) -> str:
    """A Device ID or UserId of the bench's own range."""
    digits = f"{number:016X}"
    return "-".join(digits[place : place + 2] for place in range(0, 16, 2))


def device_of(number: int) -> str:
    """The Device of that number."""
    return eui(0x00DB_1200_0000_0000 + number * 7)


def party_of(number: int) -> str:
    """The UserId of that number."""
    return eui(0x90B3_D51F_3000_0000 + number * 0x1_0000)


def day_lines(
    day: datetime, rows: int, devices: int, late: float, seed: int, seconds: float = 86_399
) -> Iterator[tuple[str, str]]:
    """Lines of a day, or its first seconds, in the order of time, each with its late answer."""
    rng = Random(seed)
    chosen = rng.choices(_NAMES, _WEIGHTS, k=rows)
    for number, (srv, mode) in enumerate(chosen):
        at = day + timedelta(seconds=seconds * number / rows, microseconds=rng.randint(0, 900_000))
        device = device_of(rng.randrange(devices))
        party = party_of(min(int(rng.expovariate(0.15)), PARTIES - 1))
        stamp = f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"
        if rng.random() < 0.05:
            yield (
                f'{{"type":"alert","alert_id":"{seed}.{number}","device_id":"{device}",'
                f'"recipient":"{party}","alert_code":"8F3F","received_at":"{stamp}",'
                f'"mode":"Device Alert","csp_region":"Central","mpxn":null}}\n',
                "",
            )
            continue
        code, status = ("I0", "Success") if rng.random() < 0.985 else ("E21", "Failure")
        done = f"{at + timedelta(seconds=rng.uniform(1, 40)):%Y-%m-%dT%H:%M:%S.%f}Z"
        identity = f"{party}:{device}:{seed * 10_000_000 + number}"
        is_late = rng.random() < late
        answer = (
            f'"responded_at":"{done}","response_code":"{code}","status":"{status}",'
            f'"response_id":"{device}:{party}:{seed * 10_000_000 + number}"'
        )
        waiting = '"responded_at":null,"response_code":null,"status":"In Progress"'
        yield (
            f'{{"type":"request","request_id":"{identity}","originator":"{party}",'
            f'"device_id":"{device}","srv":"{srv}","service_reference":null,"command_variant":1,'
            f'"mode":"{mode}","received_at":"{stamp}",{waiting if is_late else answer},'
            '"csp_region":"North","mpxn":"1312345678907","preceding_request_id":null,'
            f'"gbcs_sequence":{number},"anomaly_flag":false,"status_history":[]}}\n',
            f'{{"type":"response","request_id":"{identity}","received_at":"{stamp}",{answer}}}\n'
            if is_late
            else "",
        )


def write_files(folder: Path, rows: int, days: int, devices: int, late: float) -> list[Path]:
    """Write the days' files and return them in order; kept ones are not written again."""
    folder.mkdir(parents=True, exist_ok=True)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    paths = []
    for number in range(days):
        day = today - timedelta(days=days - number)
        path = folder / f"{day:%Y%m%d}-{rows // days}.ndjson"
        answers = path.with_suffix(".late.ndjson")
        paths += [path, answers] if late else [path]
        if path.exists():
            continue
        with path.open("w", encoding="ascii") as out, answers.open("w", encoding="ascii") as later:
            for line, answer in day_lines(day, rows // days, devices, late, number + 1):
                out.write(line)
                later.write(answer)
        if not late:
            answers.unlink()
    return paths


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("rows", type=int)
    parser.add_argument("--days", type=int, default=3)
    parser.add_argument("--devices", type=int, default=500_000)
    parser.add_argument("--late", type=float, default=0.0)
    given = parser.parse_args()
    write_files(given.folder, given.rows, given.days, given.devices, given.late)

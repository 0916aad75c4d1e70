"""Percentiles, and the table they are written to."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Spread:
    """Times of one thing done often, in milliseconds."""

    milliseconds: list[float]

    def at(self, share: float) -> float:
        """The time that this share of the calls stayed within."""
        ordered = sorted(self.milliseconds)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    def __str__(self) -> str:
        return f"p50 {self.at(0.5):.2f} ms, p95 {self.at(0.95):.2f} ms, n {len(self.milliseconds)}"


def timed(call: Callable[[Any], Any], given: Iterable[Any]) -> Spread:
    """Time a call for each of the given arguments."""
    times = []
    for one in given:
        started = time.perf_counter()
        call(one)
        times.append((time.perf_counter() - started) * 1000)
    return Spread(times)


def timed_in_sql(call: Callable[[Any], Any], given: Iterable[Any]) -> Spread:
    """Time a call for each of the given arguments, counting what passes in the database alone."""
    from django.db import connection  # noqa: PLC0415  after django.setup()

    times: list[float] = []

    def count(execute: Any, *statement: Any) -> Any:
        started = time.perf_counter()
        answer = execute(*statement)
        times[-1] += (time.perf_counter() - started) * 1000
        return answer

    with connection.execute_wrapper(count):
        for one in given:
            times.append(0.0)
            call(one)
    return Spread(times)


@dataclass(slots=True)
class Table:
    """What was measured, as a table in Markdown."""

    title: str
    rows: list[tuple[str, str, str]] = field(default_factory=list)

    def add(self, what: str, wanted: str, seen: object) -> None:
        """Note a figure and say it at once."""
        self.rows.append((what, wanted, str(seen)))
        print(f"{what}: {seen} (wanted: {wanted})", flush=True)

    def write(self, path: Path) -> None:
        """Write the table."""
        lines = [self.title, "", "| what | wanted | seen |", "|---|---|---|"]
        lines += [f"| {what} | {wanted} | {seen} |" for what, wanted, seen in self.rows]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")

"""Products lists for tests."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from meterdesk.inventory.intake.products import COLUMNS


def write_products(
    path: Path,
    rows: Iterable[Sequence[str]],
    version: str = "Version 1.000 Issued on 01-11-2024",
) -> Path:
    """Write entries: number, status, type, manufacturer, model, firmware."""
    lines = [",".join(COLUMNS)]
    for number, status, kind, manufacturer, model, firmware in rows:
        lines.append(
            ",".join(
                (
                    version, number, status, kind, manufacturer, model[:4], model[4:6], model[6:],
                    model, firmware, "SMETS V5.1", "GBCS Version 4.1", "",
                )
            )
        )  # fmt: skip
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    return path

"""Which Devices a portfolio lists."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import Final, Self

from meterdesk.inventory.rules.words import CSP_REGIONS, DeviceStatus, DeviceType
from meterdesk.kernel.errors import Refused


class Whose(StrEnum):
    """Whose Devices: at meter points of one's own UserIds, or everybody's."""

    MINE = "mine"
    ALL = "all"


_HEX: Final = re.compile(r"[0-9A-F]{1,8}")
_AREA: Final = re.compile(r"[A-Z]{1,2}(?:[0-9][0-9A-Z]?)?")


@dataclass(frozen=True, slots=True)
class PortfolioSearch:
    """Filters of the portfolio; one that is empty lets every Device pass.

    `postcode` is a postcode area such as AB or an outcode such as AB1; `installed_from` and
    `installed_to` are the first and last day of installation.
    """

    whose: Whose = Whose.MINE
    device_type: DeviceType | None = None
    status: DeviceStatus | None = None
    manufacturer: str = ""
    model: str = ""
    firmware: str = ""
    region: str = ""
    postcode: str = ""
    installed_from: date | None = None
    installed_to: date | None = None

    @classmethod
    def of(cls, given: Mapping[str, str | None]) -> Self:
        """Read the filters as people write them. Raises Refused with a message for each field."""
        wrong: dict[str, str] = {}
        text = {one.name: (given.get(one.name) or "").strip() for one in fields(cls)}
        for name in ("manufacturer", "model", "firmware"):
            text[name] = text[name].upper()
            if text[name] and not _HEX.fullmatch(text[name]):
                wrong[name] = "Enter up to 8 hexadecimal digits, 0 to 9 and A to F."
        text["postcode"] = "".join(text["postcode"].split()).upper()
        if text["postcode"] and not _AREA.fullmatch(text["postcode"]):
            wrong["postcode"] = "Enter a postcode area or the first half, such as AB or AB1."
        if text["region"] and text["region"] not in CSP_REGIONS:
            wrong["region"] = f"Choose one of {', '.join(CSP_REGIONS)}."
        days = {name: _day(name, text[name], wrong) for name in ("installed_from", "installed_to")}
        if (first := days["installed_from"]) and (last := days["installed_to"]) and first > last:
            wrong["installed_to"] = "Enter a day that is not before the first."
        kind = _word(DeviceType, "device_type", text, wrong)
        status = _word(DeviceStatus, "status", text, wrong)
        whose = _word(Whose, "whose", text, wrong)
        if wrong:
            raise Refused(next(iter(wrong.values())), code="invalid_filter", fields=wrong)
        return cls(
            whose=whose or Whose.MINE,
            device_type=kind,
            status=status,
            manufacturer=text["manufacturer"],
            model=text["model"],
            firmware=text["firmware"],
            region=text["region"],
            postcode=text["postcode"],
            **days,
        )

    def given(self) -> dict[str, str]:
        """The filters that are set, as they stand in an address."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: str(value) for name, value in values.items() if value}

    @property
    def postcodes(self) -> tuple[str, str] | None:
        """The first postcode that fits and the first after those that do, in bytes' order."""
        if not self.postcode:
            return None
        if self.postcode.isalpha():
            return f"{self.postcode}0", f"{self.postcode}:"
        return f"{self.postcode} ", f"{self.postcode}!"


def _day(name: str, text: str, wrong: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        wrong[name] = "Enter a day such as 2025-03-31."
        return None


def _word(kind: type, name: str, text: Mapping[str, str], wrong: dict[str, str]):  # type: ignore[no-untyped-def]  # any StrEnum
    if not text[name]:
        return None
    try:
        return kind(text[name])
    except ValueError:
        wrong[name] = "Choose one of the list."
        return None

"""Which Devices a portfolio lists."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final, Self

from meterdesk.inventory.rules.words import CSP_REGIONS, DeviceStatus, DeviceType
from meterdesk.kernel.errors import Refused


class PortfolioList(StrEnum):
    """The lists of the portfolio, each with filters of its own."""

    DEVICES = "devices"
    POINTS = "points"


class Whose(StrEnum):
    """Whose Devices: at meter points of one's own UserIds, or everybody's."""

    MINE = "mine"
    ALL = "all"


_DAYS: Final = ("installed_from", "installed_to", "silent_since")
SORTS: Final = frozenset(
    {
        *("device_id", "device_type", "mpxn", "status", "status_at", "contact"),
        *("model", "firmware", "region", "installed", "postcode"),
    }
)
_HEX: Final = re.compile(r"[0-9A-F]{1,8}")
_AREA: Final = re.compile(r"[A-Z]{1,2}(?:[0-9][0-9A-Z]?)?")


@dataclass(frozen=True, slots=True)
class PortfolioSearch:
    """Filters of the portfolio; one that is empty lets every Device pass.

    `postcode` is a postcode area such as AB or an outcode such as AB1; `installed_from` and
    `installed_to` are the first and last day of installation. `silent_since` lets those pass that
    were not heard of on that day or since. `sort` is one of SORTS, with `-` in front descending;
    empty: by Device ID.
    """

    of_list: ClassVar[PortfolioList] = PortfolioList.DEVICES

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
    silent_since: date | None = None
    sort: str = ""

    @property
    def is_descending(self) -> bool:
        """Whether the order goes down."""
        return self.sort.startswith("-")

    @classmethod
    def of(cls, given: Mapping[str, str | None]) -> Self:
        """Read the filters as people write them. Raises Refused with a message for each field."""
        wrong: dict[str, str] = {}
        text = {one.name: (given.get(one.name) or "").strip() for one in fields(cls)}
        for name in ("manufacturer", "model", "firmware"):
            text[name] = text[name].upper()
            if text[name] and not _HEX.fullmatch(text[name]):
                wrong[name] = "Enter up to 8 hexadecimal digits, 0 to 9 and A to F."
        text["postcode"] = read_area(text["postcode"], wrong)
        if text["region"] and text["region"] not in CSP_REGIONS:
            wrong["region"] = f"Choose one of {', '.join(CSP_REGIONS)}."
        days = {name: read_day(name, text[name], wrong) for name in _DAYS}
        if (first := days["installed_from"]) and (last := days["installed_to"]) and first > last:
            wrong["installed_to"] = "Enter a day that is not before the first."
        if text["sort"].removeprefix("-") not in {"", *SORTS}:
            wrong["sort"] = f"Sort by one of {', '.join(sorted(SORTS))}."
        kind = read_word(DeviceType, "device_type", text, wrong)
        status = read_word(DeviceStatus, "status", text, wrong)
        whose = read_word(Whose, "whose", text, wrong)
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
            sort=text["sort"],
            **days,
        )

    def given(self) -> dict[str, str]:
        """The filters that are set, as they stand in an address."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: str(value) for name, value in values.items() if value}

    @property
    def postcodes(self) -> tuple[str, str] | None:
        """The first postcode that fits and the first after those that do, in bytes' order."""
        return outcode_range(self.postcode)


def outcode_range(area: str) -> tuple[str, str] | None:
    """The first postcode of an area or outcode, and the first after it, in bytes' order."""
    if not area:
        return None
    if area.isalpha():
        return f"{area}0", f"{area}:"
    return f"{area} ", f"{area}!"


def read_area(text: str, wrong: dict[str, str]) -> str:
    """A postcode area or outcode as people write it; `wrong` gets a message otherwise."""
    area = "".join(text.split()).upper()
    if area and not _AREA.fullmatch(area):
        wrong["postcode"] = "Enter a postcode area or the first half, such as AB or AB1."
    return area


def read_day(name: str, text: str, wrong: dict[str, str]) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        wrong[name] = "Enter a day such as 2025-03-31."
        return None


def read_word(kind: type, name: str, text: Mapping[str, str], wrong: dict[str, str]):  # type: ignore[no-untyped-def]  # any StrEnum
    if not text[name]:
        return None
    try:
        return kind(text[name])
    except ValueError:
        wrong[name] = "Choose one of the list."
        return None

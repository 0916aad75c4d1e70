"""Which meter points of one's own a list has."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final, Self

from meterdesk.inventory.rules.portfolio import (
    PortfolioList,
    outcode_range,
    read_area,
    read_day,
    read_word,
)
from meterdesk.inventory.rules.words import DeviceStatus
from meterdesk.kernel.errors import Refused


class OwnRole(StrEnum):
    """What one is at a meter point."""

    IMPORT_SUPPLIER = "import_supplier"
    EXPORT_SUPPLIER = "export_supplier"
    GAS_SUPPLIER = "gas_supplier"
    NETWORK_PARTY = "network_party"
    AGENT = "agent"

    @property
    def label(self) -> str:
        """For people."""
        return {
            "import_supplier": "Import supplier",
            "export_supplier": "Export supplier",
            "gas_supplier": "Gas supplier",
            "network_party": "Network",
            "agent": "Agent",
        }[self.value]


SUPPLIERS: Final = frozenset(
    {OwnRole.IMPORT_SUPPLIER, OwnRole.EXPORT_SUPPLIER, OwnRole.GAS_SUPPLIER}
)


class Metered(StrEnum):
    """Whether a meter in use stands at the meter point."""

    WITH = "with"
    WITHOUT = "without"


class Agreed(StrEnum):
    """Whether the provider's register is reported to say something else."""

    YES = "yes"
    NO = "no"


POINT_SORTS: Final = frozenset({"mpxn", "postcode", "since", "change", "status"})


@dataclass(frozen=True, slots=True)
class PointSearch:
    """Filters of one's meter points; one that is empty lets every meter point pass.

    Attributes:
        on: the day, in Great Britain, at whose end one is registered; None: now.
        role: what one is there.
        metered: with or without a meter in use.
        status: SMI Status of the meter in use.
        change: `yes`: the supplier changes, or the registration ends, after that day.
        agreed: `no`: the provider reports other data, or what Meterdesk holds is in doubt.
        sort: one of POINT_SORTS, with `-` in front descending; empty: by MPxN.
    """

    of_list: ClassVar[PortfolioList] = PortfolioList.POINTS

    on: date | None = None
    role: OwnRole | None = None
    postcode: str = ""
    metered: Metered | None = None
    status: DeviceStatus | None = None
    change: str = ""
    agreed: Agreed | None = None
    sort: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str | None]) -> Self:
        """Read the filters as people write them. Raises Refused with a message for each field."""
        wrong: dict[str, str] = {}
        text = {one.name: (given.get(one.name) or "").strip() for one in fields(cls)}
        found = cls(
            on=read_day("on", text["on"], wrong),
            role=read_word(OwnRole, "role", text, wrong),
            postcode=read_area(text["postcode"], wrong),
            metered=read_word(Metered, "metered", text, wrong),
            status=read_word(DeviceStatus, "status", text, wrong),
            change="yes" if text["change"] in {"yes", "on", "true", "True"} else "",
            agreed=read_word(Agreed, "agreed", text, wrong),
            sort=text["sort"],
        )
        if text["sort"].removeprefix("-") not in {"", *POINT_SORTS}:
            wrong["sort"] = f"Sort by one of {', '.join(sorted(POINT_SORTS))}."
        if found.agreed and found.on:
            wrong["agreed"] = "Data in doubt are those of today: leave the day empty."
        if wrong:
            raise Refused(next(iter(wrong.values())), code="invalid_filter", fields=wrong)
        return found

    @property
    def is_descending(self) -> bool:
        """Whether the order goes down."""
        return self.sort.startswith("-")

    def given(self) -> dict[str, str]:
        """The filters that are set, as they stand in an address."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: str(value) for name, value in values.items() if value}

    @property
    def postcodes(self) -> tuple[str, str] | None:
        """The first postcode that fits and the first after those that do, in bytes' order."""
        return outcode_range(self.postcode)

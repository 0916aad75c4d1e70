"""What the CSP's data says of a Communications Hub, and how its file is read. Plain Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, TypeVar

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui

T = TypeVar("T")

REQUIRES_COMMUNICATION: Final = "Requires device communication"
COLUMNS: Final = ("device_id", "network_status", "wan_connectivity", "as_of")
DEACTIVATED: Final = "deactivated"


class WanConnectivity(StrEnum):
    """Whether the hub reaches the SM WAN."""

    CONNECTED = "Connected"
    NOT_CONNECTED = "Not connected"
    INTERMITTENT = "Intermittent"


@dataclass(frozen=True, slots=True)
class HubData:
    """The CSP's data of one Communications Hub (SSI-FR-17); None where the CSP gives nothing.

    Attributes:
        device_id: Device ID of the Communications Hub Function.
        birth_event_at: when the hub first announced itself on the SM WAN.
        han_status: kept on the hub itself, so None until somebody communicates with it.
        as_of: the instant for which the CSP says all this.
    """

    device_id: str
    aerial_installed: bool | None
    aerial_type: str
    birth_event_at: datetime | None
    network_status: str
    deactivated_at: datetime | None
    wan_connectivity: WanConnectivity | None
    han_status: str | None
    last_connection_at: datetime | None
    last_tamper_at: datetime | None
    last_outage_at: datetime | None
    last_restore_at: datetime | None
    as_of: datetime

    @property
    def is_deactivated(self) -> bool:
        """Whether the CSP has deactivated the hub."""
        return self.deactivated_at is not None or self.network_status.lower() == DEACTIVATED

    @property
    def has_power_out(self) -> bool:
        """Whether the last outage the CSP knows of has not been followed by a restore."""
        if self.last_outage_at is None:
            return False
        return self.last_restore_at is None or self.last_restore_at < self.last_outage_at


def parse_row(row: Mapping[str, str], now: datetime) -> HubData:
    """Return the data said by one row of the file.

    Args:
        row: columns and their texts.
        now: aware instant; what is more than a day ahead of it would keep out all that is newer.

    Raises:
        Refused: a value is not of its kind; the message names the column.
    """
    latest = now + CLOCK_TOLERANCE
    as_of = _instant(row, "as_of", latest)
    if as_of is None:
        raise Refused("as_of is empty; it says when the data was so.", code="bad_as_of")
    return HubData(
        device_id=parse_eui(row["device_id"]),
        aerial_installed=_word(row, "aerial_installed", _YES_NO),
        aerial_type=_text(row, "aerial_type"),
        birth_event_at=_instant(row, "birth_event_at", latest),
        network_status=_text(row, "network_status"),
        deactivated_at=_instant(row, "deactivated_at", latest),
        wan_connectivity=_word(row, "wan_connectivity", _CONNECTIVITY),
        han_status=_text(row, "han_status") or None,
        last_connection_at=_instant(row, "last_connection_at", latest),
        last_tamper_at=_instant(row, "last_tamper_at", latest),
        last_outage_at=_instant(row, "last_outage_at", latest),
        last_restore_at=_instant(row, "last_restore_at", latest),
        as_of=as_of,
    )


CLOCK_TOLERANCE: Final = timedelta(days=1)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_YES_NO: Final = {"yes": True, "no": False}
_CONNECTIVITY: Final = {one.value.lower(): one for one in WanConnectivity}


def _word(row: Mapping[str, str], column: str, words: Mapping[str, T]) -> T | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        return words[text.lower()]
    except KeyError:
        allowed = ", ".join(word.capitalize() for word in words)
        raise Refused(
            f"{column} is {text}; it is one of {allowed}.", code=f"bad_{column}"
        ) from None


def _instant(row: Mapping[str, str], column: str, latest: datetime) -> datetime | None:
    text = row.get(column, "")
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Refused(
            f"{column} is {text}; instants are written as 2026-12-31T09:30:00Z.",
            code=f"bad_{column}",
        )
    if not EARLIEST <= at <= latest:
        raise Refused(
            f"{column} is {text}, which is before 2000 or more than a day ahead. Correct it, or "
            "check the clock it came from.",
            code=f"bad_{column}",
        )
    return at.astimezone(UTC)


def _text(row: Mapping[str, str], column: str) -> str:
    text = row.get(column, "")
    if len(text) > 100:
        raise Refused(f"{column} is longer than 100 characters.", code="too_long")
    return text

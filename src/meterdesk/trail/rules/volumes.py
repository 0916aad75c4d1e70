"""What is counted of messages, and which response times are in time (AUD-1, GW-3).

The counts hold the response time class, not whether it was in time: a target is compared when
figures are read, so that a count never has to be made again for a target that changed.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from typing import Final, NamedTuple

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui
from meterdesk.trail.rules import Message, MessageKind, Mode, code_of, months_before
from meterdesk.trail.rules.variants import VARIANTS, variant_code

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR: Final = timedelta(hours=1)


class Timing(IntEnum):
    """Response time class: how long the response took. Numbers on disk."""

    WAITING = 0
    WITHIN_30_SECONDS = 1
    WITHIN_60_SECONDS = 2
    WITHIN_24_HOURS = 3
    WITHIN_5_DAYS = 4
    LONGER = 5
    ALERT = 6
    """An alert, which has no response."""


TIMINGS: Final = {
    Timing.WAITING: "No response yet",
    Timing.WITHIN_30_SECONDS: "Within 30 seconds",
    Timing.WITHIN_60_SECONDS: "30 to 60 seconds",
    Timing.WITHIN_24_HOURS: "1 minute to 24 hours",
    Timing.WITHIN_5_DAYS: "1 to 5 days",
    Timing.LONGER: "Longer than 5 days",
    Timing.ALERT: "Alert",
}
TIMING_LIMITS: Final = (
    (Timing.WITHIN_30_SECONDS, timedelta(seconds=30)),
    (Timing.WITHIN_60_SECONDS, timedelta(seconds=60)),
    (Timing.WITHIN_24_HOURS, timedelta(hours=24)),
    (Timing.WITHIN_5_DAYS, timedelta(days=5)),
)
"""The longest response time of each class, the shortest first."""

# Target response times by the User Gateway Services Schedule: by mode, and where it says otherwise.
_TARGETS: Final = {
    Mode.ON_DEMAND: Timing.WITHIN_30_SECONDS,
    Mode.DCC_ONLY: Timing.WITHIN_30_SECONDS,
    Mode.FUTURE_DATE: Timing.WITHIN_24_HOURS,
    Mode.DSP_SCHEDULED: Timing.WITHIN_24_HOURS,
}
_OTHER_TARGETS: Final = {
    **{(reference, Mode.DCC_ONLY): Timing.WITHIN_24_HOURS for reference in ("5.1", "5.2", "5.3")},
    **{(reference, Mode.ON_DEMAND): Timing.WITHIN_24_HOURS for reference in ("5.1", "5.2", "5.3")},
    ("11.1", Mode.FUTURE_DATE): Timing.WITHIN_5_DAYS,
    ("11.1", Mode.ON_DEMAND): Timing.WITHIN_5_DAYS,
}


def target_of(reference: str, mode: Mode) -> Timing | None:
    """The class a response of this Service Reference is due in; None without a target."""
    return _OTHER_TARGETS.get((reference, mode), _TARGETS.get(mode))


def timing_of(message: Message) -> Timing:
    """The response time class of a message as it stands."""
    if message.kind is not MessageKind.REQUEST:
        return Timing.ALERT
    answer = message.answer
    if answer.responded_at is None or not answer.is_final:
        return Timing.WAITING
    took = answer.responded_at - message.received_at
    for timing, limit in TIMING_LIMITS:
        if took <= limit:
            return timing
    return Timing.LONGER


class Counted(NamedTuple):
    """What one message counts towards.

    Attributes:
        hour: of receipt, as hours since 1970 UTC.
        party: UserId as stored.
        srv: number of the variant, 0 for an alert.
    """

    hour: int
    party: int
    srv: int
    mode: int
    status: int
    timing: int


def counted(message: Message) -> Counted:
    """What the message counts towards as it stands."""
    return Counted(
        (message.received_at - _EPOCH) // _HOUR,
        message.party,
        variant_code(message.srv) if message.srv else 0,
        code_of(message.mode),
        code_of(message.answer.status),
        timing_of(message),
    )


@dataclass(frozen=True, slots=True)
class VolumeSearch:
    """Which figures are wanted.

    Attributes:
        month: its first day.
        user_id: only this UserId; empty for all that the reader acts for.
        srv: only this Service Reference Variant; empty for all, alerts included.

    Raises:
        Refused: not a UserId (invalid_identifier) or an unknown variant (unknown_variant), with
            the field's name.
    """

    month: date
    user_id: str = ""
    srv: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "month", self.month.replace(day=1))
        if self.user_id.strip():
            try:
                object.__setattr__(self, "user_id", parse_eui(self.user_id))
            except Refused as refused:
                fields = {"user_id": refused.message}
                raise Refused(refused.message, code=refused.code, fields=fields) from refused
        if self.srv and self.srv not in VARIANTS:
            message = f"{self.srv} is not a Service Reference Variant to search for."
            raise Refused(message, code="unknown_variant", fields={"srv": message})

    @property
    def from_date(self) -> date:
        """The first day of the month."""
        return self.month

    @property
    def to_date(self) -> date:
        """The day after its last."""
        return months_before(self.month, -1)

    @property
    def days(self) -> tuple[date, ...]:
        """Every day of the month."""
        length = (self.to_date - self.from_date).days
        return tuple(self.from_date + timedelta(days=place) for place in range(length))


def parse_month(text: str) -> date:
    """The first day of a month written 2026-11. Raises Refused, code bad_month."""
    if re.fullmatch("20[0-9]{2}-(?:0[1-9]|1[0-2])", text):
        return date(int(text[:4]), int(text[5:]), 1)
    message = "Write the month as year and month, such as 2026-11."
    raise Refused(message, code="bad_month", fields={"month": message})

"""What may be asked of the trail."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import parse_eui, parse_mpxn, parse_uprn
from meterdesk.trail.rules.variants import METER_READ_VARIANTS, VARIANTS

LONDON = ZoneInfo("Europe/London")
ONE_OF = "Give exactly one of MPxN, Device ID and UPRN."


def start_of(day: date) -> datetime:
    """The instant at which a day begins in Europe/London."""
    return datetime.combine(day, time(), LONDON)


def end_of(day: date) -> datetime:
    """The instant at which the day after begins in Europe/London."""
    return start_of(day + timedelta(days=1))


@dataclass(frozen=True, slots=True)
class MessageSearch:
    """Messages of one Device, or of the Devices at a meter point or UPRN, newest first.

    Identifiers are forgiven their spaces and case and made canonical here.

    Attributes:
        srvs: only these Service Reference Variants; empty: any message, alerts included.
        from_at, to_at: aware instants, the first within, the second not.

    Raises:
        Refused: not exactly one identifier (one_identifier), an unknown variant
            (unknown_variant), or an end before its start (bad_period), with the field's name.
    """

    device_id: str = ""
    mpxn: str = ""
    uprn: str = ""
    srvs: tuple[str, ...] = ()
    from_at: datetime | None = None
    to_at: datetime | None = None

    def __post_init__(self) -> None:
        given = {"device_id": self.device_id, "mpxn": self.mpxn, "uprn": self.uprn}
        named = {name: text for name, text in given.items() if text.strip()}
        if len(named) != 1:
            raise Refused(
                ONE_OF, code="one_identifier", fields=dict.fromkeys(named or given, ONE_OF)
            )
        for name, text in given.items():
            object.__setattr__(self, name, _canonical(name, text) if name in named else "")
        unknown = [srv for srv in self.srvs if srv not in self.known_variants()]
        if unknown:
            message = f"{', '.join(unknown)} is not a Service Reference Variant to search for."
            raise Refused(message, code="unknown_variant", fields={"srv": message})
        if self.from_at and self.to_at and self.from_at >= self.to_at:
            message = "The end is before the start. Swap or correct them."
            raise Refused(message, code="bad_period", fields={"to": message})

    @classmethod
    def known_variants(cls) -> frozenset[str]:
        """Variants that may be searched for."""
        return frozenset(VARIANTS)

    @property
    def scope(self) -> str:
        """Names the list for its cursors."""
        values = (str(getattr(self, field.name)) for field in fields(self))
        return "|".join((type(self).__name__, *values))


class TrailSearch(MessageSearch):
    """A search of the service audit trail (SSI-FR-6)."""

    __slots__ = ()


class MeterReadSearch(MessageSearch):
    """A search of meter-read transactions (SSI-FR-10); no variant chosen: all four."""

    __slots__ = ()

    @classmethod
    def known_variants(cls) -> frozenset[str]:
        """The four that are open to every User."""
        return frozenset(METER_READ_VARIANTS)


def _canonical(name: str, text: str) -> str:
    try:
        if name == "device_id":
            return parse_eui(text)
        return parse_mpxn(text).value if name == "mpxn" else parse_uprn(text)
    except Refused as refused:
        raise Refused(
            refused.message, code=refused.code, fields={name: refused.message}
        ) from refused

"""Files of registration coming in: our own table of it, and what providers send."""

from meterdesk.registration.intake.points import POINTS
from meterdesk.registration.intake.provider_files import PROVIDER_KINDS

__all__ = ["POINTS", "PROVIDER_KINDS"]

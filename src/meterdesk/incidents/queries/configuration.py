"""What the operator configured: the categories' targets and the policy's limits."""

from dataclasses import dataclass
from datetime import timedelta

from meterdesk.incidents.models import CategoryTarget, Policy
from meterdesk.incidents.rules.targets import Amount, CalendarName, Category, Unit


@dataclass(frozen=True, slots=True)
class PolicySettings:
    """Limits of the incident policy; provisional until the operator confirms them (IM-13)."""

    reopen_window: timedelta
    provisional: bool


def categories() -> dict[int, Category]:
    """The five categories by number."""
    return {
        row.category: Category(
            number=row.category,
            meaning=row.meaning,
            response=Amount(row.response_number, Unit(row.response_unit)),
            resolution=Amount(row.resolution_number, Unit(row.resolution_unit)),
            calendar=CalendarName(row.calendar),
            provisional=row.provisional,
        )
        for row in CategoryTarget.objects.order_by("category")
    }


def policy() -> PolicySettings:
    """The limits in force."""
    row = Policy.objects.get()
    return PolicySettings(timedelta(days=row.reopen_days), row.provisional)

"""Forms of the inventory."""

from meterdesk.inventory.forms.devices import InventorySearchForm, OnDayForm, PreNotificationForm
from meterdesk.inventory.forms.portfolio import (
    PointsForm,
    PortfolioForm,
    SavePointsFilterForm,
    SavePortfolioFilterForm,
)

__all__ = [
    "InventorySearchForm",
    "OnDayForm",
    "PointsForm",
    "PortfolioForm",
    "PreNotificationForm",
    "SavePointsFilterForm",
    "SavePortfolioFilterForm",
]

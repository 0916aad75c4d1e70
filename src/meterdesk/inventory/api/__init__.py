"""The inventory by API: the same queries and actions as the screens."""

from ninja import Router

from meterdesk.inventory.api.devices import router as devices
from meterdesk.inventory.api.kept import router as kept
from meterdesk.inventory.api.lineage import router as lineage
from meterdesk.inventory.api.portfolio import router as portfolio
from meterdesk.inventory.api.prenotifying import router as prenotifying
from meterdesk.inventory.api.products import router as products
from meterdesk.inventory.api.responsible import router as responsible

router = Router(tags=["Inventory"])
router.add_router("", devices)
router.add_router("", kept)
router.add_router("", lineage)
router.add_router("", portfolio)
router.add_router("", prenotifying)
router.add_router("", products)
router.add_router("", responsible)

__all__ = ["router"]

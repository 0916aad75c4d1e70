"""The trail by API: its messages, and how many there were."""

from ninja import Router

from meterdesk.trail.api.messages import router as messages
from meterdesk.trail.api.volumes import router as volumes

router = Router(tags=["Service audit trail"])
router.add_router("", messages)
router.add_router("", volumes)

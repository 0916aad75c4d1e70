"""The trail by API: its messages, how many there were, and those in the archive."""

from ninja import Router

from meterdesk.trail.api.archive import router as archive
from meterdesk.trail.api.messages import router as messages
from meterdesk.trail.api.volumes import router as volumes

router = Router(tags=["Service audit trail"])
router.add_router("", messages)
router.add_router("", volumes)
router.add_router("", archive)

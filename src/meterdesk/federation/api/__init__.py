"""Endpoints: identity providers, and failed log-ins through them."""

from ninja import Router

from meterdesk.federation.api.failures import router as failures_router
from meterdesk.federation.api.providers import router as providers_router

router = Router()
router.add_router("", failures_router)
router.add_router("", providers_router)

"""The API: every app's endpoints under /api/v1 (design section 8)."""

from ninja import NinjaAPI

from meterdesk.coverage.api import router as coverage_router
from meterdesk.hubs.api import router as hubs_router
from meterdesk.identity.api import router as identity_router
from meterdesk.incidents.api import router as incidents_router
from meterdesk.inventory.api import router as inventory_router
from meterdesk.platform.api import JsonParser, install_handlers
from meterdesk.premises.api import router as premises_router
from meterdesk.search.api import router as search_router
from meterdesk.trail.api import router as trail_router

api = NinjaAPI(
    title="Meterdesk",
    version="1",
    urls_namespace="api-v1",
    openapi_url="/openapi.json",
    docs_url="/docs",
    description="Everything the screens can do, with the same rights.",
    parser=JsonParser(),
)
install_handlers(api)
api.add_router("", coverage_router)
api.add_router("", hubs_router)
api.add_router("", identity_router)
api.add_router("", incidents_router)
api.add_router("", inventory_router)
api.add_router("", premises_router)
api.add_router("", trail_router)
api.add_router("", search_router)

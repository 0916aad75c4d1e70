"""The API: every app's endpoints under /api/v1 (design section 8)."""

from meterdesk.catalogue.api import router as catalogue_router
from meterdesk.config.routes import rule_of
from meterdesk.coverage.api import router as coverage_router
from meterdesk.desk.api import router as desk_router
from meterdesk.federation.api import router as federation_router
from meterdesk.hubs.api import router as hubs_router
from meterdesk.identity.api import router as identity_router
from meterdesk.identity.rules import RouteRule
from meterdesk.identity_provider.api import router as identity_provider_router
from meterdesk.incidents.api import router as incidents_router
from meterdesk.inventory.api import router as inventory_router
from meterdesk.organisations.api import router as organisations_router
from meterdesk.platform.api import DescribedApi, JsonParser, ReferencePage, install_handlers
from meterdesk.premises.api import router as premises_router
from meterdesk.registration.api import router as registration_router
from meterdesk.search.api import router as search_router
from meterdesk.trail.api import router as trail_router

TAGS = {
    "Account": "Who the token acts for, and the tokens themselves.",
    "Identity providers": "Where an organisation's people log in with its own accounts.",
    "Service providers": "Services that people log in to with their Meterdesk account.",
    "Activity": "Who did what in Meterdesk.",
    "Service accounts": "Accounts of programs, owned by an organisation, with roles and tokens.",
    "Networks": "Where an organisation's people and programs may come from.",
    "People": "Accounts, opened and looked after by administrators; reviews of them.",
    "Search": "One text of any kind, and the records that it names.",
    "Premises": "Everything about a home by its MPAN or MPRN, and what is likely wrong with it.",
    "Registration data": "What Registration Data Providers send; for the operator's staff.",
    "Inventory": "Devices, as they hang together.",
    "Service audit trail": "The messages of the network, and the meter reads among them.",
    "Communications hubs": "What the communications service providers say of their hubs.",
    "Coverage": "Where the wide-area network reaches.",
    "Organisations": "Taken up, suspended and off-boarded by the operator; their officers.",
    "Sharing": "Information that two organisations open to each other.",
    "Feeds": "The network's data as it comes in.",
    "Incidents": "Raised, followed and updated.",
    "Service catalogue": "What may be asked of the operator, and what was; disputes of data.",
}
NAMED_WITHIN = {"/api/v1/disputable-data", "/api/v1/service-requests"}
"""Where query or body names the record, so that there may be none."""


def _rule_of(method: str, path: str) -> RouteRule | None:
    return rule_of(method, path.lstrip("/").replace("{", "<").replace("}", ">"))


def _may_hide(method: str, path: str) -> bool:
    rule = _rule_of(method, path)
    return path in NAMED_WITHIN or (rule is not None and rule.kind == "parts")


def _may_refuse(method: str, path: str) -> bool:
    rule = _rule_of(method, path)
    if rule is None or rule.kind == "public":
        return False
    # What is one's own may still ask for fresh proof, or for a token that is not limited.
    return rule.kind != "own" or method != "GET"


api = DescribedApi(
    title="Meterdesk",
    version="1",
    urls_namespace="api-v1",
    openapi_url="/openapi.json",
    docs_url="/docs",
    docs=ReferencePage(),
    description="Everything the screens can do, with the same rights.",
    parser=JsonParser(),
    tags=TAGS,
    may_refuse=_may_refuse,
    may_hide=_may_hide,
)
install_handlers(api)
api.add_router("", catalogue_router)
api.add_router("", coverage_router)
api.add_router("", desk_router)
api.add_router("", federation_router)
api.add_router("", hubs_router)
api.add_router("", identity_router)
api.add_router("", identity_provider_router)
api.add_router("", incidents_router)
api.add_router("", inventory_router)
api.add_router("", premises_router)
api.add_router("", registration_router)
api.add_router("", trail_router)
api.add_router("", organisations_router)
api.add_router("", search_router)

"""The one table of routes: what each asks of whoever calls it (design section 5).

Keys are Django route patterns, ours and third parties', optionally with a method in front
(`POST api/v1/incidents`), which then wins. A route that is not here fails at start and is closed.
"""

from meterdesk.identity.rules import (
    OWN,
    PARTS,
    PUBLIC,
    SET_UP,
    DeskPermission,
    RouteRule,
    component,
    desk,
    either,
)

__all__ = [
    "OWN",
    "PARTS",
    "ROUTES",
    "SET_UP",
    "DeskPermission",
    "component",
    "desk",
    "either",
    "rule_of",
]

_ADMINISTRATION = either(component("UC_OrgManager"), desk(DeskPermission.ACCOUNTS))
_ORGANISATIONS = desk(DeskPermission.ACCOUNTS)
_FAILED_LOG_INS = either(
    component("UC_OrgManager"), desk(DeskPermission.ACCOUNTS), desk(DeskPermission.ASSIGN)
)
_INCIDENTS = either(component("UC_ViewSMI"), desk(DeskPermission.QUEUE))
_INCIDENT_CHANGES = either(component("UC_UpdateSMI"), desk(DeskPermission.QUEUE))

ROUTES: dict[str, RouteRule] = {
    # platform
    "theme": PUBLIC,
    "session": OWN,
    "tables/<slug:table>/": OWN,
    "gallery/": PUBLIC,
    "gallery/progress": PUBLIC,
    "gallery/bare/": PUBLIC,
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "metrics": PUBLIC,
    # identity
    "login/": PUBLIC,
    "login/code/": PUBLIC,
    "login/passkey/": PUBLIC,
    "logout/": SET_UP,
    "set-up/": SET_UP,
    "set-up/password/": SET_UP,
    "set-up/details/": SET_UP,
    "set-up/authenticator/": SET_UP,
    "set-up/key/": SET_UP,
    "set-up/recovery-codes/": SET_UP,
    "welcome/": OWN,
    "profile/": OWN,
    "profile/proof/": OWN,
    "profile/password/": OWN,
    "profile/security/": OWN,
    "profile/security/app/": OWN,
    "profile/security/key/": OWN,
    "profile/security/passkey/": OWN,
    "profile/security/factors/<int:factor_id>/": OWN,
    "profile/security/recovery-codes/": OWN,
    "profile/security/recovery-codes.txt": OWN,
    "profile/security/sessions/end-others/": OWN,
    "profile/security/sessions/<int:session_id>/end/": OWN,
    "profile/details/": OWN,
    "profile/bookmarks/": OWN,
    "profile/bookmarks/<int:bookmark_id>/remove/": OWN,
    "profile/tokens/": OWN,
    "profile/tokens/<int:token_id>/revoke/": OWN,
    "people/": _ADMINISTRATION,
    "people/export.csv": _ADMINISTRATION,
    "people/log-ins/": _ADMINISTRATION,
    "people/log-ins/export.csv": _ADMINISTRATION,
    "people/rules/": _ADMINISTRATION,
    "people/import/": _ADMINISTRATION,
    "people/import/<int:import_id>/": _ADMINISTRATION,
    "people/import/<int:import_id>/report.csv": _ADMINISTRATION,
    "people/reviews/": _ADMINISTRATION,
    "people/reviews/<int:review_id>/": _ADMINISTRATION,
    "people/reviews/<int:review_id>/export.csv": _ADMINISTRATION,
    "people/security/": _ADMINISTRATION,
    "people/security/find/": desk(DeskPermission.ACCOUNTS),
    "people/security/resets/<int:reset_id>/<slug:verb>/": _ADMINISTRATION,
    "people/<int:person_id>/security/": _ADMINISTRATION,
    "people/<int:person_id>/security/reset/": _ADMINISTRATION,
    "people/<int:person_id>/security/sessions/end/": _ADMINISTRATION,
    "people/<int:person_id>/security/sessions/<int:session_id>/end/": _ADMINISTRATION,
    "people/new/": _ADMINISTRATION,
    "people/<int:person_id>/": _ADMINISTRATION,
    "people/<int:person_id>/unlock/": _ADMINISTRATION,
    "people/<int:person_id>/reset/": _ADMINISTRATION,
    "people/<int:person_id>/delete/": _ADMINISTRATION,
    "links/<slug:secret>/": PUBLIC,
    # organisations
    "organisations/": _ORGANISATIONS,
    "organisations/export.csv": _ORGANISATIONS,
    "organisations/new/": _ORGANISATIONS,
    "organisations/<int:organisation_id>/": _ORGANISATIONS,
    "organisations/<int:organisation_id>/name/": _ORGANISATIONS,
    "organisations/<int:organisation_id>/user-ids/": _ORGANISATIONS,
    "organisations/<int:organisation_id>/user-ids/<eui>/suspension/": _ORGANISATIONS,
    "organisations/<int:organisation_id>/officers/": _ORGANISATIONS,
    "organisations/<int:organisation_id>/officers/<int:officer_id>/": _ORGANISATIONS,
    "organisations/<int:organisation_id>/administrator/": _ORGANISATIONS,
    "organisations/<int:organisation_id>/suspension/": _ORGANISATIONS,
    "organisations/<int:organisation_id>/off-boarding/": _ORGANISATIONS,
    "organisations/<int:organisation_id>/onboarding/": _ORGANISATIONS,
    # federation
    "saml/": PUBLIC,
    "saml/acs/": PUBLIC,
    "saml/metadata/": PUBLIC,
    "saml/finish/<sent_id>/": PUBLIC,
    "saml/<slug:slug>/": PUBLIC,
    "failed-log-ins/": _FAILED_LOG_INS,
    "failed-log-ins/export.csv": _FAILED_LOG_INS,
    "failed-log-ins/<failure_reference>/": _FAILED_LOG_INS,
    # identity provider
    "sso/metadata": PUBLIC,
    "sso/login": PUBLIC,
    "sso/requests/<slug:token>/": PUBLIC,
    "sso/requests/<slug:token>/answer/": OWN,
    "service-providers/": desk(DeskPermission.ACCOUNTS),
    "service-providers/new/": desk(DeskPermission.ACCOUNTS),
    "service-providers/<int:service_id>/": desk(DeskPermission.ACCOUNTS),
    "service-providers/<int:service_id>/change/": desk(DeskPermission.ACCOUNTS),
    "service-providers/<int:service_id>/<slug:verb>/": desk(DeskPermission.ACCOUNTS),
    # registration
    # inventory
    "devices/": component("UC_Inventory"),
    "devices/export.csv": component("UC_Inventory"),
    "devices/details": component("UC_Inventory"),
    "devices/portfolio/": component("UC_Inventory"),
    "devices/portfolio/portfolio.csv": component("UC_Inventory"),
    "devices/portfolio/filters/": component("UC_Inventory"),
    "devices/portfolio/filters/<int:filter_id>/remove/": component("UC_Inventory"),
    "devices/pre-notify/": component("UC_Inventory"),
    "devices/<device_id>/": component("UC_Inventory"),
    "devices/<device_id>/pre-notified/": component("UC_Inventory"),
    # trail
    "trail/": component("UC_ServiceAudit"),
    "trail/export.csv": component("UC_ServiceAudit"),
    "trail/volumes/": component("UC_ServiceAudit"),
    "trail/volumes/export.csv": component("UC_ServiceAudit"),
    "trail/<record_id>/": component("UC_ServiceAudit"),
    "meter-reads/": component("UC_MeterRead"),
    "meter-reads/export.csv": component("UC_MeterRead"),
    "meter-reads/<record_id>/": component("UC_MeterRead"),
    # hubs
    "hubs/": component("UC_HubStatus"),
    "hubs/<device_id>/": component("UC_HubStatus"),
    "hubs/<device_id>/requests/": component("UC_HubStatus"),
    "hubs/<device_id>/requests/<int:request_id>/progress": component("UC_HubStatus"),
    # coverage
    "coverage/": component("UC_CSPCoverage"),
    "coverage/coverage.csv": component("UC_CSPCoverage"),
    # premises
    "premises/<mpxn>/": PARTS,
    "premises/<mpxn>/diagnosis/": PARTS,
    "premises/<mpxn>/diagnosis/<uuid:diagnosis_id>/": PARTS,
    # search
    "": PARTS,
    "find": either(component("UC_Search"), desk(DeskPermission.QUEUE)),
    # incidents
    "incidents/": _INCIDENTS,
    "incidents/export.csv": _INCIDENTS,
    "incidents/raise/": component("UC_RaiseSMI"),
    "incidents/<reference>/": _INCIDENTS,
    "incidents/<reference>/raised/": component("UC_ViewSMI"),
    "incidents/<reference>/updates/": _INCIDENT_CHANGES,
    "incidents/<reference>/attachments/": _INCIDENT_CHANGES,
    "incidents/<reference>/attachments/<int:attachment_id>/": _INCIDENTS,
    "incidents/<reference>/<slug:verb>/": _INCIDENT_CHANGES,
    # desk
    "desk/": desk(DeskPermission.QUEUE),
    "desk/export.csv": desk(DeskPermission.QUEUE),
    "desk/categories/": desk(DeskPermission.QUEUE),
    "desk/intake/": desk(DeskPermission.INTAKE),
    "desk/intake/new/": desk(DeskPermission.INTAKE),
    "desk/intake/<int:run_id>/": desk(DeskPermission.INTAKE),
    "desk/intake/<int:run_id>/progress": desk(DeskPermission.INTAKE),
    "desk/intake/<int:run_id>/refused.csv": desk(DeskPermission.INTAKE),
    # api: identity
    "api/v1/": PUBLIC,
    "api/v1/openapi.json": PUBLIC,
    "api/v1/docs": PUBLIC,
    "api/v1/me": OWN,
    "api/v1/tokens": OWN,
    "api/v1/tokens/<token_id>": OWN,
    # api: identity provider
    "api/v1/service-providers": desk(DeskPermission.ACCOUNTS),
    "api/v1/service-providers/<service_id>": desk(DeskPermission.ACCOUNTS),
    "api/v1/service-providers/<service_id>/state": desk(DeskPermission.ACCOUNTS),
    "api/v1/tokens/<token_id>/rotate": OWN,
    "api/v1/organisation-tokens": _ADMINISTRATION,
    "api/v1/service-accounts": _ADMINISTRATION,
    "api/v1/service-accounts/<account_id>": _ADMINISTRATION,
    "api/v1/service-accounts/<account_id>/tokens": _ADMINISTRATION,
    "api/v1/networks": _ADMINISTRATION,
    "api/v1/networks/<network_id>": _ADMINISTRATION,
    "api/v1/networks/<network_id>/transitions": _ADMINISTRATION,
    # api: federation
    "api/v1/failed-log-ins": _FAILED_LOG_INS,
    "api/v1/failed-log-ins/<failure_reference>": _FAILED_LOG_INS,
    # api: registration and premises
    "api/v1/find": either(component("UC_Search"), desk(DeskPermission.QUEUE)),
    "api/v1/premises/<mpxn>": PARTS,
    "api/v1/premises/<mpxn>/diagnosis": PARTS,
    # api: inventory
    "api/v1/devices": component("UC_Inventory"),
    "api/v1/devices/<device_id>": component("UC_Inventory"),
    "api/v1/portfolio": component("UC_Inventory"),
    "api/v1/portfolio.csv": component("UC_Inventory"),
    "api/v1/device-prenotifications": component("UC_Inventory"),
    # api: trail
    "api/v1/service-audit": component("UC_ServiceAudit"),
    "api/v1/service-audit-volumes": component("UC_ServiceAudit"),
    "api/v1/service-audit/<id>": component("UC_ServiceAudit"),
    "api/v1/meter-reads": component("UC_MeterRead"),
    "api/v1/meter-reads/<id>": component("UC_MeterRead"),
    # api: hubs and coverage
    "api/v1/hubs/<device_id>": component("UC_HubStatus"),
    "api/v1/hubs/<device_id>/requests": component("UC_HubStatus"),
    "api/v1/hubs/<device_id>/requests/<request_id>": component("UC_HubStatus"),
    "api/v1/coverage": component("UC_CSPCoverage"),
    # api: incidents
    "api/v1/incidents": _INCIDENTS,
    "POST api/v1/incidents": component("UC_RaiseSMI"),
    "api/v1/incidents/<reference>": _INCIDENTS,
    "api/v1/incidents/<reference>/updates": _INCIDENT_CHANGES,
    "api/v1/incidents/<reference>/attachments": _INCIDENT_CHANGES,
    "api/v1/incidents/<reference>/attachments/<attachment_id>": _INCIDENTS,
    "api/v1/incidents/<reference>/transitions": _INCIDENT_CHANGES,
}


def rule_of(method: str, route: str) -> RouteRule | None:
    """The rule of a route for a method, or None when the table does not know it."""
    return ROUTES.get(f"{method} {route}") or ROUTES.get(route)

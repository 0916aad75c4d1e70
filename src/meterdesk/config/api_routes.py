"""Rows of the table of routes (config.routes) for endpoints of the API."""

from meterdesk.identity.rules import DeskPermission, RouteRule, component, desk, either

INCIDENTS = either(component("UC_ViewSMI"), desk(DeskPermission.QUEUE))
INCIDENT_CHANGES = either(component("UC_UpdateSMI"), desk(DeskPermission.QUEUE))
MESSAGES = either(component("UC_ServiceAudit"), component("UC_MeterRead"))
REQUESTS = either(component("UC_ServiceCatalogue"), desk(DeskPermission.ASSIGN))

API_ROUTES: dict[str, RouteRule] = {
    # api: trail
    "api/v1/service-audit": component("UC_ServiceAudit"),
    "api/v1/trail-archive-requests": MESSAGES,
    "api/v1/trail-archive-requests/<asked_id>": MESSAGES,
    "api/v1/trail-archive-requests/<asked_id>/messages": MESSAGES,
    "api/v1/service-audit-volumes": component("UC_ServiceAudit"),
    "api/v1/service-audit/<id>": component("UC_ServiceAudit"),
    "api/v1/meter-reads": component("UC_MeterRead"),
    "api/v1/meter-reads/<id>": component("UC_MeterRead"),
    # api: hubs and coverage
    "api/v1/hubs/<device_id>": component("UC_HubStatus"),
    "api/v1/hubs/<device_id>/requests": component("UC_HubStatus"),
    "api/v1/hubs/<device_id>/requests/<request_id>": component("UC_HubStatus"),
    "api/v1/coverage": component("UC_CSPCoverage"),
    "api/v1/coverage/outcodes": component("UC_CSPCoverage"),
    "api/v1/coverage/versions": desk(DeskPermission.NETWORK_DATA),
    "api/v1/coverage/versions/<version_id>": desk(DeskPermission.NETWORK_DATA),
    "api/v1/coverage/versions/<version_id>/differences": desk(DeskPermission.NETWORK_DATA),
    "api/v1/coverage/versions/<version_id>/decision": desk(DeskPermission.INTAKE),
    # api: incidents
    "api/v1/incidents": INCIDENTS,
    "POST api/v1/incidents": component("UC_RaiseSMI"),
    "api/v1/incidents/<reference>": INCIDENTS,
    "api/v1/incidents/<reference>/updates": INCIDENT_CHANGES,
    "api/v1/incidents/<reference>/attachments": INCIDENT_CHANGES,
    "api/v1/incidents/<reference>/attachments/<attachment_id>": INCIDENTS,
    "api/v1/incidents/<reference>/transitions": INCIDENT_CHANGES,
    # api: catalogue
    "api/v1/service-catalogue": component("UC_ServiceCatalogue"),
    "api/v1/disputable-data": REQUESTS,
    "api/v1/service-requests": REQUESTS,
    "POST api/v1/service-requests": component("UC_ServiceCatalogue"),
    "api/v1/service-requests/<request_reference>": REQUESTS,
    "api/v1/service-requests/<request_reference>/contacts": component("UC_ServiceCatalogue"),
    "api/v1/service-requests/<request_reference>/attachments": REQUESTS,
    "api/v1/service-requests/<request_reference>/attachments/<attachment_id>": REQUESTS,
    "api/v1/service-requests/<request_reference>/transitions": REQUESTS,
}

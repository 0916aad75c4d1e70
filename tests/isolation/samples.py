"""What the route walk puts in the place of a route's parameters. One line for each new parameter.

The values are well formed and name nothing that exists, so that an admitted caller reads "not
found" at worst: the walk asks who gets as far as that.
"""

ARGUMENTS: dict[str, str] = {
    "account_id": "999999",
    "attachment_id": "999999",
    "asked_id": "999999",
    "bookmark_id": "999999",
    "code": "NORTH",
    "device_id": "90-B3-D5-1F-30-00-0A-01",
    "diagnosis_id": "00000000-0000-4000-8000-000000000000",
    "factor_id": "999999",
    "filter_id": "999999",
    "failure_reference": "AAAA-AAAA",
    "file_id": "999999",
    "id": "A" * 32,
    "import_id": "999999",
    "incident_id": "999999",
    "kind": "trail",
    "message_id": "999999",
    "eui": "90-B3-D5-1F-30-00-0A-01",
    "misalignment_id": "999999",
    "mpxn": "1200023305967",
    "network_id": "999999",
    "notification_id": "00000000-0000-4000-8000-000000000000",
    "number": "999999",
    "officer_id": "999999",
    "organisation_id": "999999",
    "person_id": "999999",
    "record_id": "A" * 32,
    "refresh_id": "999999",
    "certificate_id": "999999",
    "provider_id": "999999",
    "reference": "INC9999999",
    "request_id": "999999",
    "request_reference": "REQ9999999",
    "request_type": "general",
    "review_id": "999999",
    "reset_id": "999999",
    "run_id": "999999",
    "secret": "A" * 43,
    "sent_id": "_0123456789",
    "slug": "nowhere",
    "session_id": "999999",
    "service_id": "999999",
    "sharing_id": "00000000-0000-4000-8000-000000000000",
    "table": "devices",
    "token_id": "999999",
    "token": "no-such-token",
    "verb": "resolve",
    "version_id": "999999",
    "version": "9.999",
}

PATHS: dict[str, str] = {}
"""Whole paths of routes that are regular expressions, by route."""

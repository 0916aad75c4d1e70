"""What the catalogue offers: the newest version, and those that requests were raised under."""

from meterdesk.catalogue.models import CatalogueVersion
from meterdesk.catalogue.rules.definition import (
    Catalogue,
    Offer,
    RequestType,
    TypeKind,
    read_catalogue,
)
from meterdesk.kernel.errors import NotVisible


def newest_version() -> CatalogueVersion:
    """The version that is offered, as a row."""
    return CatalogueVersion.objects.latest("pk")


def catalogue() -> Catalogue:
    """What is offered now."""
    return read_catalogue(newest_version().content)


def offer(code: str) -> Offer:
    """A request type that is offered now. Raises NotVisible."""
    found = catalogue().offer(code)
    if found is None:
        raise NotVisible("The catalogue has no such request type.")
    return found


def types_no_longer_offered() -> dict[str, str]:
    """Titles of request types, by code, that only older versions offer; requests may name them."""
    offered = {one.request_type.code for one in catalogue().offers()}
    found: dict[str, str] = {}
    for content in CatalogueVersion.objects.order_by("pk").values_list("content", flat=True):
        found |= {
            one["code"]: one["title"]
            for category in content["category"]
            for service in category["service"]
            for one in service["request_type"]
        }
    return {code: title for code, title in sorted(found.items()) if code not in offered}


def dispute_type() -> RequestType | None:
    """The request type of disputes; None when the catalogue offers none."""
    types = (one.request_type for one in catalogue().offers())
    return next((one for one in types if one.kind is TypeKind.DISPUTE), None)

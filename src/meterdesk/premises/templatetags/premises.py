"""Premises on screen: `{% load premises %}`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import template
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from meterdesk.inventory.rules import DeviceType
from meterdesk.premises.rules import Event, Happening

register = template.Library()

_TONES: Final = {
    "OK": "good",
    "WARNING": "warn",
    "FAULT": "bad",
    "UNKNOWN": "neutral",
    "NOT_SHOWN": "paused",
}
_WORDS: Final = {
    "OK": "Well",
    "WARNING": "Warning",
    "FAULT": "Fault",
    "UNKNOWN": "Not known",
    "NOT_SHOWN": "Left out",
}


@register.filter
def tone(verdict: str) -> str:
    """The kind of mark that a verdict has."""
    return _TONES[str(verdict)]


@register.filter
def verdict_word(verdict: str) -> str:
    """A verdict in words."""
    return _WORDS[str(verdict)]


@register.filter
def first_lower(text: str) -> str:
    """A sentence to stand after a colon."""
    return text[:1].lower() + text[1:] if text else ""


@register.filter
def instant(text: str) -> datetime:
    """The instant that ISO text says."""
    return datetime.fromisoformat(text)


@register.filter
def is_none(value: object) -> bool:
    """Whether there is no value."""
    return value is None


@register.filter
def same(value: object, other: object) -> bool:
    """Whether two values are equal."""
    return value == other


@register.filter
def show_url(kind: Happening) -> str:
    """The address of the page with one kind of events alone."""
    return f"?show={kind.value}"


@register.filter
def is_asked(device_type: DeviceType) -> bool:
    """Whether messages go to Devices of this type."""
    return device_type.is_smart_meter


@register.filter
def gone_label(devices: Sequence[Any]) -> str:
    """How many Devices left the network."""
    count = len(devices)
    return f"{count} Device that left" if count == 1 else f"{count} Devices that left"


@register.filter
def s1sp(gathered: Any) -> str:
    """The S1SP of a SMETS1 premises."""
    return next((one.s1sp for one in gathered.devices if one.s1sp), "not recorded")


@register.filter
def point_label(point: Any) -> str:
    """What a meter point's number is called."""
    return _POINTS[point.kind.value]


_POINTS: Final = {"IMPORT": "MPAN", "EXPORT": "Export MPAN", "GAS": "MPRN"}


@dataclass(frozen=True, slots=True)
class PartyLine:
    """A party of the premises: what it is and what it is called."""

    role: str
    label: str


@register.filter
def parties(premises: Any) -> list[PartyLine]:
    """Suppliers, then networks, by name; nothing where the names are not for the reader.

    One organisation that does the same for both fuels stands once.
    """
    lines: list[PartyLine] = []
    for attribute, noun in (("supplier", "supplier"), ("network_party", "network")):
        roles: dict[str, list[str]] = {}
        for point in premises.meter_points:
            party = getattr(point.parties, attribute)
            if party is not None and party.organisation_name:
                held = roles.setdefault(party.organisation_name, [])
                if _FUELS[point.kind.value, noun] not in held:
                    held.append(_FUELS[point.kind.value, noun])
        for organisation, held in roles.items():
            fuels = " and ".join(held)
            lines.append(PartyLine(f"{fuels} {noun}".capitalize(), organisation))
    return lines


_FUELS: Final = {
    ("IMPORT", "supplier"): "electricity",
    ("EXPORT", "supplier"): "export",
    ("GAS", "supplier"): "gas",
    ("IMPORT", "network"): "electricity",
    ("EXPORT", "network"): "electricity",
    ("GAS", "network"): "gas",
}


@register.simple_tag
def event_link(event: Event) -> SafeString:
    """A link to where an event stands in full."""
    if not event.page:
        return SafeString("")
    try:
        url = reverse(event.page, args=[event.key])
    except NoReverseMatch:
        return SafeString("")
    words = _LINKS[event.kind]
    return format_html(
        ' <a href="{}">{}<span class="vh"> of {}</span></a>', url, words, event.title
    )


_LINKS: Final = {
    Happening.MESSAGE: "Record",
    Happening.ALERT: "Record",
    Happening.STATUS: "Device",
    Happening.INCIDENT: "Open",
}


@register.simple_tag
def incident_link(reference: str) -> SafeString:
    """An incident's reference, linked to it."""
    try:
        url = reverse("incidents:incident", args=[reference])
    except NoReverseMatch:
        return format_html("<strong>{}</strong>", reference)
    return format_html('<a href="{}"><strong>{}</strong></a>', url, reference)

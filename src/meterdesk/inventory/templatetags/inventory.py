"""Devices on screen: `{% load inventory %}`."""

from typing import Final

from django import template
from django.utils.safestring import SafeString

from meterdesk.inventory.rules import DeviceStatus, DeviceType
from meterdesk.platform.web.templatetags.ui.marks import status as draw_status

register = template.Library()

_ICONS: Final = {
    DeviceType.CHF: "router",
    DeviceType.ESME: "zap",
    DeviceType.GSME: "flame",
    DeviceType.GPF: "waypoints",
    DeviceType.HCALCS: "toggle-right",
    DeviceType.PPMID: "credit-card",
    DeviceType.IHD: "monitor",
    DeviceType.CAD: "plug",
}

_KINDS: Final = {
    DeviceStatus.PENDING: "info",
    DeviceStatus.WHITELISTED: "info",
    DeviceStatus.INSTALLED_NOT_COMMISSIONED: "warn",
    DeviceStatus.COMMISSIONED: "good",
    DeviceStatus.DECOMMISSIONED: "neutral",
    DeviceStatus.WITHDRAWN: "neutral",
    DeviceStatus.SUSPENDED: "bad",
    DeviceStatus.RECOVERY: "bad",
    DeviceStatus.RECOVERED: "warn",
}


@register.filter
def device_icon(device_type: DeviceType | None) -> str:
    """The icon of a Device type; None is a Device not in the inventory."""
    return "circle-question-mark" if device_type is None else _ICONS[device_type]


@register.filter
def status_kind(status: DeviceStatus) -> str:
    """The kind of mark that an SMI Status has."""
    return _KINDS[status]


@register.simple_tag
def smi_status(status: DeviceStatus | None, absent: str = "No SMI Status") -> SafeString:
    """An SMI Status as a mark; for a Device that has none, the words of `absent`."""
    if status is None:
        return SafeString("") if not absent else draw_status("neutral", absent)
    return draw_status(_KINDS[status], status.label)

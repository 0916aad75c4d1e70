"""The panel that says who was responsible on a day, of a Device or a premises (REG-2)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from meterdesk.inventory.forms import OnDayForm
from meterdesk.kernel.errors import Refused
from meterdesk.registration.queries import PointParties

Read = Callable[[date | None], tuple[PointParties, ...]]


def responsible_on(request: HttpRequest, now: datetime, read: Read) -> dict[str, Any]:
    """Its part of a page: the form, the day, and what `read` says of the day asked for, if any."""
    today, asked = timezone.localdate(now), request.GET.get("on")
    form = OnDayForm({"on": asked or today.isoformat()})
    shown: dict[str, Any] = {"on_form": form, "on": today, "asked_on": bool(asked)}
    if form.is_valid():
        shown["on"] = form.cleaned_data["on"]
        try:
            shown["responsible"] = read(shown["on"] if asked else None)
        except Refused as refused:
            form.add_error("on", refused.message)
    return shown

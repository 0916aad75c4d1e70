"""How many messages there were, by service and day."""

from typing import Any, Final

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.paging import Page
from meterdesk.platform import tables
from meterdesk.platform.tables import Column, Table
from meterdesk.platform.web.templatetags.ui.charts import Bar, Series
from meterdesk.trail.forms import VolumeForm
from meterdesk.trail.queries import (
    MonthlyFigures,
    Volume,
    freshness,
    monthly_figures,
    monthly_rows,
    volume_user_ids,
)
from meterdesk.trail.rules.volumes import TIMINGS, Timing

_SERIES: Final = (
    Series("Success", "good"),
    Series("Failure", "bad"),
    Series("In Progress", "info"),
)
_CLASSES: Final = tuple(timing for timing in Timing if timing is not Timing.ALERT)


def _timed(timing: Timing) -> Any:
    return lambda row: row.timed(timing)


VOLUMES: Final = tables.register(
    Table(
        "volumes",
        (
            Column("service", "Service", {
                "Day": "day",
                "Service Reference Variant": "srv",
                "Service": "label",
                "Mode of Operation": "mode",
            }, always=True),
            Column("messages", "Messages", numeric=True),
            Column("success", "Success", numeric=True),
            Column("failure", "Failure", numeric=True),
            Column("in_progress", "In Progress", numeric=True),
            Column("timings", "Response times", {
                TIMINGS[timing]: _timed(timing) for timing in _CLASSES
            }),
            Column("target", "Target", {
                "Target response time": "target",
                "Responses with a target": "with_target",
                "Within target": "on_target",
            }),
        ),
    )
)  # fmt: skip


@require_safe
def volumes(request: Any) -> HttpResponse:
    """A month of messages per service and per day, with status and response time classes."""
    form = _form(request)
    context: dict[str, Any] = {"form": form, "freshness_at": freshness()}
    if not form.is_valid():
        return render(request, "trail/volumes.html", context, status=422)
    figures = monthly_figures(request.actor, form.cleaned_data["search"])
    context |= {
        "figures": figures,
        "table": tables.view_of(request.actor, VOLUMES),
        "days": [one for one in figures.days if one.day and one.day <= timezone.localdate()],
        "bars": _bars(figures),
        "series": _SERIES,
    }
    return render(request, "trail/volumes.html", context)


@require_GET
def download(request: Any) -> StreamingHttpResponse:
    """The figures of each day and service as CSV to be saved (SSI-FR-70)."""
    form, actor = _form(request), request.actor
    if not form.is_valid():
        raise Refused("Choose a month of the list, then download its figures.", code="no_search")
    search = form.cleaned_data["search"]
    return tables.export(
        request,
        tables.view_of(actor, VOLUMES),
        lambda _page: Page(monthly_rows(actor, search)),
        at=timezone.now(),
    )


def _form(request: Any) -> VolumeForm:
    return VolumeForm(
        request.GET, user_ids=volume_user_ids(request.actor), today=timezone.localdate()
    )


def _bars(figures: MonthlyFigures) -> list[Bar]:
    return [_bar(one) for one in figures.days]


def _bar(one: Volume) -> Bar:
    assert one.day  # noqa: S101  volumes of days have theirs
    label = str(one.day.day) if one.day.day == 1 or one.day.day % 5 == 0 else ""
    return Bar(label, f"{one.day:%a} {one.day.day}", (one.success, one.failure, one.in_progress))

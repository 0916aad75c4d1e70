"""The queue of incidents, for the operator's desk and for resolvers (IM-21)."""

from typing import Final
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from meterdesk.identity.queries import ActorRequest
from meterdesk.incidents.forms import QueueForm
from meterdesk.incidents.queries import (
    IncidentSearch,
    categories,
    columns,
    desk_queue,
    groups_of,
    policy,
)
from meterdesk.incidents.rules.states import OPEN_STATES
from meterdesk.incidents.rules.targets import CATEGORY_PROPOSALS, PRIORITY_MATRIX, Impact, Urgency
from meterdesk.platform import tables
from meterdesk.platform.tables import Column

_VIEWS: Final[tuple[tuple[str, dict[str, str]], ...]] = (
    ("All open", {}),
    ("New", {"state": "NEW"}),
    ("Yours", {"state": "open", "assigned": "me"}),
    ("Your groups", {"state": "open", "assigned": "my_groups"}),
    ("Nobody's", {"state": "open", "assigned": "nobody"}),
    ("On hold", {"state": "ON_HOLD"}),
)

QUEUE: Final = tables.register(
    tables.Table(
        "queue",
        (
            columns.REFERENCE,
            Column(
                "summary",
                "Summary",
                {
                    "Summary": "summary",
                    "Raising organisation": "raising_organisation",
                    "Postcode": "postcode",
                },
            ),
            columns.PRIORITY,
            columns.STATE,
            columns.TARGET,
            Column(
                "assigned",
                "Assigned to",
                {"Assigned to": "assigned_person", "Group": "assigned_group"},
            ),
            columns.RAISED,
        ),
        sort="priority",
    )
)


@require_safe
def queue(request: ActorRequest) -> HttpResponse:
    """Open incidents, most urgent first; a resolver's are those allocated to its organisation."""
    actor = request.actor
    groups = [(one.id, one.name) for one in groups_of(actor)]
    form, search, chosen = _asked(request, groups)
    table = tables.view_of(actor, QUEUE)
    context = {
        "form": form if chosen else QueueForm(groups, initial={"state": "open"}),
        "table": table,
        "page": desk_queue(actor, search, table.page(request.GET.get("after"))),
        "views": [(label, f"?{urlencode(query)}", chosen == query) for label, query in _VIEWS],
        "is_operator": actor.is_operator,
    }
    return render(request, "desk/queue.html", context)


@require_GET
def download(request: ActorRequest) -> StreamingHttpResponse:
    """The same incidents, all of them, as CSV to be saved (IM-21, SSI-FR-70)."""
    actor = request.actor
    groups = [(one.id, one.name) for one in groups_of(actor)]
    _form, search, _chosen = _asked(request, groups)
    return tables.export(
        request,
        tables.view_of(actor, QUEUE),
        lambda page: desk_queue(actor, search, page, count=False),
        at=timezone.now(),
    )


def _asked(
    request: ActorRequest, groups: list[tuple[int, str]]
) -> tuple[QueueForm, IncidentSearch, dict[str, str]]:
    """The form, the search it makes, and what was chosen in it."""
    form = QueueForm(groups, request.GET)
    asked = {name: value for name in form.fields if (value := request.GET.get(name))}
    chosen = {name: value for name, value in asked.items() if name != "sort"}
    search = form.search(states=frozenset() if chosen else OPEN_STATES, sort="priority")
    return form, search, chosen


@require_safe
def incident_categories(request: ActorRequest) -> HttpResponse:
    """The categories' targets and the policy's limits, marked provisional where they are (IM-4)."""
    settings = policy()
    known = categories().values()
    context = {
        "categories": known,
        "provisional": settings.provisional or any(one.provisional for one in known),
        "reopen_days": settings.reopen_window.days,
        "urgencies": [one.word for one in Urgency],
        "matrix": [
            (
                impact.word,
                [
                    (PRIORITY_MATRIX[impact, urgency], CATEGORY_PROPOSALS[impact, urgency])
                    for urgency in Urgency
                ],
            )
            for impact in Impact
        ],
    }
    return render(request, "desk/categories.html", context)

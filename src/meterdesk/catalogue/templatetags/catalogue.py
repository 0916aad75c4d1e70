"""Marks of the catalogue: delivery status, buttons, addresses of data."""

from django import template
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from meterdesk.catalogue.queries import View
from meterdesk.catalogue.queries.parts import data_address
from meterdesk.catalogue.rules.data import RecordKind, RecordName
from meterdesk.catalogue.rules.states import TRANSITIONS, DeliveryState, RequestVerb
from meterdesk.platform.web.moments import value_words
from meterdesk.platform.web.templatetags.ui.marks import status

register = template.Library()

_STATES = {
    DeliveryState.NEW: "info",
    DeliveryState.IN_PROGRESS: "info",
    DeliveryState.WAITING: "paused",
    DeliveryState.COMPLETED: "good",
    DeliveryState.REJECTED: "bad",
    DeliveryState.WITHDRAWN: "neutral",
}
_ICONS = {
    RequestVerb.TAKE: "user-check",
    RequestVerb.ASK: "circle-question-mark",
    RequestVerb.ANSWER: "send",
    RequestVerb.COMMENT: "message-square",
    RequestVerb.NOTE: "notebook-pen",
    RequestVerb.COMPLETE: "circle-check",
    RequestVerb.REJECT: "circle-x",
    RequestVerb.WITHDRAW: "undo-2",
    RequestVerb.REOPEN: "rotate-ccw",
}


@register.simple_tag
def request_state(state: DeliveryState) -> SafeString:
    """The delivery status as a word with a shape and a colour."""
    return status(_STATES[state], state.word)


@register.simple_tag
def verb_title(one: View, verb: RequestVerb) -> str:
    """The words of a button, for the request at hand."""
    return TRANSITIONS[verb].titled(is_dispute=one.dispute is not None)


@register.filter
def verb_icon(verb: RequestVerb) -> str:
    """The icon of a button."""
    return _ICONS[verb]


@register.filter
def in_words(value: str) -> str:
    """A value as it is shown: days as everywhere, "19 Oct 2024"; all else as it stands."""
    return value_words(value)


@register.simple_tag
def record_url(record: RecordName) -> str:
    """Where the data of a record stand."""
    return data_address(record)


@register.simple_tag
def record_page(record: RecordName) -> str:
    """The page of the record itself."""
    match record.kind:
        case RecordKind.DEVICE:
            return reverse("inventory:device", args=[record.key])
        case RecordKind.METER_POINT:
            return reverse("premises:premises", args=[record.key])
        case RecordKind.HUB:
            return reverse("hubs:status", args=[record.key])
        case RecordKind.COVERAGE:
            postcode, place = record.place
            given = {"postcode": postcode, "property": place}
            return f"{reverse('coverage:search')}?{urlencode(given)}"


@register.simple_tag
def dispute_url(code: str, record: RecordName, datum: str) -> str:
    """Where a datum is disputed."""
    given = {"kind": record.kind.value, "key": record.key, "datum": datum}
    return f"{reverse('catalogue:raise', args=[code])}?{urlencode(given)}"

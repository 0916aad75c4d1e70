"""Marks of the catalogue: delivery status, buttons, addresses of data."""

from django import template
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from meterdesk.catalogue.queries import View
from meterdesk.catalogue.queries.parts import data_address
from meterdesk.catalogue.rules.data import RecordName
from meterdesk.catalogue.rules.states import TRANSITIONS, State, Verb
from meterdesk.platform.web.templatetags.ui.marks import status

register = template.Library()

_STATES = {
    State.NEW: "info",
    State.IN_PROGRESS: "info",
    State.WAITING: "paused",
    State.COMPLETED: "good",
    State.REJECTED: "bad",
    State.WITHDRAWN: "neutral",
}
_ICONS = {
    Verb.TAKE: "user-check",
    Verb.ASK: "circle-question-mark",
    Verb.ANSWER: "send",
    Verb.COMMENT: "message-square",
    Verb.NOTE: "notebook-pen",
    Verb.COMPLETE: "circle-check",
    Verb.REJECT: "circle-x",
    Verb.WITHDRAW: "undo-2",
    Verb.REOPEN: "rotate-ccw",
}


@register.simple_tag
def request_state(state: State) -> SafeString:
    """The delivery status as a word with a shape and a colour."""
    return status(_STATES[state], state.word)


@register.simple_tag
def verb_title(one: View, verb: Verb) -> str:
    """The words of a button, for the request at hand."""
    return TRANSITIONS[verb].titled(is_dispute=one.dispute is not None)


@register.filter
def verb_icon(verb: Verb) -> str:
    """The icon of a button."""
    return _ICONS[verb]


@register.simple_tag
def record_url(record: RecordName) -> str:
    """Where the data of a record stand."""
    return data_address(record)


@register.simple_tag
def dispute_url(code: str, record: RecordName, datum: str) -> str:
    """Where a datum is disputed."""
    given = {"kind": record.kind.value, "key": record.key, "datum": datum}
    return f"{reverse('catalogue:raise', args=[code])}?{urlencode(given)}"

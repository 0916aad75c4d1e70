"""One way in to every verb of the table, for screens and API alike."""

from datetime import datetime
from typing import Any

from meterdesk.identity.rules import Actor
from meterdesk.incidents.actions import transitions
from meterdesk.incidents.rules.states import Verb
from meterdesk.kernel.errors import Refused

_ACTIONS: dict[Verb, Any] = {
    Verb.RESPOND: transitions.acknowledge,
    Verb.ASSIGN: transitions.assign,
    Verb.CATEGORISE: transitions.categorise,
    Verb.ALLOCATE: transitions.allocate,
    Verb.HAND_BACK: transitions.hand_back,
    Verb.HOLD: transitions.hold,
    Verb.RESUME: transitions.resume,
    Verb.RESOLVE: transitions.resolve,
    Verb.CLOSE: transitions.close,
    Verb.REOPEN: transitions.reopen,
    Verb.CANCEL: transitions.cancel,
    Verb.LINK_REPEAT: transitions.link_repeat,
}


def do(actor: Actor, reference: str, verb: Verb, at: datetime, **given: Any) -> None:
    """Take the step of this verb with what its action takes, `version` included.

    Raises Refused for REPLY, which is done by writing an update, and as the action does.
    """
    action = _ACTIONS.get(verb)
    if action is None:
        raise Refused("Answer by writing an update.", code="write_an_update")
    action(actor, reference, at, **given)

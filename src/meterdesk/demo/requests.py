"""Service requests of the demonstration: asked, disputed, answered, in every state."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from io import BytesIO
from typing import Any

from meterdesk.catalogue.actions import DisputeDatum, RaiseRequest, raise_request, take_step
from meterdesk.catalogue.rules.data import RecordKind, RecordName
from meterdesk.catalogue.rules.states import RequestVerb
from meterdesk.demo.homes import Home
from meterdesk.demo.people import ALDER
from meterdesk.identity.queries import actor_named
from meterdesk.identity.rules import UserRole
from meterdesk.kernel.contacts import Contact
from meterdesk.platform.files import Upload
from meterdesk.platform.references import any_given

RAISER = "alder.lead-agent"
DESK = "desk.agent"
_NOTE = b"Field report\nStatus on the meter's display: suspended.\nSeal intact.\n"

_Steps = tuple[tuple[str, RequestVerb, str], ...]
_TAKEN: _Steps = ((DESK, RequestVerb.TAKE, ""),)
_ASKED: _Steps = (
    *_TAKEN,
    (DESK, RequestVerb.NOTE, "The file of this morning says the same as before."),
    (DESK, RequestVerb.ASK, "On which day was the meter seen, and by whom?"),
)
_ANSWERED: _Steps = (*_ASKED, (RAISER, RequestVerb.ANSWER, "On Tuesday, by our field engineer."))
_ACCEPTED: _Steps = (
    *_ANSWERED,
    (DESK, RequestVerb.COMPLETE, "You are right. The record's source sends it anew tonight."),
)
_REJECTED: _Steps = (
    *_TAKEN,
    (
        DESK,
        RequestVerb.REJECT,
        "The address is as the network company registered it; ask them first.",
    ),
)
_WITHDRAWN: _Steps = ((RAISER, RequestVerb.WITHDRAW, "We looked at the wrong home."),)


def raise_requests(homes: Iterable[Home], now: datetime) -> int:
    """Raise a few requests, disputes among them; returns how many.

    Does nothing when any request stands already, so that the build may be run again.
    """
    if any_given("REQ"):
        return 0
    stories = (*_general(), *_disputes(homes))
    for place, (given, steps) in enumerate(stories):
        at = now - timedelta(hours=9 + 31 * place)
        reference = raise_request(actor_named(RAISER), _request(given), at)
        for hours, (who, verb, text) in enumerate(steps, 1):
            take_step(actor_named(who), reference, verb, at + timedelta(hours=hours), text=text)
    return len(stories)


def _request(given: dict[str, Any]) -> RaiseRequest:
    contact = Contact("Dev", "Mistry", "020 7946 0100", f"{RAISER}@example.com")
    return RaiseRequest(user_id=ALDER.user_id(UserRole.IS), contact=contact, **given)


def _general() -> Iterator[tuple[dict[str, Any], _Steps]]:
    yield (
        {
            "request_type": "data-copy",
            "summary": "Power outage alerts of our meters in October",
            "answers": {"what": "Alerts 8F35 and 8F36 of our meters.", "format": "CSV"},
            "your_reference": "AUD-1180",
        },
        _TAKEN,
    )
    yield (
        {
            "request_type": "question",
            "summary": "When a hub counts as returned",
            "answers": {
                "service": "Communications hubs",
                "question": "Does the clock stop when we hand it to the carrier?",
            },
        },
        (
            *_TAKEN,
            (
                DESK,
                RequestVerb.COMPLETE,
                "When it is scanned at the depot, not when it is handed over.",
            ),
        ),
    )


def _disputes(homes: Iterable[Home]) -> Iterator[tuple[dict[str, Any], _Steps]]:
    """Of Alder's own homes: meters' statuses, and an address."""
    own = (home for home in homes if home.electricity is ALDER and home.device("ESME"))
    tales = ((), _ASKED, _ANSWERED, _ACCEPTED, _REJECTED, _WITHDRAWN)
    for home, steps in zip(own, tales, strict=False):
        meter = home.device("ESME")
        about = DisputeDatum(
            RecordName(RecordKind.DEVICE, meter.device_id if meter else ""),
            "status",
            "Recovered",
        )
        if steps is _REJECTED:
            point = RecordName(RecordKind.METER_POINT, home.mpan)
            about = DisputeDatum(point, "address", f"Flat 2, {home.property}, {home.postcode.text}")
        yield (
            {
                "request_type": "data-dispute",
                "answers": {"grounds": "Our field engineer read it on site; see the report."},
                "your_reference": f"DQ-{home.index:05d}",
                "dispute": about,
                "evidence": Upload("field-report.txt", BytesIO(_NOTE)),
            },
            steps,
        )

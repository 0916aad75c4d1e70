"""One line of the trail's NDJSON: a request, a response that came later, or an alert."""

import re
from datetime import datetime
from functools import lru_cache
from typing import Annotated

import msgspec
import orjson

from meterdesk.kernel.errors import Refused
from meterdesk.kernel.identifiers import eui_to_int, parse_mpxn, parse_request_id
from meterdesk.platform.intake import not_json, refuse_repeated_names
from meterdesk.trail.rules import (
    CLOCK_TOLERANCE,
    COUNTER_SPAN,
    EARLIEST,
    Answer,
    LateAnswer,
    Message,
    MessageKind,
    MessageRegion,
    Mode,
    Status,
    check_received_at,
    fingerprint,
    in_utc,
    request_fingerprint,
)
from meterdesk.trail.rules.codes import DCC_ALERTS, is_response_code
from meterdesk.trail.rules.variants import VARIANTS

Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Text = Annotated[str, msgspec.Meta(max_length=100)]
_EUI_BYTES = 8
StatusText = Annotated[str, msgspec.Meta(min_length=1, max_length=60)]


class _Step(msgspec.Struct, gc=False):
    status: StatusText
    at: Instant


# Tens of thousands of these are made a second and live shortly: the collector need not see them.
class _Answered(msgspec.Struct, kw_only=True, gc=False):
    request_id: str
    received_at: Instant
    status: Status
    responded_at: Instant | None = None
    response_code: Text | None = None
    response_id: Text | None = None


class _Request(_Answered, tag="request", tag_field="type", kw_only=True, gc=False):
    device_id: str
    srv: str
    mode: Mode
    originator: str | None = None
    service_reference: str | None = None
    command_variant: Annotated[int, msgspec.Meta(ge=1, le=9)] | None = None
    csp_region: MessageRegion = MessageRegion.UNKNOWN
    mpxn: str | None = None
    preceding_request_id: str | None = None
    gbcs_sequence: Annotated[int, msgspec.Meta(ge=0)] | None = None
    anomaly_flag: bool = False
    status_history: list[_Step] = []


class _Response(_Answered, tag="response", tag_field="type", gc=False):
    pass


class _Alert(msgspec.Struct, tag="alert", tag_field="type", kw_only=True, gc=False):
    alert_id: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    device_id: str
    recipient: str
    alert_code: str
    received_at: Instant
    mode: Mode
    csp_region: MessageRegion = MessageRegion.UNKNOWN
    mpxn: str | None = None


_DECODER: msgspec.json.Decoder[_Request | _Response | _Alert] = msgspec.json.Decoder(
    _Request | _Response | _Alert
)
_DEVICE_ALERT = re.compile("[0-9A-F]{4}")
_ALERT_MODES = {Mode.DEVICE_ALERT: MessageKind.DEVICE_ALERT, Mode.DCC_ALERT: MessageKind.DCC_ALERT}


def read_line(text: bytes, *, now: datetime) -> Message | LateAnswer:
    """The message or later answer that a line of the feed describes.

    Raises Refused with the reason: the line is not a JSON object, or a value is missing, of the
    wrong shape, or contradicts another.
    """
    line = _decoded(text)
    received_at = check_received_at(line.received_at, now)
    if isinstance(line, _Alert):
        return _alert(line, received_at)
    party, target, counter = _request_id(line.request_id)
    mark = request_fingerprint(party, target, counter)
    answer = _answer(line, received_at, now)
    if isinstance(line, _Response):
        return LateAnswer((target, received_at, mark), target, answer)
    device_id = _eui(line.device_id)
    _check_request(line, party)
    return Message(
        kind=MessageKind.REQUEST,
        device_id=device_id,
        received_at=received_at,
        fingerprint=mark,
        party=party,
        mode=line.mode,
        region=line.csp_region,
        answer=answer,
        target=None if target == device_id else target,
        counter=counter,
        srv=line.srv,
        command_variant=line.command_variant,
        gbcs_sequence=line.gbcs_sequence,
        mpxn=_mpxn(line.mpxn) if line.mpxn else "",
        preceding=_canonical(line.preceding_request_id) if line.preceding_request_id else "",
        anomaly=line.anomaly_flag,
        history=tuple(
            [(step.status, _past("status_history", step.at, now)) for step in line.status_history]
        ),
    )


def _decoded(text: bytes) -> _Request | _Response | _Alert:
    try:
        line = _DECODER.decode(text)
        refuse_repeated_names(text, orjson.loads(text))
    except msgspec.ValidationError as error:
        if not text.startswith(b"{"):
            raise Refused("This is JSON but not an object.", code="not_an_object") from error
        raise Refused(_said(error), code="bad_value") from error
    except (
        msgspec.DecodeError,
        orjson.JSONDecodeError,
        UnicodeDecodeError,
        RecursionError,
    ) as error:
        raise not_json() from error
    return line


def _said(error: msgspec.ValidationError) -> str:
    """What is wrong, after the name of the value."""
    what, _at, where = str(error).replace("`", "'").partition(" - at ")
    if "datetime" in what:
        what = "It is not an instant such as 2026-04-01T09:30:00Z"
    name = where.strip("'").removeprefix("$").lstrip(".")
    return f"{name}: {what}." if name else f"{what}."


def _check_request(line: _Request, party: int) -> None:
    variant = VARIANTS.get(line.srv)
    if variant is None:
        raise Refused(f"There is no Service Reference Variant {line.srv}.", code="unknown_variant")
    if line.service_reference not in {None, "", variant.reference}:
        raise Refused(
            f"Variant {line.srv} belongs to Service Reference {variant.reference}, "
            f"not {line.service_reference}.",
            code="reference_mismatch",
        )
    if line.mode in _ALERT_MODES:
        raise Refused(f"A request cannot have the mode {line.mode}.", code="bad_value")
    if line.originator and _eui(line.originator) != party:
        raise Refused("The request id names another originator.", code="originator_mismatch")
    if line.gbcs_sequence is not None and line.gbcs_sequence >= COUNTER_SPAN:
        raise Refused("The GBCS sequence number is above 2^64-1.", code="bad_value")


def _alert(line: _Alert, received_at: datetime) -> Message:
    kind, code = _ALERT_MODES.get(line.mode), line.alert_code.strip().upper()
    if kind is None:
        raise Refused("An alert has the mode Device Alert or DCC Alert.", code="bad_value")
    known = code in DCC_ALERTS if kind is MessageKind.DCC_ALERT else _DEVICE_ALERT.fullmatch(code)
    if not known:
        raise Refused(f"{code or 'Nothing'} is not the code of a {kind}.", code="unknown_alert")
    return Message(
        kind=kind,
        device_id=_eui(line.device_id),
        received_at=received_at,
        fingerprint=fingerprint(kind, f"{line.alert_id}|{_eui(line.recipient)}"),
        party=_eui(line.recipient),
        mode=line.mode,
        region=line.csp_region,
        answer=Answer(Status.SUCCESS),
        alert_id=line.alert_id,
        alert_code=code,
        mpxn=_mpxn(line.mpxn) if line.mpxn else "",
    )


def _answer(line: _Answered, received_at: datetime, now: datetime) -> Answer:
    responded_at = line.responded_at and _past("responded_at", line.responded_at, now)
    if responded_at and responded_at < received_at:
        raise Refused("The response was sent before the request was received.", code="bad_time")
    code = line.response_code or ""
    if code and not is_response_code(code):
        raise Refused(f"{code} is not a response code.", code="bad_value")
    return Answer(line.status, responded_at, code, line.response_id or "")


def _past(name: str, at: datetime, now: datetime) -> datetime:
    if not EARLIEST <= at <= now + CLOCK_TOLERANCE:
        raise Refused(
            f"{name} is before 2013 or more than a day ahead. Correct it, or check the clock it "
            "came from.",
            code="bad_time",
        )
    return in_utc(at)


@lru_cache(maxsize=65_536)
def _eui(text: str) -> int:
    try:
        raw = bytes.fromhex(text.replace("-", ""))
    except ValueError:
        raw = b""
    # Text in any other form than the canonical one is read, or refused, with more care.
    if raw.hex("-").upper() != text or len(raw) != _EUI_BYTES:
        return eui_to_int(text)
    return int.from_bytes(raw, "big", signed=True)


def _request_id(text: str) -> tuple[int, int, int]:
    parts = text.split(":")
    if len(parts) == 3 and parts[2].isdecimal() and len(parts[2]) < 20:
        return _eui(parts[0]), _eui(parts[1]), int(parts[2])
    parsed = parse_request_id(text)
    return eui_to_int(parsed.originator), eui_to_int(parsed.target), parsed.counter


def _canonical(text: str) -> str:
    return str(parse_request_id(text))


@lru_cache(maxsize=65_536)
def _mpxn(text: str) -> str:
    return parse_mpxn(text).value

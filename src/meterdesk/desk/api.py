"""Feeds by API: batches of the network's data, pushed by programs of the operator."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from meterdesk.desk.actions.feeds import push_batch
from meterdesk.kernel.errors import Refused
from meterdesk.platform.intake.pushes import LARGEST_UNPACKED, Pushed

router = Router(tags=["Feeds"])

_SUFFIXES = {
    "application/x-ndjson": ".ndjson",
    "text/csv": ".csv",
    "application/xml": ".xml",
    "application/zip": ".zip",
}


class RefusalOut(Schema):
    """A refused record: its line, why, and how it begins; in a ZIP, the entry it stands in."""

    file: str
    line: int
    code: str
    reason: str
    excerpt: str


class PushedOut(Schema):
    """What became of the batch. It is stored; of many refusals the first are here."""

    run_id: int
    accepted: int
    unchanged: int
    refused: int
    refusals: list[RefusalOut]


@router.post(
    "/feeds/{kind}",
    response=PushedOut,
    operation_id="push_feed",
    summary="Push a batch of the network's data",
    description=(
        "A file of this kind, as NDJSON, CSV, XML or a ZIP of such files, at most 1 MB as sent and "
        f"{LARGEST_UNPACKED // 1_000_000} MB once unpacked from gzip or ZIP. The answer comes when "
        "the batch is stored, whole. Sent again, its records count as unchanged; with an "
        "Idempotency-Key the first answer comes again. 429: several batches of this kind are "
        "under way; wait as long as Retry-After says."
    ),
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {kind: {"schema": {"type": "string"}} for kind in _SUFFIXES},
        }
    },
)
def push_feed(request: HttpRequest, kind: str) -> Pushed:
    """Take in a batch (SSI-NFR-35)."""
    suffix = _SUFFIXES.get(request.content_type or "")
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if suffix is None or encoding not in {"identity", "gzip"}:
        raise Refused(
            f"Send {', '.join(_SUFFIXES)}, plain or with Content-Encoding gzip.",
            code="unsupported_media_type",
            status=415,
        )
    actor: Any = request.actor  # type: ignore[attr-defined]
    return push_batch(actor, kind, request.body, suffix=suffix, packed=encoding == "gzip")

"""Files that people handed in are sent as downloads, and never shown in the browser."""

from django.http import HttpResponse
from django.utils.http import content_disposition_header


def as_download(name: str, content_type: str, content: bytes) -> HttpResponse:
    """A file to be saved under its name (SSI-NFR-21)."""
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition_header(True, name) or "attachment",
            "Content-Security-Policy": "sandbox",
            "Cache-Control": "private, no-store",
        },
    )

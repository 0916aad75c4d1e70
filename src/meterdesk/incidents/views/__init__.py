"""Screens of incidents."""

from meterdesk.incidents.views.listing import download_list, listing
from meterdesk.incidents.views.one import attach_file, download, show, write
from meterdesk.incidents.views.raising import raise_one, raised
from meterdesk.incidents.views.stepping import step

__all__ = [
    "attach_file",
    "download",
    "download_list",
    "listing",
    "raise_one",
    "raised",
    "show",
    "step",
    "write",
]

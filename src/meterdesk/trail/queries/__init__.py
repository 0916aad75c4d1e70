"""Reads of the trail. Where an actor comes first, what they may not see is not there."""

from meterdesk.trail.queries.activity import device_activity, last_commands_of_hub, messages_of
from meterdesk.trail.queries.pages import (
    freshness,
    meter_read_record,
    search_meter_reads,
    search_trail,
    trail_record,
)
from meterdesk.trail.queries.recalled import (
    RecallView,
    archive_request,
    archive_requests,
    archived_days_of,
    check_archive,
    recalled,
)
from meterdesk.trail.queries.records import (
    AnonymisedCommand,
    Contact,
    DeviceActivity,
    DocumentNote,
    StatusChange,
    TrailRecord,
    TrailRow,
)
from meterdesk.trail.queries.volumes import (
    MonthlyFigures,
    Volume,
    monthly_figures,
    monthly_rows,
    volume_user_ids,
)
from meterdesk.trail.rules.searches import MeterReadSearch, TrailSearch
from meterdesk.trail.rules.volumes import VolumeSearch

__all__ = [
    "AnonymisedCommand",
    "Contact",
    "DeviceActivity",
    "DocumentNote",
    "MeterReadSearch",
    "MonthlyFigures",
    "RecallView",
    "StatusChange",
    "TrailRecord",
    "TrailRow",
    "TrailSearch",
    "Volume",
    "VolumeSearch",
    "archive_request",
    "archive_requests",
    "archived_days_of",
    "check_archive",
    "device_activity",
    "freshness",
    "last_commands_of_hub",
    "messages_of",
    "meter_read_record",
    "monthly_figures",
    "monthly_rows",
    "recalled",
    "search_meter_reads",
    "search_trail",
    "trail_record",
    "volume_user_ids",
]

"""What the endpoints of registration data take and answer."""

from datetime import date, datetime, time
from typing import Annotated, Literal

from ninja import Schema
from pydantic import AfterValidator, Field

from meterdesk.platform.api import Paged
from meterdesk.registration import actions
from meterdesk.registration.rules.files import DueDays, FileState, Fuel
from meterdesk.registration.rules.troubles import (
    Cause,
    Master,
    MisalignmentState,
    RefreshState,
    Side,
)

Code = Annotated[str, AfterValidator(str.upper), Field(max_length=12, examples=["NORTH"])]
Number = Annotated[int, Field(ge=1, le=2**62)]
Words = Annotated[str, Field(min_length=1, max_length=2_000)]
Line = Annotated[str, Field(max_length=200)]


class ProviderChange(Schema):
    """What may change of a provider; times are London's."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    organisation_id: Number
    user_id: Annotated[str | None, Field(max_length=40)] = None
    due_days: Annotated[DueDays, Field(examples=["WORKING_DAYS"])] = DueDays.WORKING_DAYS
    due_time: Annotated[time, Field(examples=["06:00:00"])]
    due_since: date
    next_sequence: Annotated[int, Field(ge=1, le=999_999_999)] = 1
    is_active: bool = True

    def details(self, code: str, fuel: Fuel) -> actions.ProviderDetails:
        """As the actions take it."""
        return actions.ProviderDetails(code=code, fuel=fuel, **self.dict(exclude={"code", "fuel"}))


class DataProviderIn(ProviderChange):
    """A provider to take up."""

    code: Code
    fuel: Fuel


class DataProviderOut(DataProviderIn):
    """A provider and how it stands."""

    organisation: str
    version: int
    next_due_at: datetime
    last_received_at: datetime | None
    held: int = Field(description="Files held until a gap in the sequence closes.")
    troubles: int = Field(description="Open troubles.")


class FileOut(Schema):
    """A file and what became of it."""

    id: int
    provider: str = Field(description="Empty when nobody known sent it.")
    name: str
    fuel: Fuel
    kind: str
    sequence: int | None
    made_at: datetime | None
    state: FileState
    code: str
    reason: str
    declared: int | None = Field(description="Records by its trailer.")
    records: int
    accepted: int
    unchanged: int
    refused: int
    ended: int = Field(description="Meter points ended by a full file's silence.")
    received_at: datetime
    decided_at: datetime | None
    answered_at: datetime | None
    version: int


class FilePage(Schema):
    """A page of files; `next` is the cursor of what follows, null at the end."""

    items: list[FileOut]
    next: str | None


class FileQuery(Paged):
    """Which files."""

    provider: Code = ""
    state: FileState | None = None


class RefusedOut(Schema):
    """A record that was refused."""

    line: int
    mpxn: str
    code: str
    reason: str


class RefusedPage(Schema):
    """A page of refused records."""

    items: list[RefusedOut]
    next: str | None


class DecisionIn(Schema):
    """Apply or refuse a file that waits; refusing needs a reason."""

    decision: Literal["apply", "refuse"]
    why: Annotated[str, Field(max_length=2_000)] = ""


class TroubleOut(Schema):
    """Something that is or was wrong."""

    number: int
    provider: str
    cause: Cause
    side: Side
    summary: str
    detail: str
    file_id: int | None
    noticed_at: datetime
    mended_at: datetime | None


class RefreshIn(Schema):
    """Data asked for afresh; no meter points: everything the provider holds."""

    provider: Code
    why: Words
    mpxns: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=1_000)] = []


class RefreshOut(Schema):
    """A request for data afresh."""

    id: int
    provider: str
    mpxns: list[str]
    why: str
    state: RefreshState
    requested_at: datetime
    requested_by: str
    due_at: datetime
    reminded_at: datetime | None
    ended_at: datetime | None
    version: int


class ReasonIn(Schema):
    """Why."""

    why: Words


class DifferenceIn(Schema):
    """Data of a meter point that differs from the provider's."""

    provider: Code
    mpxn: Annotated[str, Field(max_length=40)]
    what: Line
    held: Line = ""
    reported: Line
    master: Master = Field(description="Whose version counts until it is settled.")


class DifferenceOut(Schema):
    """Data that differs, and whose version counts meanwhile."""

    id: int
    provider: str
    mpxn: str
    what: str
    held: str
    reported: str
    master: Master
    state: MisalignmentState
    reported_at: datetime
    reported_by: str
    outcome: str
    version: int


class Which(Schema):
    """Open ones, or all there were."""

    provider: Code = ""
    open: bool = True


class DataProviderPage(Schema):
    """All of the providers; there is no further page."""

    items: list[DataProviderOut]
    next: None = None


class TroublePage(Schema):
    """All of the troubles, at most 200; there is no further page."""

    items: list[TroubleOut]
    next: None = None


class RefreshPage(Schema):
    """All of the refreshes, at most 200; there is no further page."""

    items: list[RefreshOut]
    next: None = None


class DifferencePage(Schema):
    """All of the differences, at most 200; there is no further page."""

    items: list[DifferenceOut]
    next: None = None

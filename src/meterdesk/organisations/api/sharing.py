"""Endpoints: sharing between two organisations (SSI-NFR-28 to 34)."""

import base64
import binascii
from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from meterdesk.identity.api.proof import require_proof
from meterdesk.identity.queries import ActorRequest
from meterdesk.identity.rules import UserRole
from meterdesk.kernel.errors import Refused
from meterdesk.organisations import actions, queries
from meterdesk.organisations.queries import SharingPage
from meterdesk.organisations.rules import (
    NAME_LONGEST,
    REASON_LONGEST,
    USER_IDS_MOST,
    SharingState,
    SharingVerb,
    Side,
)
from meterdesk.platform.api import IF_MATCH, Paged, name_version, required_version

router = Router(tags=["Sharing"])
_MATCHING = {"parameters": [IF_MATCH]}
_NO_NUL = r"^[^\x00]*$"
Eui = Annotated[str, Field(max_length=40, pattern=_NO_NUL)]
Euis = Annotated[list[Eui], Field(min_length=1, max_length=USER_IDS_MOST)]
OfficerId = Annotated[int, Field(ge=1, le=2**63 - 1)]


class SharingListed(Schema):
    """A sharing in a list."""

    id: UUID
    first_name: str
    second_name: str = Field(description="As the first side named it, until it is in force.")
    first_user_ids: list[str]
    second_user_ids: list[str]
    state: SharingState
    until: date | None = Field(description="The last day, in London; null: until rescinded.")
    updated_at: datetime


class SharingList(Schema):
    """A page of sharings, changed last first."""

    items: list[SharingListed]
    next: str | None


class NotificationOut(Schema):
    """A notification of one side."""

    id: UUID
    kind: str
    state: str
    organisation_name: str
    own_user_ids: list[str]
    other_user_ids: list[str]
    officer_name: str
    text: str = Field(description="Exactly what is signed, with CRLF line ends, as UTF-8.")
    written_at: datetime
    signer: str
    signed_at: datetime | None


class CheckOut(Schema):
    """One thing that is verified before activation; for the operator."""

    title: str
    holds: bool
    found: str


class SharingStepOut(Schema):
    """A line of the history."""

    done: str
    by: str
    why: str
    at: datetime


class SharingOut(SharingListed):
    """A sharing as one may see it."""

    version: int
    reason: str
    activated_at: datetime | None
    side: Side
    verbs: list[SharingVerb] = Field(description="What one may do now.")
    checks: list[CheckOut]
    notifications: list[NotificationOut]
    history: list[SharingStepOut]


class SharingQuery(Paged):
    """Which sharings to list."""

    state: SharingState | None = None


class ProposalIn(Schema):
    """A sharing to propose."""

    own: Euis = Field(description="UserIds of one's own organisation.")
    other_name: str = Field(max_length=NAME_LONGEST, pattern=_NO_NUL)
    other: Euis = Field(description="UserIds of the other party.")
    until: date | None = None
    officer_id: OfficerId


class AnswerIn(Schema):
    """Who authorises the other side's notification."""

    officer_id: OfficerId


class RescindingIn(Schema):
    """Which UserIds to rescind."""

    own: Euis
    other: Euis
    officer_id: OfficerId


class SharingTransitionIn(Schema):
    """A step that needs no signature; `rescind` is the operator's alone."""

    verb: Literal["decline", "withdraw", "reject", "activate", "rescind"]
    why: str = Field(default="", max_length=REASON_LONGEST, pattern=_NO_NUL)


class SignatureIn(Schema):
    """A detached CMS signature over the notification's exact text."""

    signature: str = Field(max_length=100_000, description="The DER or PEM file in base64.")


class ChoiceOut(Schema):
    """An officer who may authorise."""

    id: int
    name: str


class UserIdChoiceOut(Schema):
    """A UserId of one's own organisation."""

    eui: str
    user_role: UserRole


class ChoicesOut(Schema):
    """What one's own side may choose from."""

    user_ids: list[UserIdChoiceOut]
    officers: list[ChoiceOut]


class AccessOut(Schema):
    """A grant in force, and who makes use of it."""

    granting: str
    granting_organisation: str
    granted: str
    granted_organisation: str
    active_from: datetime
    expires_at: datetime | None
    sharing_id: UUID | None
    people: int
    roles: list[str]


class AccessList(Schema):
    """Grants that open one's own information, and those that open others' to oneself."""

    given: list[AccessOut]
    received: list[AccessOut]


@router.get(
    "/sharing",
    response=SharingList,
    operation_id="list_sharings",
    summary="Sharings",
    description="Of one's own organisation; for the operator all that one side has signed.",
)
def list_sharings(request: ActorRequest, query: Query[SharingQuery]) -> Any:
    """A page of sharings."""
    wanted = query.page
    return queries.sharings(request.actor, wanted, state=query.state or "", at=timezone.now())


@router.post(
    "/sharing",
    response={201: SharingOut},
    operation_id="propose_sharing",
    summary="Propose a sharing",
    description="Writes the notification for the officer to sign. The answer does not tell "
    "whether the other party's UserIds exist.",
)
def propose(request: ActorRequest, given: ProposalIn) -> Status[dict[str, Any]]:
    """Propose."""
    proposal = actions.Proposal(**given.dict())
    sharing_id, _ = actions.propose(request.actor, proposal, at=timezone.now())
    return Status(201, _out(_page(request, sharing_id)))


@router.get(
    "/sharing/choices",
    response=ChoicesOut,
    operation_id="list_sharing_choices",
    summary="UserIds and officers of one's own side",
)
def choices(request: ActorRequest) -> Any:
    """What one may choose from."""
    return queries.sharing_choices(request.actor, at=timezone.now())


@router.get(
    "/sharing/access",
    response=AccessList,
    operation_id="list_shared_access",
    summary="Who can see what through which grant",
    description="For the operator every grant in force stands in `given`.",
)
def access(request: ActorRequest) -> Any:
    """Grants in force."""
    return queries.access_overview(request.actor, at=timezone.now())


@router.get(
    "/sharing/{sharing_id}",
    response=SharingOut,
    operation_id="get_sharing",
    summary="A sharing",
)
def get_sharing(request: ActorRequest, response: HttpResponse, sharing_id: UUID) -> dict[str, Any]:
    """One sharing."""
    found = _page(request, sharing_id)
    name_version(response, found.version)
    return _out(found)


@router.post(
    "/sharing/{sharing_id}/answer",
    response={201: NotificationOut},
    operation_id="answer_sharing",
    summary="Write the other side's notification",
    openapi_extra=_MATCHING,
)
def answer(request: ActorRequest, sharing_id: UUID, given: AnswerIn) -> Status[Any]:
    """Answer a proposal."""
    actor, at, version = request.actor, timezone.now(), _version(request, sharing_id)
    number = actions.answer(actor, sharing_id, given.officer_id, version, at=at)
    return Status(201, queries.notification(actor, sharing_id, number, at=at))


@router.post(
    "/sharing/{sharing_id}/rescinding",
    response={201: NotificationOut},
    operation_id="write_rescinding",
    summary="Write a rescinding notification",
    description="Access ends both ways as soon as the officer has signed it.",
    openapi_extra=_MATCHING,
)
def rescind(request: ActorRequest, sharing_id: UUID, given: RescindingIn) -> Status[Any]:
    """Write a rescinding notification."""
    actor, at, version = request.actor, timezone.now(), _version(request, sharing_id)
    rescinding = actions.Rescinding(**given.dict())
    number = actions.write_rescinding(actor, sharing_id, rescinding, version, at=at)
    return Status(201, queries.notification(actor, sharing_id, number, at=at))


@router.post(
    "/sharing/{sharing_id}/notifications/{notification_id}/signature",
    response=SharingOut,
    operation_id="sign_notification",
    summary="Hand in the officer's signature",
    description="What the notification says takes effect at once, granting after the operator's "
    "verification.",
)
def sign(
    request: ActorRequest, sharing_id: UUID, notification_id: UUID, given: SignatureIn
) -> dict[str, Any]:
    """Hand a signature in."""
    try:
        signature = base64.b64decode(given.signature, validate=True)
    except (binascii.Error, ValueError) as error:
        message = "Send the signature file in base64."
        raise Refused(message, code="invalid", fields={"signature": message}) from error
    actions.hand_in_signature(
        request.actor, sharing_id, notification_id, signature, at=timezone.now()
    )
    return _out(_page(request, sharing_id))


@router.post(
    "/sharing/{sharing_id}/transitions",
    response=SharingOut,
    operation_id="take_sharing_step",
    summary="Decline, withdraw, reject, activate or rescind",
    description="Activating asks for fresh proof.",
    openapi_extra=_MATCHING,
)
def take_step(
    request: ActorRequest, response: HttpResponse, sharing_id: UUID, given: SharingTransitionIn
) -> dict[str, Any]:
    """Take a step."""
    actor, at, version = request.actor, timezone.now(), _version(request, sharing_id)
    verb = SharingVerb(given.verb)
    if verb is SharingVerb.ACTIVATE:
        require_proof(request)
    if verb is SharingVerb.RESCIND:
        actions.rescind_for_operator(actor, sharing_id, given.why, version, at=at)
    else:
        actions.decide(actor, sharing_id, verb, given.why, version, at=at)
    return get_sharing(request, response, sharing_id)


def _page(request: ActorRequest, sharing_id: UUID) -> SharingPage:
    return queries.sharing(request.actor, sharing_id, at=timezone.now())


def _version(request: ActorRequest, sharing_id: UUID) -> int:
    present = _page(request, sharing_id).version
    return required_version(request, present) or present


def _out(found: SharingPage) -> dict[str, Any]:
    return {name: getattr(found, name) for name in SharingOut.model_fields}

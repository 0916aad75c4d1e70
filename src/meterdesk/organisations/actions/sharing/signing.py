"""An officer's signature: checked, kept, and let take effect at once (SSI-NFR-28, 32 to 34).

It is a detached CMS signature over the exact text, or the officer's typed name confirmed by the
own password and second factor, given afresh.
"""

from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction

from meterdesk.identity.actions import LogInOver, check_code, check_password
from meterdesk.identity.queries import user_id_entries
from meterdesk.identity.rules import Actor
from meterdesk.kernel.errors import Conflict, NotAllowed, Refused
from meterdesk.kernel.signatures import SignatureRefused, Signer, check_detached
from meterdesk.organisations.access import sides_of
from meterdesk.organisations.actions.sharing.ending import rescind
from meterdesk.organisations.actions.sharing.moving import locked_sharing, move, visible_sharing
from meterdesk.organisations.actions.sharing.notifying import own_draft, require_draft
from meterdesk.organisations.actions.telling import tell
from meterdesk.organisations.models import Notification, Sharing
from meterdesk.organisations.rules import SharingVerb, Side
from meterdesk.platform import activity, jobs


def confirm_signature(  # noqa: PLR0913
    actor: Actor,
    sharing_id: UUID,
    notification_id: UUID,
    name: str,
    password: str,
    code: str,
    address: str,
    *,
    at: datetime,
) -> None:
    """Sign a notification of one's own side as its officer: name typed, both factors afresh.

    A wrong password or code counts towards the lock of the account, as at log-in; it is checked
    before and outside the transaction, so that it counts whatever becomes of the rest.

    Raises:
        NotVisible: no such notification of the actor's own side.
        NotAllowed: the actor is not its officer, or is a program.
        Conflict: it does not wait for a signature any more.
        Refused: with fields; TooMany from the same address.
    """
    written = own_draft(actor, visible_sharing(actor, sharing_id, at), notification_id)
    require_draft(written, at)
    if actor.token_id is not None or written.officer.person_id != actor.person_id:
        raise NotAllowed("Only the officer signs so, logged in with the own account.")
    if " ".join(name.split()).casefold() != written.officer_name.casefold():
        message = f"Type your name as it stands above: {written.officer_name}."
        raise Refused(message, fields={"name": message})
    _prove(actor, password, code, address, at)
    signer = f"Typed name, confirmed by logging in as {actor.username} with a second factor"
    _take(actor, sharing_id, written, signer, None, at)


def _prove(actor: Actor, password: str, code: str, address: str, at: datetime) -> None:
    wrong = (
        "The password or the code is wrong, or the account is locked. Try again with a new code."
    )
    accepted = check_password(actor.username, password, address, at=at)
    if accepted is None or accepted.person_id != actor.person_id or not accepted.needs_code:
        raise Refused(wrong, fields={"password": wrong})
    try:
        proof = check_code(accepted, code, address, at=at)
    except LogInOver:
        proof = None
    if proof is None:
        raise Refused(wrong, fields={"password": wrong})


def hand_in_signature(
    actor: Actor, sharing_id: UUID, notification_id: UUID, signature: bytes, *, at: datetime
) -> None:
    """Hand in the officer's signature file over the notification's exact text.

    One that does not prove it is recorded; of a rescinding notification the officer is told in
    writing that it was rejected, and why (SSI-NFR-34).

    Raises NotVisible, Conflict as `confirm_signature`; Refused, field signature.
    """
    written = own_draft(actor, visible_sharing(actor, sharing_id, at), notification_id)
    require_draft(written, at)
    try:
        signer = _checked(written, signature, at)
    except SignatureRefused as refused:
        _note_refusal(actor, written, refused, at)
        raise Refused(
            refused.message, code=refused.code, fields={"signature": refused.message}
        ) from refused
    words = f"Signature by {signer.certificate.subject}, SHA-256 {signer.certificate.fingerprint}"
    _take(actor, sharing_id, written, words, signature, at)


def _checked(written: Notification, signature: bytes, at: datetime) -> Signer:
    text, recorded = written.text.encode(), written.officer.certificate
    if recorded:
        return check_detached(text, signature, at=at, pinned=recorded.encode())
    signer = check_detached(text, signature, at=at, issuers=settings.OFFICER_ISSUERS)
    if written.officer_email.lower() not in signer.certificate.emails:
        message = f"The certificate does not name the officer's address, {written.officer_email}."
        raise SignatureRefused(message, code="other_person")
    return signer


@transaction.atomic
def _note_refusal(actor: Actor, written: Notification, refused: Refused, at: datetime) -> None:
    activity.record(
        actor=actor,
        verb="organisations.signature_refused",
        subject=str(written.sharing_id),
        at=at,
        organisation_id=written.organisation_id,
        detail={"notification": str(written.pk), "code": refused.code},
    )
    if written.kind == Notification.Kind.RESCIND:
        body = (
            "The notification of permission to be rescinded has been rejected, since its "
            f"signature could not be confirmed.\n\nReason: {refused.message}\n\n"
            "Access goes on as it was. Sign the notification again, or write a new one."
        )
        subject = "Rescinding rejected"
        tell([written.officer_email], subject, body, f"sharing {written.sharing_id}", at)


@transaction.atomic
def _take(
    actor: Actor,
    sharing_id: UUID,
    written: Notification,
    signer: str,
    signature: bytes | None,
    at: datetime,
) -> None:
    sharing = locked_sharing(actor, sharing_id, at)
    changed = Notification.objects.filter(pk=written.pk, state=Notification.State.DRAFT).update(
        state=Notification.State.SIGNED,
        signature=signature,
        signer=signer,
        signed_by_id=actor.person_id,
        signed_at=at,
    )
    if not changed:
        raise Conflict("This notification does not wait for a signature any more.")
    activity.record(
        actor=actor,
        verb="organisations.sign_notification",
        subject=str(sharing.pk),
        at=at,
        organisation_id=written.organisation_id,
        detail={
            "notification": str(written.pk),
            "kind": written.kind,
            "before": Notification.State.DRAFT,
            "after": Notification.State.SIGNED,
            "signer": signer,
        },
    )
    _take_effect(actor, sharing, written, at)


def _take_effect(actor: Actor, sharing: Sharing, written: Notification, at: datetime) -> None:
    """A signed notification does what it says (SSI-NFR-33); the operator decides on granting."""
    side = next(iter(sides_of(actor, sharing)))
    if written.kind == Notification.Kind.RESCIND:
        rescind(actor, sharing, (written.own_user_ids, written.other_user_ids), side, "", at)
        return
    verb = SharingVerb.SIGN if side is Side.FIRST else SharingVerb.ANSWER
    changes = {"proposed_at": at, "second_id": _second(sharing)} if verb is SharingVerb.SIGN else {}
    move(actor, sharing, verb, side, at, changes=changes)
    if verb is SharingVerb.SIGN:
        # Always by a job, so that the answer takes as long whether there is anybody to invite.
        jobs.defer("organisations.invite", sharing_id=str(sharing.pk))


def _second(sharing: Sharing) -> int | None:
    """Whose the named UserIds are, when they are all one other organisation's."""
    entries = user_id_entries(sharing.second_user_ids)
    owners = {one.organisation_id for one in entries.values()}
    whole = len(entries) == len(sharing.second_user_ids)
    return owners.pop() if whole and len(owners) == 1 else None

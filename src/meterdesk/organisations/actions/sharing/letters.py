"""What both sides' officers are told in writing (SSI-NFR-29, 30, 33, 34)."""

from collections.abc import Sequence
from datetime import datetime

from meterdesk.organisations.actions.telling import officer_addresses, tell
from meterdesk.organisations.models import Notification, Sharing
from meterdesk.organisations.rules import SharingVerb

_SUBJECTS = {
    SharingVerb.ACTIVATE: "Sharing is in force",
    SharingVerb.REJECT: "Sharing rejected",
    SharingVerb.DECLINE: "Sharing declined",
    SharingVerb.WITHDRAW: "Sharing withdrawn",
    SharingVerb.RESCIND: "Sharing rescinded",
    SharingVerb.RESCIND_PART: "Sharing rescinded for some UserIds",
    SharingVerb.EXPIRE: "Sharing has expired",
}


def write_letters(
    sharing: Sharing,
    verb: SharingVerb,
    why: str,
    at: datetime,
    *,
    pairs: tuple[Sequence[str], Sequence[str]] = ((), ()),
) -> None:
    """Write to the officers who signed, and of a side that knows of it but has not signed, to all.

    A side that was never told of the sharing is not told of its end either.
    """
    signed = Notification.objects.filter(
        sharing=sharing, state=Notification.State.SIGNED, kind=Notification.Kind.GRANT
    )
    by_side = dict(signed.values_list("organisation_id", "officer_email"))
    first, second = sharing.first, sharing.second
    sides = [(first.pk, second.name if second and second.pk in by_side else sharing.second_name)]
    if second is not None and sharing.proposed_at is not None:
        sides.append((second.pk, first.name))
    for organisation_id, other_name in sides:
        known = by_side.get(organisation_id)
        addresses = [known] if known else officer_addresses(organisation_id, at)
        body = _body(sharing, verb, other_name, why, pairs)
        tell(addresses, _SUBJECTS[verb], body, f"sharing {sharing.pk}", at)


def _body(
    sharing: Sharing,
    verb: SharingVerb,
    other_name: str,
    why: str,
    pairs: tuple[Sequence[str], Sequence[str]],
) -> str:
    what = {
        SharingVerb.ACTIVATE: f"Access between your organisation and {other_name} has been "
        "granted. Administrators of either side can now give their people the other's UserIds.",
        SharingVerb.REJECT: f"The access that you notified with {other_name} has been rejected.",
        SharingVerb.DECLINE: f"The sharing with {other_name} was declined by the other side.",
        SharingVerb.WITHDRAW: f"The sharing with {other_name} was withdrawn by who proposed it.",
        SharingVerb.RESCIND: f"All access between your organisation and {other_name} under this "
        "sharing has been rescinded, both ways.",
        SharingVerb.RESCIND_PART: f"Access between your organisation and {other_name} has been "
        "rescinded, both ways, for the UserIds below.",
        SharingVerb.EXPIRE: f"The sharing with {other_name} has reached its last day. "
        "Access has ended, both ways.",
    }[verb]
    one, other = pairs
    listed = "\n".join([*sorted(one), "and", *sorted(other)]) if one else ""
    if verb is SharingVerb.ACTIVATE:
        listed = "\n".join([*sharing.first_user_ids, "and", *sharing.second_user_ids])
    reason = f"Reason: {why}" if why else ""
    ask = "Questions: the operator's service desk."
    return "\n\n".join(filter(None, [what, listed, reason, ask]))

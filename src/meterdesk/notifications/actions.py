"""Sending: a row in the caller's transaction, an email from the worker afterwards."""

from datetime import datetime, timedelta
from smtplib import SMTPException
from typing import Final

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone

from meterdesk.notifications.models import OutgoingMessage
from meterdesk.platform import jobs, secrets

NEWS = timedelta(days=1)
SECRET: Final = "{secret}"  # noqa: S105  a place, not a secret
"""Where the secret of an email stands in its body."""


def send_email(
    *, to: str, subject: str, body: str, about: str, at: datetime, secret: str = ""
) -> None:
    """Queue a plain-text email; it goes when the caller's transaction has been committed.

    What happened more than a day ago (records taken over from elsewhere) is kept and not sent.

    Args:
        to: one address.
        subject: one line.
        body: plain text.
        about: reference of the record it is about; nobody reads it by email address alone.
        at: aware instant of what it tells of.
        secret: put in the place of SECRET when the email goes; encrypted until then and forgotten
            afterwards, so that nobody who reads the database can use it.
    """
    stale = at < timezone.now() - NEWS
    state = OutgoingMessage.State.NOT_SENT if stale else OutgoingMessage.State.WAITING
    message = OutgoingMessage.objects.create(
        to=to,
        subject=" ".join(subject.split()),
        body=body,
        about=about,
        sealed=secrets.encrypt(secret) if secret and not stale else "",
        state=state,
        reason="It was more than a day old." if stale else "",
        created_at=at,
    )
    if not stale:
        jobs.defer("notifications.send", message_id=message.pk)


def deliver(message_id: int) -> bool:
    """Hand a waiting message to the mail server, once. Raises what the server raises.

    A second run finds it sent and does nothing.
    """
    with transaction.atomic():
        message = (
            OutgoingMessage.objects.select_for_update()
            .filter(pk=message_id)
            .exclude(state__in=[OutgoingMessage.State.SENT, OutgoingMessage.State.NOT_SENT])
            .first()
        )
        if message is None:
            return False
        try:
            _email(message).send()
        except (OSError, SMTPException) as error:
            _note(message_id, OutgoingMessage.State.FAILED, str(error))
            failure = error
        else:
            _note(message_id, OutgoingMessage.State.SENT, "")
            return True
    raise failure


def _email(message: OutgoingMessage) -> EmailMessage:
    body = message.body
    if message.sealed:
        body = body.replace(SECRET, secrets.decrypt(message.sealed))
    headers = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}
    return EmailMessage(
        message.subject, body, settings.DEFAULT_FROM_EMAIL, [message.to], headers=headers
    )


def _note(message_id: int, state: str, reason: str) -> None:
    rows = OutgoingMessage.objects.filter(pk=message_id)
    if state == OutgoingMessage.State.SENT:
        rows.update(state=state, reason=reason, sent_at=timezone.now(), sealed="")
    else:
        rows.update(state=state, reason=reason, sent_at=None)

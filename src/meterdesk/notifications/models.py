"""Messages to people, with what became of each."""

from django.db import models


class OutgoingMessage(models.Model):
    """One email to one address."""

    class State(models.TextChoices):
        """What became of it. NOT_SENT: it was about something too long past to be news."""

        WAITING = "WAITING", "Waiting"
        SENT = "SENT", "Sent"
        FAILED = "FAILED", "Failed"
        NOT_SENT = "NOT_SENT", "Not sent"

    to = models.TextField()
    subject = models.TextField()
    body = models.TextField()
    sealed = models.TextField(
        blank=True, default="", db_default="", help_text="The secret of the body, encrypted"
    )
    about = models.TextField()
    state = models.TextField(choices=State.choices, default=State.WAITING)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["about", "created_at"], name="message_about"),
            models.Index(
                fields=["created_at"],
                condition=~models.Q(state="SENT"),
                name="message_not_sent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"

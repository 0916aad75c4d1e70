"""The register of log-ins: what proved each, where it came from, when and why it ended."""

from django.db import models

from meterdesk.identity.rules import SessionEnd


class LogInSession(models.Model):
    """One log-in of a person, from its proofs to its end (SSI-NFR-6, 7, 20).

    Every request of a session reads its row, so that ending it here ends it everywhere at once.
    All times are aware UTC. `proofs` are values of rules.Proof; `provider` names the identity
    provider that vouched for the person, empty for Meterdesk's own log-in; `proved_at` is when
    the person last gave a proof, which sensitive changes ask to be recent.
    """

    person = models.ForeignKey(
        "identity.Person", on_delete=models.CASCADE, related_name="log_in_sessions", db_index=False
    )
    begun_at = models.DateTimeField()
    active_at = models.DateTimeField()
    proved_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    address = models.GenericIPAddressField(null=True)
    device = models.CharField(max_length=60, blank=True)
    proofs = models.JSONField(default=list)
    provider = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(
        "identity.Person", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    ended_why = models.CharField(
        max_length=20, blank=True, choices=[(one.value, one.title) for one in SessionEnd]
    )

    class Meta:
        indexes = [models.Index(fields=["person", "-begun_at"], name="log_in_session_of_person")]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.device} at {self.address}"

"""Who logs in by an identity provider alone, and when a token was last used with a fresh proof."""

from django.db import migrations, models

# Told by what such accounts alone have: no password, and none to be set; or a log-in so vouched for.
_BY_PROVIDER = """
update identity_person person set by_provider = true
where kind = 'PERSON' and (
  (status <> 'DELETED' and not must_set_password and password like '!%')
  or exists (
    select from identity_loginsession session
    where session.person_id = person.id and session.proofs @> '["provider"]'
  )
)
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0008_authenticators_as_factors")]
    operations = [
        migrations.AddField(
            "person",
            "by_provider",
            models.BooleanField(
                default=False,
                db_default=False,
                help_text="Logs in by the organisation's identity provider alone: "
                "no password here.",
            ),
        ),
        migrations.AddField(
            "apitoken",
            "proved_at",
            models.DateTimeField(null=True, help_text="Last fresh proof given with it."),
        ),
        migrations.RunSQL(_BY_PROVIDER, migrations.RunSQL.noop),
    ]

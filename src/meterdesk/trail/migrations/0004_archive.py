from django.db import migrations, models

# The same rows as trail_message, found in the archive for one request.
RECALLED = """
create table trail_recalled (
    request_id bigint not null,
    like trail_message,
    primary key (request_id, device_id, received_at, fingerprint)
);
comment on table trail_recalled is 'Messages found in the archive, until their request expires.';
"""


class Migration(migrations.Migration):
    """Days in the archive, and what people asked of it."""

    dependencies = [("trail", "0003_volumes")]

    operations = [
        migrations.CreateModel(
            name="ArchivedDay",
            fields=[
                ("day", models.DateField(primary_key=True, serialize=False)),
                ("path", models.CharField(max_length=255)),
                ("rows", models.BigIntegerField(default=0)),
                ("size", models.BigIntegerField(default=0)),
                ("sha256", models.CharField(default="", max_length=64)),
                ("archived_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ArchiveRequest",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("person_id", models.BigIntegerField()),
                ("username", models.CharField(max_length=150)),
                ("meter_reads", models.BooleanField()),
                ("search", models.JSONField()),
                ("scope", models.CharField(max_length=64)),
                ("days", models.JSONField()),
                ("days_done", models.IntegerField(default=0)),
                ("found", models.IntegerField(default=0)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("WAITING", "Waiting"),
                            ("READY", "Ready"),
                            ("FAILED", "Failed"),
                        ],
                        default="WAITING",
                        max_length=10,
                    ),
                ),
                ("note", models.CharField(default="", max_length=400)),
                ("asked_at", models.DateTimeField()),
                ("ready_at", models.DateTimeField(null=True)),
                ("expires_at", models.DateTimeField()),
            ],
            options={
                "indexes": [models.Index(fields=["person_id", "-id"], name="trail_request_person")],
            },
        ),
        migrations.RunSQL(RECALLED, "drop table trail_recalled"),
    ]

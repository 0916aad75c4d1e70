from django.db import migrations, models


class Migration(migrations.Migration):
    """Keep the headers of an answer with it, and find old answers by their age."""

    dependencies = [("platform", "0004_idempotency_keys")]

    operations = [
        migrations.RemoveField("idempotencykey", "content_type"),
        migrations.AddField("idempotencykey", "headers", models.JSONField(default=dict)),
        migrations.AddIndex(
            "idempotencykey", models.Index(fields=["at"], name="idempotency_key_age")
        ),
    ]

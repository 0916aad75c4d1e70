from django.db import migrations, models


class Migration(migrations.Migration):
    """Suspension of organisations and UserIds, closing, and the end of a grant."""

    dependencies = [
        ("identity", "0003_log_in_sessions"),
    ]

    operations = [
        migrations.AddField(
            model_name="grant",
            name="expires_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="organisation",
            name="closed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="organisation",
            name="suspended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="organisation",
            name="suspension",
            field=models.TextField(
                choices=[("NONE", "NONE"), ("READ_ONLY", "READ_ONLY"), ("NOTHING", "NOTHING")],
                db_default="NONE",
                default="NONE",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="suspension_reason",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="organisation",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
        migrations.AddField(
            model_name="userid",
            name="suspended_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="userid",
            name="suspension",
            field=models.TextField(
                choices=[("NONE", "NONE"), ("READ_ONLY", "READ_ONLY"), ("NOTHING", "NOTHING")],
                db_default="NONE",
                default="NONE",
            ),
        ),
        migrations.AddField(
            model_name="userid",
            name="suspension_reason",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="userid",
            name="version",
            field=models.PositiveIntegerField(db_default=1, default=1),
        ),
    ]

from django.db import migrations

PREFIXES = ("inc", "prb", "req", "ord", "ret", "alt", "chg", "sip")


class Migration(migrations.Migration):
    """Reference sequences, and counters that need not survive a crash."""

    dependencies = [("platform", "0001_initial")]

    operations = [
        *(
            migrations.RunSQL(
                f"create sequence reference_{prefix}_seq maxvalue 9999999",
                f"drop sequence reference_{prefix}_seq",
            )
            for prefix in PREFIXES
        ),
        migrations.RunSQL(
            "alter table platform_counter set unlogged", "alter table platform_counter set logged"
        ),
    ]

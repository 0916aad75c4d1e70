"""Take the authenticator apps over from allauth's table, where a person could have only one."""

from typing import Any

from django.db import migrations


def take_over(apps: Any, _editor: Any) -> None:
    """Copy each authenticator; its secret stays encrypted as it is. Run again, it adds nothing."""
    kept = apps.get_model("mfa", "Authenticator")
    factor = apps.get_model("identity", "SecondFactor")
    for one in kept.objects.filter(type="totp").iterator():
        factor.objects.get_or_create(
            person_id=one.user_id,
            kind="APP",
            secret=one.data["secret"],
            defaults={
                "name": "Authenticator app",
                "counter": one.data.get("used_counter", 0),
                "created_at": one.created_at,
                "last_used_at": one.last_used_at,
            },
        )


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0007_second_factors"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]
    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]

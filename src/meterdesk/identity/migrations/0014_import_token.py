"""The token by which accounts are imported: when it is revoked, so is its job."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0013_import_assertion")]

    operations = [migrations.AddField("accountimport", "token_id", models.BigIntegerField(null=True))]

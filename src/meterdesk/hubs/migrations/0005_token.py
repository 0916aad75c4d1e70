from django.db import migrations, models


class Migration(migrations.Migration):
    """By which token a hub was asked: when it is revoked, so is the request."""

    dependencies = [("hubs", "0004_assertion")]

    operations = [
        migrations.AddField("hubrequest", "token_id", models.BigIntegerField(null=True)),
    ]

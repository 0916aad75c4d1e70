import django.contrib.postgres.fields
import django.db.models.deletion
import meterdesk.platform.fields
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Officers, history, sharings with their notifications and grants."""

    initial = True

    dependencies = [
        ("identity", "0004_suspension"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Officer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField(choices=[("SRO", "SRO"), ("ARO", "ARO")])),
                ("name", models.TextField()),
                ("email", models.EmailField(max_length=254)),
                ("telephone", models.CharField(max_length=40)),
                ("certificate", models.TextField(blank=True)),
                ("certificate_until", models.DateTimeField(null=True)),
                ("active_from", models.DateField()),
                ("active_until", models.DateField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Sharing",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("second_name", models.TextField()),
                (
                    "first_user_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=meterdesk.platform.fields.EuiField(), size=None
                    ),
                ),
                (
                    "second_user_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=meterdesk.platform.fields.EuiField(), size=None
                    ),
                ),
                ("until", models.DateField(null=True)),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("DRAFT", "DRAFT"),
                            ("PROPOSED", "PROPOSED"),
                            ("VERIFYING", "VERIFYING"),
                            ("ACTIVE", "ACTIVE"),
                            ("REJECTED", "REJECTED"),
                            ("DECLINED", "DECLINED"),
                            ("WITHDRAWN", "WITHDRAWN"),
                            ("RESCINDED", "RESCINDED"),
                            ("EXPIRED", "EXPIRED"),
                        ],
                        default="DRAFT",
                    ),
                ),
                ("reason", models.TextField(blank=True)),
                ("created_at", models.DateTimeField()),
                ("updated_at", models.DateTimeField()),
                ("proposed_at", models.DateTimeField(null=True)),
                ("activated_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                (
                    "first",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "second",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "kind",
                    models.TextField(
                        choices=[("GRANT", "Granting access"), ("RESCIND", "Rescinding access")]
                    ),
                ),
                (
                    "state",
                    models.TextField(
                        choices=[
                            ("DRAFT", "Not signed yet"),
                            ("SIGNED", "Signed"),
                            ("REJECTED", "Rejected"),
                            ("REPLACED", "Replaced"),
                        ],
                        default="DRAFT",
                    ),
                ),
                (
                    "own_user_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=meterdesk.platform.fields.EuiField(), size=None
                    ),
                ),
                (
                    "other_user_ids",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=meterdesk.platform.fields.EuiField(), size=None
                    ),
                ),
                ("officer_name", models.TextField()),
                ("officer_email", models.EmailField(max_length=254)),
                ("officer_telephone", models.CharField(max_length=40)),
                ("text", models.TextField()),
                ("written_at", models.DateTimeField()),
                ("signature", models.BinaryField(null=True)),
                ("signer", models.TextField(blank=True)),
                ("signed_at", models.DateTimeField(null=True)),
                ("reason", models.TextField(blank=True)),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "written_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "officer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.officer",
                    ),
                ),
                (
                    "sharing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to="organisations.sharing",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SharingGrant",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "grant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.grant",
                    ),
                ),
                (
                    "sharing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="grants",
                        to="organisations.sharing",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SharingStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("verb", models.TextField()),
                ("from_state", models.TextField(blank=True)),
                ("to_state", models.TextField()),
                ("side", models.TextField()),
                ("why", models.TextField(blank=True)),
                ("person_name", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "sharing",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="organisations.sharing",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="OrganisationStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("done", models.TextField()),
                ("why", models.TextField(blank=True)),
                ("person_name", models.TextField()),
                ("at", models.DateTimeField()),
                (
                    "organisation",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["organisation", "-at"], name="organisation_step")],
            },
        ),
        migrations.AddIndex(
            model_name="sharing",
            index=models.Index(fields=["state", "-updated_at"], name="sharing_by_state"),
        ),
        migrations.AddConstraint(
            model_name="notification",
            constraint=models.UniqueConstraint(
                models.F("sharing"),
                models.F("organisation"),
                condition=models.Q(("state", "DRAFT")),
                name="notification_one_draft",
            ),
        ),
    ]

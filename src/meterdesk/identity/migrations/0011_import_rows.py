"""The report of a file of new accounts as rows, so that a file of any size is taken by a job."""

import django.db.models.deletion
from django.db import migrations, models

_STATES = [(one, one) for one in ("CHECKING", "CHECKED", "OPENING", "DONE")]
_OUTCOMES = [(one, one) for one in ("WAITING", "NEW", "CREATED", "UNCHANGED", "REFUSED")]

# Reports that are there already; run again, it adds nothing.
_ROWS = """
insert into identity_accountimportrow (account_import_id, line, username, outcome, reason)
select i.id, (row->>'line')::int, left(row->>'username', 200), row->>'outcome', row->>'reason'
from identity_accountimport i, jsonb_array_elements(i.report) row
on conflict do nothing
"""


class Migration(migrations.Migration):
    dependencies = [("identity", "0010_feeds")]
    operations = [
        migrations.AddField(
            "accountimport",
            "state",
            models.CharField(
                max_length=10, choices=_STATES, default="CHECKING", db_default="CHECKED"
            ),
        ),
        migrations.AddField(
            "accountimport",
            "applied_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.person",
            ),
        ),
        migrations.CreateModel(
            "AccountImportRow",
            [
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("line", models.PositiveIntegerField()),
                ("username", models.CharField(max_length=200)),
                ("outcome", models.CharField(max_length=10, choices=_OUTCOMES)),
                ("reason", models.TextField(blank=True)),
                (
                    "account_import",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rows",
                        to="identity.accountimport",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "accountimportrow",
            models.UniqueConstraint("account_import", "line", name="import_line_once"),
        ),
        migrations.RunSQL(_ROWS, migrations.RunSQL.noop),
        migrations.RunSQL(
            "update identity_accountimport set state = 'DONE', applied_by_id = made_by_id "
            "where applied_at is not null",
            migrations.RunSQL.noop,
        ),
        # The column stays for the version before; nothing reads it any more.
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "alter table identity_accountimport alter column report set default '[]'",
                    "alter table identity_accountimport alter column report drop default",
                )
            ],
            state_operations=[migrations.RemoveField("accountimport", "report")],
        ),
    ]

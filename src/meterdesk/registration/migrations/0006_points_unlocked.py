"""A registration has its meter point, held by a look at what each statement wrote.

It takes the place of a foreign key, which locks the meter point's row for each registration that is
written, and so rewrites the page it stands on: a day's changes rewrote the whole register's.
"""

import django.db.models.deletion
from django.db import migrations, models

GUARD = """
create function registration_has_its_point() returns trigger language plpgsql
set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    missing bigint;
begin
    perform pg_advisory_xact_lock(hashtext('registration:merge'));
    select changed.meter_point_id into missing from changed
    where not exists (
        select from registration_meterpoint p where p.id = changed.meter_point_id
    )
    limit 1;
    if missing is not null then
        raise foreign_key_violation using
            message = format('there is no meter point %s to register', missing),
            constraint = 'registration_has_its_point',
            table = 'registration_registration';
    end if;
    return null;
end $$;
create function registration_point_is_free() returns trigger language plpgsql
set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    used bigint;
begin
    perform pg_advisory_xact_lock(hashtext('registration:merge'));
    select gone.id into used
    from gone join registration_registration r on r.meter_point_id = gone.id
    limit 1;
    if used is not null then
        raise foreign_key_violation using
            message = format('meter point %s still has registrations', used),
            constraint = 'registration_point_is_free',
            table = 'registration_meterpoint';
    end if;
    return null;
end $$;
create trigger registration_point_added after insert on registration_registration
    referencing new table as changed
    for each statement execute function registration_has_its_point();
create trigger registration_point_gone after delete on registration_meterpoint
    referencing old table as gone
    for each statement execute function registration_point_is_free();
"""
UNGUARD = """
drop trigger registration_point_added on registration_registration;
drop trigger registration_point_gone on registration_meterpoint;
drop function registration_has_its_point();
drop function registration_point_is_free();
"""


class Migration(migrations.Migration):
    dependencies = [("registration", "0005_sources")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.AlterField(
            model_name="registration",
            name="meter_point",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="registrations",
                to="registration.meterpoint",
            ),
        ),
    ]

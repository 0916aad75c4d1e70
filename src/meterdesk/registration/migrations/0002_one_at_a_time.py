"""No two registrations at once at a meter point, held by a look at what each statement changed.

It takes the place of an exclusion constraint whose GiST index cost more than all the rest of an
intake. Whoever writes waits for the one before, so that two transactions cannot pass each other.
"""

from django.db import migrations

GUARD = """
create function registration_one_at_a_time() returns trigger language plpgsql
set enable_hashjoin = off set enable_mergejoin = off
as $$
declare
    found bigint;
begin
    perform pg_advisory_xact_lock(hashtext('registration:merge'));
    select changed.meter_point_id into found
    from changed join registration_registration r
        on r.meter_point_id = changed.meter_point_id and r.active_from <> changed.active_from
    where tstzrange(r.active_from, r.active_to) && tstzrange(changed.active_from, changed.active_to)
    limit 1;
    if found is not null then
        raise exclusion_violation using
            message = format('meter point %s would have two registrations at once', found),
            constraint = 'registration_one_at_a_time',
            table = 'registration_registration';
    end if;
    return null;
end $$;
create trigger registration_one_added after insert on registration_registration
    referencing new table as changed
    for each statement execute function registration_one_at_a_time();
create trigger registration_one_changed after update on registration_registration
    referencing new table as changed
    for each statement execute function registration_one_at_a_time();
"""
UNGUARD = """
drop trigger registration_one_added on registration_registration;
drop trigger registration_one_changed on registration_registration;
drop function registration_one_at_a_time();
"""


class Migration(migrations.Migration):
    dependencies = [("registration", "0001_meter_points")]

    operations = [
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RemoveConstraint(
            model_name="registration", name="registration_one_at_a_time"
        ),
    ]

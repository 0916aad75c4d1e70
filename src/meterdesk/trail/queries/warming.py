"""What a session of the database plans before it first reads the trail.

The functions that read many days are planned once a session, over every day online: for 92 days
some 50 ms the first time. Called for no Device they read nothing and are planned all the same.
"""

from typing import Final

PLANNED: Final = (
    "select count(*) from trail_page_of("
    "'{}'::int8[], '{}'::timestamptz[], '{}'::timestamptz[], now(), now(), now(), 0::int8, null, "
    "false, '{}'::int8[], '{}'::int2[], 1)",
    "select count(*) from trail_activity("
    "'{}'::int8[], now(), false, '{}'::int8[], '{}'::int2[], 1)",
    "select count(*) from trail_commands('{}'::int8[], now(), 1)",
)

"""The embedded PostgreSQL: found, started, provisioned and stopped without any set-up.

Plain Python: it can be used before, and without, Django. With DATABASE_URL set nothing in here
is called at all.

    cluster = locate(home)
    cluster.ensure_running()
    cluster.url(APP_ROLE, DATABASE)
"""

from meterdesk.platform.database.cluster import Cluster, locate
from meterdesk.platform.database.problems import DatabaseUnavailable
from meterdesk.platform.database.provision import APP_ROLE, DATABASE, OWNER_ROLE

__all__ = ["APP_ROLE", "DATABASE", "OWNER_ROLE", "Cluster", "DatabaseUnavailable", "locate"]

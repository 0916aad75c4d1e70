"""python -m meterdesk.cli: the same as the `meterdesk` command."""

import sys

from meterdesk.cli import main

sys.exit(main())

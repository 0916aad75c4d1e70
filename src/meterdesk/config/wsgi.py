"""WSGI entry point for granian."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "meterdesk.config.settings")
application = get_wsgi_application()

# What a worker keeps for ever is made before its first request, and left out of every look for
# garbage: going through it took a page in thirty an eighth of a second.
reverse("web:keep-alive")
gc.collect()
gc.freeze()

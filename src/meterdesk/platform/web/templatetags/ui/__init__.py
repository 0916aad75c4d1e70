"""Components: `{% load ui %}`. Usage of each stands in docs/reference/components.md."""

from meterdesk.platform.web.templatetags.ui import blocks, charts, fields, marks, parts, tables
from meterdesk.platform.web.templatetags.ui.library import library as register

__all__ = ["blocks", "charts", "fields", "marks", "parts", "register", "tables"]

"""Property tests run without a time limit for each example: a busy machine is no defect."""

from hypothesis import settings

settings.register_profile("meterdesk", deadline=None)
settings.load_profile("meterdesk")

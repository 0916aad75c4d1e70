"""Organisations and sharing by API: the same actions, queries and rights as the screens."""

from ninja import Router

from meterdesk.organisations.api import organisations, sharing

router = Router()
for part in (organisations.router, sharing.router):
    router.add_router("", part)

"""Meterdesk: service management for a national smart-metering network."""

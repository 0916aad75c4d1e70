"""The `meterdesk` command."""

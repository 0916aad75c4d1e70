"""The operator's console: queue, intake, accounts (IM-19, IM-21)."""

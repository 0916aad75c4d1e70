"""The service audit trail: the network's messages (SSI-FR-6 to 11, AUD-1)."""

"""SM WAN coverage by postcode and premises (SSI-FR-12 to 15, DIAG-1)."""

"""Incidents from raising to closure (SSI-FR-22 to 34, IM-1 to 8, IM-12, IM-13, IM-24)."""

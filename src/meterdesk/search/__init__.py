"""The one box: any identifier to its record (SSI-FR-2, SSI-FR-64)."""

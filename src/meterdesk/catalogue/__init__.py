"""The service catalogue: what may be asked of the operator, and what was (SSI-FR-52 to 57)."""

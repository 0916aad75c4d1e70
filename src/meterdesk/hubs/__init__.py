"""Communications Hub availability and diagnostics (SSI-FR-16 to 19)."""

"""Template tags for premises."""

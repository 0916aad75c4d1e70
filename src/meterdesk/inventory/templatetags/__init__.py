"""Template tags for Devices."""

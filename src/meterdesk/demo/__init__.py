"""The demonstration network: synthetic, deterministic, taken in like real data."""

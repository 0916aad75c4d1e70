"""Every check on a premises, as evidence, cause and responsible party (IM-2, IM-5, IM-6)."""

"""Everything about a premises on one page."""

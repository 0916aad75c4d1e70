"""The web shell: frame, components, error pages, security headers, logs and health.

Owns SSI-NFR-22 (meaningful errors with the right status). Knows nothing of the business; what a
frame shows (navigation, actor, session limit) comes from the site's context processor.
"""

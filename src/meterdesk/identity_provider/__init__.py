"""Meterdesk as a SAML 2.0 Identity Provider for other services (SSI-NFR-3, 14, 19)."""

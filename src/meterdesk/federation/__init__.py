"""SAML 2.0 on both sides: organisations' own Identity Providers, and Meterdesk as one.

Requirements: SSI-NFR-3 to 5, 8 to 19.
"""

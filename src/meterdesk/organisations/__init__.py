"""Organisations through their life: onboarding, officers, sharing, suspension, off-boarding.

Requirements: SSI-NFR-28 to 34, FSM-9, SEC-1.
"""

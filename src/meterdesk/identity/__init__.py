"""Who is who and what they may use: organisations, UserIds, people, roles, sessions, tokens.

Requirements: SSI-FR-1, 1a, 58 to 63; SSI-NFR-2 to 7, 20, 23 to 34; FSM-5, 6, 17.
"""

"""Kernel: plain Python that every app may use. No Django, no clock, no input or output.

Owns identifiers and their recognition (SSI-FR-2, SSI-FR-6, SSI-FR-12), working time (IM-4, IM-12),
refusals (SSI-NFR-22), cursor paging and formula-safe CSV.
"""

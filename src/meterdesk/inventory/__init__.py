"""Smart metering inventory: Devices, how they hang together, and the products list.

Requirements: INV-1 to INV-6, SSI-FR-2 to SSI-FR-5, SSI-NFR-35.
"""

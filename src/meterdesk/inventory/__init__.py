"""Smart metering inventory: Devices, associations, products list (INV-1 to 6, SSI-FR-2 to 5)."""

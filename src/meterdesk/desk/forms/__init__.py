"""Forms of the operator's desk."""

"""Policy of the catalogue: what it offers, what can be done to a request, what a datum is."""

"""Policy of incidents, plain Python: states, clocks, categories, responsibility, audiences."""

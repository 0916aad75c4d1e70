"""What the operator's staff do at the desk."""

"""The Python beside the rules: what may be asked for, what is computed from what, and where it lies."""

"""Measurements of a cloud, their energy, and the exact matching behind it."""

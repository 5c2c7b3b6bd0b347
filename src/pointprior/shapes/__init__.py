"""Household objects as clouds: ShapeNet's part-annotation archive, and procedural stand-ins for it."""

"""Household objects generated from parameters: a stand-in for ShapeNet's part annotation that needs no download."""

from pointprior.shapes.procedural.generation import generate, generate_many, parameters_of

__all__ = ["generate", "generate_many", "parameters_of"]

"""The procedural model of every category."""

from pointprior.shapes.procedural import chair

MODELS = {module.MODEL.name: module.MODEL for module in (chair,)}

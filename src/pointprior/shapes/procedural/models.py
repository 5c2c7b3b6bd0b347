"""The procedural model of every category."""

from pointprior.shapes.procedural import (
    airplane,
    bag,
    cap,
    car,
    chair,
    guitar,
    laptop,
    motorbike,
    mug,
    pistol,
    rocket,
    skateboard,
    table,
)

_MODULES = (airplane, bag, cap, car, chair, guitar, laptop, motorbike, mug, pistol, rocket, skateboard, table)
MODELS = {module.MODEL.name: module.MODEL for module in _MODULES}

"""Laptops: a base with keys, and a screen that stands open."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Mesh, Parts, join
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Count, Real
from pointprior.shapes.procedural.primitives import block, cylinder, plate, slab, superellipse

PARAMETERS = (
    Real("width", 0.27, 0.40, "width (m)"),
    Real("depth", 0.62, 0.80, "depth as a share of the width"),
    Real("base", 0.012, 0.034, "thickness of the base (m)"),
    Real("lid", 0.005, 0.014, "thickness of the lid (m)", follows="base"),
    Real("opening", 88.0, 138.0, "angle between base and screen (degrees)"),
    Real("roundness", 0.03, 0.12, "inverse exponent of the superelliptic outline"),
    Real("bezel", 0.03, 0.09, "width of the screen's frame as a share of the screen's"),
    Real("keyboard_depth", 0.38, 0.52, "depth of the keyboard as a share of the base's"),
    Real("keyboard_width", 0.80, 0.94, "width of the keyboard as a share of the base's"),
    Real("key_gap", 0.12, 0.30, "gap between keys as a share of their distance"),
    Real("touchpad", 0.22, 0.40, "width of the touchpad as a share of the base's"),
    Count("rows", 4, 6, "rows of keys"),
    Choice("hinge", {"barrel": 0.5, "two": 0.3, "none": 0.2}, "hinge between base and screen"),
)


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a laptop whose screen faces the front."""
    depth = p.depth * p.width
    outline = superellipse(p.width, depth, 1 / p.roundness)
    yield "keyboard", join([slab(outline, 0, p.base), *_keys(p, depth), _touchpad(p, depth)])
    rear, tilt = -depth / 2, p.opening - 90
    lid = plate(outline, p.lid).moved((0, depth / 2, 0))
    inner = superellipse((1 - p.bezel) * p.width, depth - p.bezel * p.width, 30.0)
    panel = plate(inner, 0.002).moved((0, depth / 2, p.lid / 2 + 0.002))
    screen = join([lid, panel]).turned("x", -tilt)
    yield "screen", screen.moved((0, p.base, rear))
    yield from (("screen", hinge) for hinge in _hinges(p, rear))


def _keys(p: SimpleNamespace, depth: float) -> list[Mesh]:
    """Rows of keys in the rear part of the base, each row a strip with the space bar's row in front."""
    wide, deep = p.keyboard_width * p.width, p.keyboard_depth * depth
    step = deep / p.rows
    front = 0.06 * depth - 0.44 * depth + deep
    rows = []
    for row in range(p.rows):
        z = front - (row + 0.5) * step
        edges = wide * (np.array([0, 0.25, 0.75, 1.0]) if row == 0 else np.linspace(0, 1, 11))
        for left, right in pairwise(edges):
            size = ((right - left) - p.key_gap * wide / 10, 0.004, (1 - p.key_gap) * step)
            rows.append(block(((left + right - wide) / 2, p.base, z), size))
    return rows


def _touchpad(p: SimpleNamespace, depth: float) -> Mesh:
    return block((0, p.base, 0.33 * depth), (p.touchpad * p.width, 0.003, 0.22 * depth))


def _hinges(p: SimpleNamespace, rear: float) -> list[Mesh]:
    spans = {"barrel": [(-0.38, 0.38)], "two": [(-0.40, -0.26), (0.26, 0.40)], "none": []}[p.hinge]
    radius = 0.4 * p.base
    return [cylinder((a * p.width, p.base, rear), (b * p.width, p.base, rear), radius, sides=10) for a, b in spans]


MODEL = ProceduralModel("Laptop", ("keyboard", "screen"), 28, PARAMETERS, build)

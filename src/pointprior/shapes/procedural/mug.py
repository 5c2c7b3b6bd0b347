"""Mugs and cups: a hollow solid of revolution with a handle."""

from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Mesh, Parts
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Real
from pointprior.shapes.procedural.primitives import revolve, superellipse, sweep

PARAMETERS = (
    Real("height", 0.075, 0.13, "height (m)"),
    Real("slimness", 0.62, 1.05, "upper diameter as a share of the height"),
    Real("taper", 0.68, 1.05, "lower diameter as a share of the upper"),
    Real("belly", -0.04, 0.14, "how far the wall bulges out, as a share of the radius"),
    Real("flare", 0.0, 0.10, "how far the lip turns out, as a share of the radius"),
    Real("wall", 0.003, 0.006, "thickness of the wall (m)", follows="height", strength=0.5),
    Real("foot", 0.0, 0.12, "inward step above the foot, as a share of the radius"),
    Real("handle_height", 0.42, 0.78, "height of the handle as a share of the mug's"),
    Real("handle_reach", 0.28, 0.50, "how far the handle stands out, as a share of the mug's height"),
    Real("handle_place", 0.42, 0.58, "height of the handle's middle as a share of the mug's"),
    Real("handle_width", 0.010, 0.020, "width of the handle's band (m)"),
    Real("handle_thickness", 0.006, 0.011, "thickness of the handle's band (m)", follows="handle_width"),
    Choice("handle", {"round": 0.5, "square": 0.25, "ear": 0.25}, "outline of the handle"),
)


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a mug with its handle on the right."""
    height = np.linspace(0, 1, 14)
    outer = _radius(p, height)
    floor = 1.6 * p.wall / p.height
    inside = np.maximum(height[::-1], floor)
    inner = _radius(p, inside) - p.wall
    radius = np.concatenate([[0], outer, inner, [0]])
    level = np.concatenate([[0], height, inside, [floor]]) * p.height
    yield "body", revolve(np.stack([radius, level], axis=1), sides=32)
    yield "handle", _handle(p)


def _radius(p: SimpleNamespace, height):
    """Outer radius at heights from 0 to 1."""
    upper = p.slimness * p.height / 2
    straight = p.taper + (1 - p.taper) * height
    form = straight + p.belly * 4 * height * (1 - height) + p.flare * height**8 - p.foot * np.exp(-height / 0.06)
    return upper * form


def _handle(p: SimpleNamespace) -> Mesh:
    """A band along an arc from the wall back to the wall."""
    exponent = {"round": 2.0, "square": 6.0, "ear": 2.4}[p.handle]
    angle = np.linspace(-np.pi / 2, np.pi / 2, 17)
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    arc = direction / (np.abs(direction) ** exponent).sum(axis=1, keepdims=True) ** (1 / exponent)
    reach = p.handle_reach * p.height * np.ones(17)
    if p.handle == "ear":
        reach *= 0.78 + 0.22 * np.sin(angle)  # wider above than below
    level = np.clip(p.handle_place + arc[:, 1] * p.handle_height / 2, 0.06, 0.94)
    x = _radius(p, level) - p.wall / 2 + reach * arc[:, 0]
    path = np.stack([x, level * p.height, 0 * x], axis=1)
    return sweep(superellipse(p.handle_width, p.handle_thickness, 3, sides=8), path)


MODEL = ProceduralModel("Mug", ("handle", "body"), 36, PARAMETERS, build)

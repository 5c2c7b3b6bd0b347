"""Skateboards: a bent deck on two axles with four wheels."""

from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Mesh, Parts, join, loft
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Real
from pointprior.shapes.procedural.primitives import block, cylinder

PARAMETERS = (
    Choice("kind", {"popsicle": 0.65, "longboard": 0.2, "cruiser": 0.15}, "shape of the ends"),
    Real("length", 0.65, 1.10, "length of the deck (m)"),
    Real("width", 0.18, 0.25, "width of the deck (m)", follows="length", strength=0.4),
    Real("thickness", 0.010, 0.018, "thickness of the deck (m)"),
    Real("nose", 0.12, 0.22, "length of the bent-up nose as a share of the deck's"),
    Real("nose_angle", 8.0, 28.0, "inclination of the nose (degrees)"),
    Real("tail", 0.12, 0.22, "length of the bent-up tail as a share of the deck's", follows="nose"),
    Real("tail_angle", 10.0, 30.0, "inclination of the tail (degrees)", follows="nose_angle"),
    Real("concave", 0.0, 0.018, "how far the deck's sides stand above its middle (m)"),
    Real("roundness", 0.25, 0.55, "inverse exponent of the ends' superelliptic outline"),
    Real("wheel_radius", 0.024, 0.040, "radius of the wheels (m)"),
    Real("wheel_width", 0.028, 0.050, "width of the wheels (m)", follows="wheel_radius"),
    Real("axle", 0.75, 1.0, "distance of the wheels' outer sides as a share of the deck's width"),
    Real("truck_height", 0.045, 0.075, "height of the deck above the axles (m)", follows="wheel_radius"),
    Real("truck_place", 0.02, 0.06, "distance of the axles from nose and tail, as a share of the length"),
)


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a skateboard that rolls along z."""
    if p.kind == "longboard":
        p.length, p.nose_angle, p.tail_angle = 1.3 * p.length, 0.2 * p.nose_angle, 0.2 * p.tail_angle
    elif p.kind == "cruiser":
        p.nose_angle, p.roundness = 0.1 * p.nose_angle, 0.6
    yield "deck", _deck(p)
    ends = ((0.5 - p.nose - p.truck_place) * p.length, -(0.5 - p.tail - p.truck_place) * p.length)
    for z, side in zip(ends, (1, -1), strict=True):
        yield "truck", _truck(p, z, side)
        yield "wheel", _wheel(p).moved((0, p.wheel_radius, z)).with_mirror_image()


def _level(p: SimpleNamespace, z):
    """Height of the deck's underside along its middle: level between the bends, which are rounded."""
    rise = 0.0
    for length, angle, place in ((p.nose, p.nose_angle, z), (p.tail, p.tail_angle, -z)):
        beyond = np.clip(place - (0.5 - length) * p.length, 0, None)
        bend = 0.06 * p.length
        rise = rise + np.tan(np.radians(angle)) * np.where(beyond < bend, beyond**2 / (2 * bend), beyond - bend / 2)
    return p.wheel_radius + p.truck_height + rise


def _deck(p: SimpleNamespace) -> Mesh:
    """Sections across the deck, each as wide as its outline there."""
    z = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 33)) * p.length / 2
    end = min(p.width, 0.3 * p.length)  # length of the rounded ends
    share = np.clip((np.abs(z) - (p.length / 2 - end)) / end, 0, 1)
    half = p.width / 2 * np.maximum(1 - share ** (1 / p.roundness), 0.0) ** p.roundness
    across = np.linspace(-1, 1, 7)
    bowl = p.concave * np.abs(across) ** 2.5
    lower = _level(p, z)[:, None] + bowl
    x = half[:, None] * across
    depth = np.broadcast_to(z[:, None], x.shape)
    under = np.stack([x, lower, depth], axis=-1)
    above = np.stack([x, lower + p.thickness, depth], axis=-1)
    return loft(np.concatenate([under, above[:, ::-1]], axis=1))


def _truck(p: SimpleNamespace, z: float, side: int) -> Mesh:
    """Base plate, hanger and axle."""
    low, high = p.wheel_radius, p.wheel_radius + p.truck_height
    plate = block((0, high - 0.006, z), (0.055, 0.012, 0.09))
    half = p.axle * p.width / 2
    axle = cylinder((-half, low, z), (half, low, z), 0.006, sides=8)
    hanger = cylinder((0, high - 0.01, z + side * 0.015), (0, low, z), 0.022, taper=0.7, sides=10)
    beam = block((0, low, z), (2 * (half - p.wheel_width), 0.022, 0.026))
    return join([plate, axle, hanger, beam])


def _wheel(p: SimpleNamespace) -> Mesh:
    """The right wheel, around the axle."""
    outer = p.axle * p.width / 2
    return cylinder((outer - p.wheel_width, 0, 0), (outer, 0, 0), p.wheel_radius, sides=18)


MODEL = ProceduralModel("Skateboard", ("wheel", "deck", "truck"), 44, PARAMETERS, build)

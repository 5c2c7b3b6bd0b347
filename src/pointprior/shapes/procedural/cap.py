"""Caps: a hollow crown with a peak."""

from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Mesh, Parts, loft
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Real
from pointprior.shapes.procedural.primitives import ellipsoid, revolve

PARAMETERS = (
    Choice("style", {"baseball": 0.65, "flat": 0.15, "kepi": 0.2}, "round crown, wide soft crown, or straight sides"),
    Choice("button", {"yes": 0.7, "no": 0.3}, "a button on the top"),
    Real("width", 0.15, 0.18, "width of the crown (m)"),
    Real("length", 1.05, 1.25, "length of the crown as a share of its width"),
    Real("height", 0.55, 0.85, "height of the crown as a share of its width"),
    Real("fullness", 2.0, 3.2, "exponent of the crown's superelliptic profile"),
    Real("lean", -0.15, 0.20, "how far the top lies behind the band's middle, as a share of the height"),
    Real("cloth", 0.002, 0.005, "thickness of the crown (m)"),
    Real("peak", 0.30, 0.52, "length of the peak as a share of the crown's width"),
    Real("peak_angle", 52.0, 84.0, "half of the angle that the peak spans (degrees)"),
    Real("peak_tilt", 0.0, 22.0, "inclination of the peak downwards (degrees)"),
    Real("peak_bend", 0.0, 0.30, "fall of the peak's sides below its middle, as a share of its length"),
    Real("peak_square", 0.5, 1.1, "power of the peak's length along its edge: less is squarer"),
    Real("peak_thickness", 0.003, 0.007, "thickness of the peak (m)", follows="cloth"),
)

STYLES = {
    "baseball": lambda p: {},
    "flat": lambda p: {"height": 0.6 * p.height, "peak": 0.55 * p.peak, "lean": -0.1 - p.lean, "fullness": 2.2},
    "kepi": lambda p: {"height": 0.9 * p.height, "fullness": 2.5 * p.fullness, "peak": 0.75 * p.peak},
}


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a cap whose peak points along z."""
    p = SimpleNamespace(**vars(p) | STYLES[p.style](p))
    p.half, p.long, p.tall = p.width / 2, p.length * p.width / 2, p.height * p.width
    yield "panels", _crown(p)
    if p.button == "yes":
        yield "panels", ellipsoid((0, p.tall, -p.lean * p.tall), (0.01, 0.006, 0.01), sides=8)
    yield "peak", _peak(p)


def _crown(p: SimpleNamespace) -> Mesh:
    """A shell, open below, that is wider above its band in flat caps, and leans backwards."""
    angle = np.linspace(0, np.pi / 2, 11)
    profile = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    profile /= (np.abs(profile) ** p.fullness).sum(axis=1, keepdims=True) ** (1 / p.fullness)
    if p.style == "flat":
        profile[:, 0] *= 1 + 0.35 * np.sin(np.pi * profile[:, 1] ** 0.7)
    inner = profile[::-1] * (1 - p.cloth / p.half)
    shell = revolve(np.concatenate([profile, inner])).stretched((p.half, p.tall, p.long))
    back = p.lean * shell.vertices[:, 1]
    return Mesh(shell.vertices - back[:, None] * (0, 0, 1), shell.triangles)


def _peak(p: SimpleNamespace) -> Mesh:
    """A bent plate between the front of the band and an arc before it."""
    angle = np.radians(p.peak_angle) * np.linspace(-1, 1, 21)
    share = np.cos(np.linspace(-1, 1, 21) * np.pi / 2)
    inner = np.stack([0.97 * p.half * np.sin(angle), 0 * angle, 0.97 * p.long * np.cos(angle)], axis=1)
    reach = p.peak * p.width * np.clip(share, 0.02, None) ** (0.6 * p.peak_square)
    outer = inner + reach[:, None] * (0, -np.sin(np.radians(p.peak_tilt)), np.cos(np.radians(p.peak_tilt)))
    side = (inner[:, 0] / np.abs(inner[:, 0]).max()) ** 2
    outer[:, 1] -= p.peak_bend * p.peak * p.width * side
    outer[:, 0] *= 1.03
    thick = np.array([0, p.peak_thickness, 0])
    return loft(np.stack([inner, outer, outer + thick, inner + thick], axis=1))


MODEL = ProceduralModel("Cap", ("panels", "peak"), 6, PARAMETERS, build)

"""Guitars: acoustic and electric."""

from types import SimpleNamespace

import numpy as np
from scipy.interpolate import PchipInterpolator

from pointprior.shapes.procedural.mesh import Mesh, Parts, join, loft
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Real
from pointprior.shapes.procedural.primitives import bar, block, cylinder, polygon, slab

PARAMETERS = (
    Choice("kind", {"acoustic": 0.45, "electric": 0.55}, "hollow, or solid with horns"),
    Choice("pegs", {"both": 0.6, "one": 0.4}, "sides of the head that have pegs"),
    Real("length", 0.42, 0.52, "length of the body (m)"),
    Real("lower", 0.66, 0.84, "greatest width of the body as a share of its length"),
    Real("upper", 0.68, 0.84, "width of the upper bout as a share of the lower", follows="lower"),
    Real("waist", 0.58, 0.80, "width of the waist as a share of the lower bout"),
    Real("thickness", 0.075, 0.12, "thickness of the body (m); a third in electric guitars"),
    Real("horns", 0.12, 0.26, "length of an electric guitar's horns as a share of the body's"),
    Real("asymmetry", 0.2, 1.0, "length of the right horn as a share of the left"),
    Real("neck", 0.36, 0.48, "length of the neck (m)"),
    Real("neck_width", 0.042, 0.056, "width of the neck (m)"),
    Real("neck_taper", 0.76, 0.95, "width of the neck at the head as a share of that at the body"),
    Real("head", 0.13, 0.20, "length of the head (m)"),
    Real("head_width", 1.25, 1.9, "width of the head as a share of the neck's"),
    Real("head_angle", 0.0, 16.0, "inclination of the head backwards (degrees)"),
    Real("hole", 0.09, 0.14, "radius of the rosette as a share of the body's length"),
    Real("bridge", 0.22, 0.36, "height of the bridge as a share of the body's"),
)


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a guitar that stands upright, its strings towards z."""
    p.thick = p.thickness * (0.38 if p.kind == "electric" else 1.0)
    yield "body", join([_body(p), *_fittings(p)])
    if p.kind == "electric":
        yield "body", join(_horns(p))
    front, joint, nut = p.thick / 2 + 0.008, 0.86 * p.length, p.length + p.neck
    yield "neck", _neck(p, joint, nut, front)
    head = join(_head(p)).turned("x", -p.head_angle)
    yield "head", head.moved((0, nut, front))


def _body(p: SimpleNamespace) -> Mesh:
    """Sections across the body, from its lower end to its upper; their widths draw the outline of two bouts."""
    top = p.lower * p.upper
    if p.kind == "electric":
        top *= 0.92
    widths = [0.62 * p.lower, p.lower, 0.96 * p.lower, p.waist * p.lower, top, 0.62 * top]
    share = np.sin(np.linspace(-np.pi / 2, np.pi / 2, 29)) / 2 + 0.5
    width = PchipInterpolator([0.04, 0.24, 0.38, 0.62, 0.85, 1.0], widths)(np.clip(share, 0.04, 1.0))
    width *= np.sqrt(np.clip(share / 0.06, 0, 1)) * np.sqrt(np.clip((1 - share) / 0.05, 0, 1))
    half, y = width * p.length / 2, share * p.length
    corners = [(-half, -1), (half, -1), (half, 1), (-half, 1)]
    return loft(np.stack([np.stack([x, y, 0 * y + side * p.thick / 2], axis=1) for x, side in corners], axis=1))


def _fittings(p: SimpleNamespace) -> list[Mesh]:
    """Bridge, and rosette or pickups."""
    front, wide = p.thick / 2, p.lower * p.length
    bridge = block((0, p.bridge * p.length, front + 0.005), (0.36 * wide, 0.03, 0.012))
    if p.kind == "electric":
        heights = (0.42, 0.56, 0.70)
        return [bridge, *(block((0, h * p.length, front + 0.004), (0.085, 0.03, 0.012)) for h in heights)]
    outline = polygon(20, p.hole * p.length)
    ring = slab(outline, 0, 0.004).turned("x", 90).moved((0, 0.66 * p.length, front))
    return [bridge, ring]


def _horns(p: SimpleNamespace) -> list[Mesh]:
    """Two curved tapering bars from the upper bout, beside the neck."""
    start = 0.5 * p.lower * p.upper * p.length * 0.62
    horns = []
    for side, share in ((-1, 1.0), (1, p.asymmetry)):
        reach = p.horns * p.length * share
        foot, tip = (side * start, 0.82 * p.length, 0), (side * (start + 0.012), p.length + reach, 0)
        horns.append(bar(foot, tip, p.thick, depth=0.09, taper=0.45))
    return horns


def _neck(p: SimpleNamespace, low: float, high: float, z: float) -> Mesh:
    """The neck: narrower towards the head, as deep throughout."""
    half = p.neck_width / 2 * np.array([1.0, p.neck_taper])
    corners = [(-1, 1), (1, 1), (0.7, -1), (-0.7, -1)]
    rings = [[(h * a, y, z + 0.011 * b) for a, b in corners] for h, y in zip(half, (low, high), strict=True)]
    return loft(np.array(rings))


def _head(p: SimpleNamespace) -> list[Mesh]:
    """The head and its pegs, above the origin."""
    half = p.neck_taper * p.neck_width / 2
    y = p.head * np.array([0, 0.2, 0.9, 1.0])
    x = half * np.array([1, p.head_width, p.head_width * 1.05, 0.7 * p.head_width])
    corners = [(-x, -1), (x, -1), (x, 1), (-x, 1)]
    plate = loft(np.stack([np.stack([a, y, 0 * y + 0.008 * b], axis=1) for a, b in corners], axis=1))
    places = [(side, h) for side in (-1, 1) for h in (0.3, 0.55, 0.8)]
    if p.pegs == "one":
        places = [(-1, h) for h in np.linspace(0.22, 0.88, 6)]
    edge = half * p.head_width
    pegs = [cylinder((s * edge, h * p.head, 0), (s * (edge + 0.028), h * p.head, 0), 0.006, sides=8) for s, h in places]
    return [plate, *pegs]


MODEL = ProceduralModel("Guitar", ("head", "body", "neck"), 19, PARAMETERS, build)

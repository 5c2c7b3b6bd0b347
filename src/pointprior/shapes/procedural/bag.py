"""Bags: handbags, totes, briefcases and rucksacks."""

from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Mesh, Parts, join
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Real
from pointprior.shapes.procedural.primitives import block, hull, superellipse, sweep

PARAMETERS = (
    Choice("kind", {"handbag": 0.4, "tote": 0.25, "briefcase": 0.15, "rucksack": 0.2}, "what bag it is"),
    Choice("flap", {"no": 0.6, "yes": 0.4}, "a flap over the front"),
    Choice("pocket", {"no": 0.5, "yes": 0.5}, "a pocket on the front"),
    Real("width", 0.26, 0.46, "width (m)"),
    Real("height", 0.62, 1.0, "height of the body as a share of its width"),
    Real("depth", 0.24, 0.46, "depth of the body as a share of its width"),
    Real("top_width", 0.68, 1.05, "width at the top as a share of that at the bottom"),
    Real("top_depth", 0.15, 0.6, "depth at the top as a share of that at the bottom"),
    Real("bulge", 0.0, 0.14, "how far the sides bulge out in the middle, as a share of the width"),
    Real("roundness", 0.12, 0.40, "inverse exponent of the superelliptic sections"),
    Real("handle_height", 0.32, 0.75, "height of the handles as a share of the body's"),
    Real("handle_span", 0.36, 0.70, "distance of the handles' ends as a share of the top's width"),
    Real("handle_width", 0.012, 0.030, "width of the handles' straps (m)", follows="width"),
    Real("handle_square", 0.25, 0.5, "inverse exponent of the handles' superelliptic arcs"),
)

KINDS = {
    "handbag": lambda p: {},
    "tote": lambda p: {"height": 1.25 * p.height, "top_width": 0.3 + 0.8 * p.top_width, "bulge": 0.2 * p.bulge},
    "briefcase": lambda p: {
        "height": 0.25 + 0.5 * p.height,
        "depth": 0.3 * p.depth + 0.12,
        "top_width": 1.0,
        "top_depth": 0.9,
        "roundness": 0.1,
        "bulge": 0.0,
        "handle_height": 0.16 + 0.08 * p.handle_height,
        "handle_span": 0.6 * p.handle_span,
        "handle_width": 0.02,
    },
    "rucksack": lambda p: {
        "height": 1.5 * p.height + 0.1,
        "depth": 0.3 + 0.5 * p.depth,
        "top_width": 0.6 + 0.3 * p.top_width,
        "top_depth": 0.3 + 0.6 * p.top_depth,
    },
}


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a bag whose front faces z."""
    p = SimpleNamespace(**vars(p) | KINDS[p.kind](p))
    p.tall, p.deep = p.height * p.width, p.depth * p.width
    yield "body", _body(p)
    if p.flap == "yes":
        yield "body", _flap(p)
    if p.pocket == "yes":
        size = (0.6 * p.width, 0.36 * p.tall, 0.3 * p.deep)
        yield "body", block((0, 0.26 * p.tall, 0.42 * p.deep), size)
    yield "handle", _straps(p) if p.kind == "rucksack" else _handles(p)


def _size(p: SimpleNamespace, share):
    """Width and depth of the body at shares of its height."""
    belly = 1 + p.bulge * 4 * share * (1 - share)
    round_off = (1 - np.abs(2 * share - 1) ** 10 * 0.22) if p.kind != "tote" else np.ones_like(share)
    width = p.width * (1 + (p.top_width - 1) * share) * belly * round_off
    return width, p.deep * (1 + (p.top_depth - 1) * share) * belly * round_off


def _body(p: SimpleNamespace) -> Mesh:
    share = np.array([0, 0.02, 0.06, 0.15, 0.3, 0.5, 0.7, 0.85, 0.94, 0.98, 1.0])
    width, depth = _size(p, share)
    lying = hull(share * p.tall, width, depth, np.zeros(len(share)), 1 / p.roundness, sides=28)
    return lying.turned("x", -90)


def _flap(p: SimpleNamespace) -> Mesh:
    """A strip that hangs from the top's rear over the front."""
    share = np.array([0.45, 0.6, 0.75, 0.88, 0.97])
    front = _size(p, share)[1] / 2 + 0.008
    top, rear = p.tall + 0.006, -_size(p, np.array([0.98]))[1][0] / 2
    path = [(0, s * p.tall, z) for s, z in zip(share, front, strict=True)]
    path += [(0, top, 0.8 * front[-1]), (0, top, 0.8 * rear)]
    return sweep(superellipse(0.92 * p.width * min(p.top_width, 1), 0.012, 8, sides=12), path)


def _handles(p: SimpleNamespace) -> Mesh:
    """Two arcs above the top, at the front and at the rear; a briefcase has one in the middle."""
    width, depth = (size[0] for size in _size(p, np.array([0.97])))
    exponent = 1 / p.handle_square
    angle = np.linspace(0, np.pi, 17)
    arc = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    arc /= (np.abs(arc) ** exponent).sum(axis=1, keepdims=True) ** (1 / exponent)
    rise = arc[:, 1] * p.handle_height * p.tall
    x, y = arc[:, 0] * p.handle_span * width / 2, 0.95 * p.tall + rise
    strap = superellipse(p.handle_width, 0.45 * p.handle_width, 4, sides=8)
    if p.kind == "briefcase":
        return sweep(strap, np.stack([x, y, 0 * x], axis=1))
    z = 0.42 * depth + 0.06 * rise
    return join(sweep(strap, np.stack([x, y, side * z], axis=1)) for side in (-1, 1))


def _straps(p: SimpleNamespace) -> Mesh:
    """Two shoulder straps behind a rucksack, and a loop on its top."""
    share = np.array([0.93, 0.97, 0.85, 0.65, 0.42, 0.2, 0.1])
    out = np.array([0.3, 0.7, 1.0, 1.05, 0.95, 0.6, 0.3]) * (0.25 + 0.25 * p.handle_height) * p.width
    behind = -_size(p, share)[1] / 2 - 0.6 * out + 0.02
    x = p.width * np.array([0.14, 0.16, 0.2, 0.23, 0.26, 0.29, 0.3])
    strap = superellipse(1.6 * p.handle_width, 0.5 * p.handle_width, 4, sides=8)
    right = sweep(strap, np.stack([x, share * p.tall, behind], axis=1))
    angle = np.linspace(0, np.pi, 9)
    loop = np.stack(
        [0.1 * p.width * np.cos(angle), 0.97 * p.tall + 0.12 * p.width * np.sin(angle), 0 * angle - 0.05 * p.width],
        axis=1,
    )
    return join([right.with_mirror_image(), sweep(strap * 0.7, loop)])


MODEL = ProceduralModel("Bag", ("handle", "body"), 4, PARAMETERS, build)

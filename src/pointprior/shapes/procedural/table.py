"""Tables: from low coffee tables to desks and bar tables."""

from itertools import pairwise
from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Parts, join
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Count, Real
from pointprior.shapes.procedural.primitives import bar, block, cylinder, polygon, revolve, slab, superellipse, tube

PARAMETERS = (
    Choice("top", {"rectangle": 0.7, "rounded": 0.15, "ellipse": 0.15}, "outline of the top"),
    Choice(
        "base",
        {"legs": 0.55, "sides": 0.12, "trestle": 0.1, "desk": 0.13, "pedestal": 0.1},
        "what carries the top",
        given="top",
        weights={"ellipse": {"legs": 0.45, "pedestal": 0.55}},
    ),
    Choice("section", {"square": 0.7, "round": 0.3}, "section of the legs"),
    Choice("shelf", {"no": 0.75, "yes": 0.25}, "a board between the legs"),
    Real("depth", 0.5, 1.0, "depth of the top (m)"),
    Real("length", 1.0, 2.2, "width of the top as a share of its depth"),
    Real("height", 0.38, 0.95, "height of the top (m)"),
    Real("thickness", 0.02, 0.06, "thickness of the top (m)", follows="depth", strength=0.4),
    Real("leg_width", 0.03, 0.10, "width of a leg (m)", follows="thickness", strength=0.6),
    Real("leg_taper", 0.5, 1.0, "width of a leg at the floor as a share of its upper width"),
    Real("leg_splay", 0.0, 9.0, "inclination of the legs outwards (degrees)"),
    Real("leg_inset", 0.0, 0.12, "distance of the legs from the top's edge as a share of its size"),
    Real("apron", 0.02, 0.12, "height of the frame below the top (m)"),
    Real("shelf_height", 0.15, 0.45, "height of the lower board as a share of the table's"),
    Real("foot_radius", 0.3, 0.42, "radius of a pedestal's foot as a share of the depth"),
    Count("drawers", 2, 4, "drawers of a desk"),
)


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a table whose longer side is along x."""
    p.width = p.length * p.depth
    p.under = p.height - p.thickness
    exponent = {"rectangle": 40.0, "rounded": 5.0, "ellipse": 2.0}[p.top]
    yield "top", slab(superellipse(p.width, p.depth, exponent), p.under, p.thickness)
    yield from BASES[p.base](p)


def _corner(p: SimpleNamespace) -> tuple[float, float]:
    """Where the right front leg meets the top; nearer to the middle under an elliptic one."""
    inset = p.leg_inset + (0.14 if p.top == "ellipse" else 0.0)
    return (0.5 - inset) * p.width - p.leg_width / 2, (0.5 - inset) * p.depth - p.leg_width / 2


def _legs(p: SimpleNamespace) -> Parts:
    x, z = _corner(p)
    out = min(p.under * np.tan(np.radians(p.leg_splay)), p.leg_inset * p.depth + 0.03)
    make = cylinder if p.section == "round" else bar
    width = p.leg_width / 2 if p.section == "round" else p.leg_width
    corners = [(sx, sz) for sx in (-1, 1) for sz in (-1, 1)]
    tops = [(sx * x, p.under, sz * z) for sx, sz in corners]
    feet = [(sx * (x + out), 0, sz * (z + out)) for sx, sz in corners]
    yield "leg", join(make(a, b, width, taper=p.leg_taper) for a, b in zip(tops, feet, strict=True))
    y, thick = p.under - p.apron / 2, 0.02
    rails = [block((0, y, s * z), (2 * x, p.apron, thick)) for s in (-1, 1)]
    rails += [block((s * x, y, 0), (thick, p.apron, 2 * z)) for s in (-1, 1)]
    yield "support", join(rails)
    if p.shelf == "yes":
        yield "support", block((0, p.shelf_height * p.height, 0), (2 * x, 0.025, 2 * z))


def _sides(p: SimpleNamespace) -> Parts:
    """Two closed sides, and a board between them."""
    x = (0.5 - p.leg_inset) * p.width - p.leg_width / 2
    yield "leg", block((x, p.under / 2, 0), (p.leg_width, p.under, 0.94 * p.depth)).with_mirror_image()
    height = p.shelf_height * p.height
    if p.shelf == "yes":
        yield "support", block((0, height, 0), (2 * x, 0.03, 0.9 * p.depth))
    else:
        yield "support", block((0, p.under - height / 2, 0), (2 * x, height, 0.03))


def _trestle(p: SimpleNamespace) -> Parts:
    """Crossed legs at both ends, and a beam between them."""
    x, z = (0.4 - p.leg_inset) * p.width, 0.42 * p.depth
    crossed = [bar((x, p.under, s * z), (x, 0, -s * z), p.leg_width) for s in (-1, 1)]
    yield "leg", join(crossed).with_mirror_image()
    yield "support", bar((-x, p.under / 2, 0), (x, p.under / 2, 0), 0.8 * p.leg_width)


def _desk(p: SimpleNamespace) -> Parts:
    """A chest of drawers on the right, a closed side on the left, a panel behind."""
    wide, deep = 0.3 * p.width, 0.9 * p.depth
    x = p.width / 2 - wide / 2 - 0.02
    yield "support", block((x, 0.04 + (p.under - 0.04) / 2, 0), (wide, p.under - 0.04, deep))
    edges = np.linspace(0.07, p.under - 0.01, p.drawers + 1)
    for low, high in pairwise(edges):
        yield "support", block((x, (low + high) / 2, deep / 2), (0.9 * wide, 0.86 * (high - low), 0.04))
        yield "support", block((x, (low + high) / 2, deep / 2 + 0.03), (0.3 * wide, 0.02, 0.03))
    yield "leg", block((0.02 + p.leg_width / 2 - p.width / 2, p.under / 2, 0), (p.leg_width, p.under, deep))
    panel = p.shelf_height * p.height + 0.1
    yield "support", block((0, p.under - panel / 2, -0.45 * p.depth), (0.92 * p.width, panel, 0.02))


def _pedestal(p: SimpleNamespace) -> Parts:
    """A column on a round foot or on four feet; two of them under a long top."""
    radius, column = p.foot_radius * p.depth, 0.8 * p.leg_width
    places = [0.0] if p.length < 1.7 else [-0.24 * p.width, 0.24 * p.width]
    for x in places:
        yield "leg", cylinder((x, p.under, 0), (x, 0.02, 0), column)
        if p.section == "round":
            foot = revolve([(0, 0), (radius, 0), (radius, 0.02), (column, 0.07), (0, 0.07)])
            yield "leg", foot.moved((x, 0, 0))
        else:
            for dx, dz in radius * polygon(4, start=np.pi / 4):
                yield "leg", tube([(x, 0.14, 0), (x + dx / 2, 0.09, dz / 2), (x + dx, 0.02, dz)], 0.4 * p.leg_width)


BASES = {"legs": _legs, "sides": _sides, "trestle": _trestle, "desk": _desk, "pedestal": _pedestal}

MODEL = ProceduralModel("Table", ("top", "leg", "support"), 47, PARAMETERS, build)

"""Chairs: a seat, a back and what they stand on, from stools with a back to office chairs and armchairs."""

from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Mesh, Parts, join, loft
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Count, Real
from pointprior.shapes.procedural.primitives import (
    bar,
    block,
    box,
    cylinder,
    ellipsoid,
    revolve,
    slab,
    superellipse,
    tube,
)

PARAMETERS = (
    Choice(
        "base",
        {"legs": 0.58, "star": 0.12, "pedestal": 0.07, "sled": 0.08, "cantilever": 0.05, "block": 0.10},
        "what carries the seat",
    ),
    Choice(
        "back",
        {"panel": 0.52, "slats": 0.18, "ladder": 0.16, "frame": 0.14},
        "what fills the back",
        given="base",
        weights={"block": {"panel": 1.0}, "star": {"panel": 0.8, "ladder": 0.1, "frame": 0.1}},
    ),
    Choice(
        "arms",
        {"none": 0.58, "open": 0.34, "closed": 0.08},
        "armrests: on posts, or on closed sides",
        given="base",
        weights={"block": {"closed": 0.9, "none": 0.1}, "star": {"open": 0.75, "none": 0.25}},
    ),
    Choice("section", {"square": 0.6, "round": 0.4}, "section of the legs"),
    Choice("stretchers", {"none": 0.5, "sides": 0.15, "H": 0.2, "ring": 0.15}, "bars between the legs"),
    Real("seat_width", 0.40, 0.62, "width of the seat (m)"),
    Real("seat_depth", 0.38, 0.58, "depth of the seat (m)", follows="seat_width"),
    Real("seat_height", 0.38, 0.50, "height of the seat's top (m)"),
    Real("seat_thickness", 0.025, 0.10, "thickness of the seat (m)"),
    Real("seat_roundness", 0.08, 0.40, "inverse exponent of the seat's superelliptic outline"),
    Real("back_height", 0.32, 0.72, "height of the back above the seat (m)"),
    Real("back_width", 0.80, 1.0, "width of the back as a share of the seat's"),
    Real("back_thickness", 0.02, 0.06, "thickness of the back (m)", follows="seat_thickness"),
    Real("back_rake", 2.0, 18.0, "inclination of the back (degrees)"),
    Real("back_bend", 0.0, 0.07, "how far the back's middle lies behind its sides (m)"),
    Real("back_arch", 0.0, 0.30, "fall of the back's upper edge to the sides, as a share of its height"),
    Count("slats", 3, 7, "slats or rungs of an open back"),
    Real("leg_width", 0.022, 0.055, "width of a leg (m)", follows="seat_thickness", strength=0.5),
    Real("leg_taper", 0.5, 1.0, "width of a leg at the floor as a share of its upper width"),
    Real("leg_splay", 0.0, 11.0, "inclination of the legs outwards (degrees)"),
    Real("leg_inset", 0.0, 0.10, "distance of the legs from the seat's edge as a share of its size"),
    Real("stretcher_height", 0.15, 0.45, "height of the stretchers as a share of the seat's"),
    Real("arm_height", 0.17, 0.26, "height of the armrests above the seat (m)"),
    Real("arm_length", 0.65, 0.95, "length of the armrests as a share of the seat's depth"),
)


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a chair that faces z."""
    p = _upholstered(p) if p.base == "block" else p
    outline = superellipse(p.seat_width, p.seat_depth, 1 / p.seat_roundness)
    yield "seat", slab(outline, p.seat_height - p.seat_thickness, p.seat_thickness)
    yield "back", _back(p).turned("x", -p.back_rake, about=(0, p.seat_height, _rear(p)))
    yield "leg", BASES[p.base](p)
    if p.arms != "none":
        yield "arm", _arm(p).with_mirror_image()


def _upholstered(p: SimpleNamespace) -> SimpleNamespace:
    """An armchair's proportions: wide, with a thick, nearly straight back."""
    changes = {
        "seat_width": 1.15 * p.seat_width,
        "seat_roundness": 0.1,
        "back_width": 1.0,
        "back_height": 0.5 * p.back_height + 0.15,
        "back_thickness": 2.5 * p.back_thickness,
        "back_bend": 0.4 * p.back_bend,
        "back_arch": 0.4 * p.back_arch,
    }
    return SimpleNamespace(**vars(p) | changes)


def _rear(p: SimpleNamespace) -> float:
    """Where the back stands: just inside the seat's rear edge."""
    return -p.seat_depth / 2 + p.back_thickness / 2


def _back(p: SimpleNamespace) -> Mesh:
    """The back, upright: a bent panel, or a bent top rail on posts with slats, rungs or a smaller panel between."""
    half, top = p.back_width * p.seat_width / 2, p.seat_height + p.back_height
    low = p.seat_height - p.seat_thickness
    if p.back == "panel":
        gap = 0.0 if p.base == "block" else 0.1 * p.back_height
        return join([_panel(p, -half, half, p.seat_height + gap, top, arch=True), *_posts(p, 0.6 * half, low, gap)])
    rail = 0.16 * p.back_height
    parts = [_panel(p, -half, half, top - rail, top, arch=True), *_posts(p, 0.94 * half, low, 0.9 * p.back_height)]
    inner, bottom = 0.9 * half, p.seat_height + 0.12 * p.back_height
    if p.back == "frame":
        parts.append(_panel(p, -0.8 * half, 0.8 * half, bottom, top - 1.8 * rail))
    elif p.back == "ladder":
        heights = np.linspace(bottom, top - rail, p.slats)[:-1]
        parts += [_panel(p, -inner, inner, height, height + 0.05) for height in heights]
    else:
        edges = np.linspace(-inner, inner, 2 * p.slats + 3)
        parts += [
            _panel(p, a, b, p.seat_height, top - rail / 2) for a, b in zip(edges[1::2], edges[2::2], strict=False)
        ]
    return join(parts)


def _panel(p: SimpleNamespace, left: float, right: float, low: float, high: float, *, arch: bool = False) -> Mesh:
    """A part of the back between two sides and two heights, which follows its bend and perhaps its arch."""
    x = np.linspace(left, right, 9)
    side = (2 * x / (p.back_width * p.seat_width)) ** 2  # 0 in the middle, 1 at the sides
    middle = _rear(p) - p.back_bend * (1 - side)
    fall = p.back_arch * side * (high - low) * arch
    front, behind = middle + p.back_thickness / 2, middle - p.back_thickness / 2
    lower, upper = np.full(9, low), high - fall
    corners = [(lower, behind), (lower, front), (upper, front), (upper, behind)]
    return loft(np.stack([np.stack([x, y, z], axis=1) for y, z in corners], axis=1))


def _posts(p: SimpleNamespace, x: float, low: float, length: float) -> list[Mesh]:
    """Uprights of the back on both sides, from the seat's underside to a length above its top."""
    if length == 0:
        return []
    side = (2 * x / (p.back_width * p.seat_width)) ** 2
    z = _rear(p) - p.back_bend * (1 - side)
    width = max(p.back_thickness, 0.8 * p.leg_width)
    return [bar((x, low, z), (x, p.seat_height + length + 0.02, z), width).with_mirror_image()]


def _arm(p: SimpleNamespace) -> Mesh:
    """The right armrest."""
    length, x, top = p.arm_length * p.seat_depth, p.seat_width / 2, p.seat_height + p.arm_height
    front = -p.seat_depth / 2 + length
    if p.arms == "closed":
        width, foot = p.leg_width + 0.06, 0.06 if p.base == "block" else p.seat_height - p.seat_thickness
        return box((x - 0.2 * width, foot, -p.seat_depth / 2), (x + 0.8 * width, top, front))
    rest = bar((x, top, -p.seat_depth / 2), (x, top, front), 1.3 * p.leg_width, depth=0.7 * p.leg_width)
    foot = p.seat_height - p.seat_thickness / 2
    posts = [_strut(p, (x, top, z), (0.97 * x, foot, z)) for z in (front - p.leg_width, -0.3 * p.seat_depth)]
    return join([rest, *(posts if p.base == "star" else posts[:1])])


def _strut(p: SimpleNamespace, start, end, *, taper: float | int = 1.0, share: float = 0.8) -> Mesh:
    """A post of the legs' section."""
    if p.section == "round":
        return cylinder(start, end, share * p.leg_width / 2, taper=taper, sides=10)
    return bar(start, end, share * p.leg_width, taper=taper)


def _legs(p: SimpleNamespace) -> Mesh:
    under = p.seat_height - p.seat_thickness
    x = (0.5 - p.leg_inset) * p.seat_width - p.leg_width / 2
    z = (0.5 - p.leg_inset) * p.seat_depth - p.leg_width / 2
    out = under * np.tan(np.radians(p.leg_splay))

    def at(height: float, sx: int, sz: int) -> tuple[float, float, float]:
        spread = out * (1 - height / under)
        return sx * (x + 0.5 * spread), height, sz * (z + spread)

    legs = [
        _strut(p, at(under, sx, sz), at(0.0, sx, sz), taper=p.leg_taper, share=1.0) for sx in (-1, 1) for sz in (-1, 1)
    ]
    h = p.stretcher_height * p.seat_height
    sides = [((s, -1), (s, 1)) for s in (-1, 1)]
    ends = {"none": [], "sides": sides, "H": sides, "ring": sides + [((-1, s), (1, s)) for s in (-1, 1)]}
    bars = [_strut(p, at(h, *a), at(h, *b), share=0.6) for a, b in ends[p.stretchers]]
    if p.stretchers == "H":
        bars.append(_strut(p, (-at(h, 1, 1)[0], h, 0), (at(h, 1, 1)[0], h, 0), share=0.6))
    return join(legs + bars)


def _column(p: SimpleNamespace, foot: float) -> Mesh:
    return cylinder((0, foot, 0), (0, p.seat_height - p.seat_thickness, 0), 0.9 * p.leg_width)


def _star(p: SimpleNamespace) -> Mesh:
    """A column on five spokes with castors."""
    reach, hub = 0.52 * p.seat_width, 0.11
    parts = [_column(p, 0.06)]
    for angle in 2 * np.pi * (np.arange(5) + 0.25) / 5:
        x, z = reach * np.cos(angle), reach * np.sin(angle)
        parts.append(bar((0, hub, 0), (x, 0.07, z), 0.05, taper=0.6))
        parts.append(ellipsoid((x, 0.03, z), (0.03, 0.03, 0.03), sides=8))
    return join(parts)


def _pedestal(p: SimpleNamespace) -> Mesh:
    """A column on a round foot."""
    radius = 0.42 * p.seat_width
    return join([_column(p, 0.02), revolve([(0, 0), (radius, 0), (radius, 0.015), (p.leg_width, 0.06), (0, 0.06)])])


def _runner(p: SimpleNamespace, *, rear: bool) -> Mesh:
    """Tubes down from the seat's front, back along the floor and, with rear legs, up again."""
    under, radius = p.seat_height - p.seat_thickness, 0.4 * p.leg_width
    x, z = 0.5 * p.seat_width - radius, 0.46 * p.seat_depth
    ends = [(x, under, z), (x, 2.5 * radius, z), (x, radius, z - 1.5 * radius), (x, radius, 1.5 * radius - z)]
    up = [(x, 2.5 * radius, -z), (x, under, -z)] if rear else []
    cross = tube([(-x, radius, -z), (x, radius, -z)], radius)
    return join([tube(ends + up, radius).with_mirror_image(), cross])


def _plinth(p: SimpleNamespace) -> Mesh:
    """A body under the seat nearly down to the floor, on four short feet."""
    size = (0.96 * p.seat_width, p.seat_height - p.seat_thickness - 0.06, 0.94 * p.seat_depth)
    feet = [
        block((x * 0.42 * p.seat_width, 0.03, z * 0.42 * p.seat_depth), (p.leg_width, 0.06, p.leg_width))
        for x in (-1, 1)
        for z in (-1, 1)
    ]
    return join([block((0, 0.06 + size[1] / 2, 0), size), *feet])


BASES = {
    "legs": _legs,
    "star": _star,
    "pedestal": _pedestal,
    "sled": lambda p: _runner(p, rear=True),
    "cantilever": lambda p: _runner(p, rear=False),
    "block": _plinth,
}

MODEL = ProceduralModel("Chair", ("back", "seat", "leg", "arm"), 12, PARAMETERS, build)

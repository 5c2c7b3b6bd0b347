"""Motorbikes: cruisers, sports, naked and off-road machines."""

from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Mesh, Parts, join
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Real
from pointprior.shapes.procedural.primitives import (
    bar,
    block,
    cylinder,
    ellipsoid,
    hull,
    superellipse,
    sweep,
    torus,
    tube,
)

PARAMETERS = (
    Choice("kind", {"naked": 0.3, "cruiser": 0.3, "sports": 0.25, "offroad": 0.15}, "what machine it is"),
    Choice("rims", {"spokes": 0.5, "disc": 0.5}, "spokes, or cast wheels"),
    Real("wheelbase", 1.34, 1.55, "distance of the axles (m)"),
    Real("wheel", 0.28, 0.34, "outer radius of the wheels (m)"),
    Real("tyre", 0.045, 0.075, "radius of the tyres' section (m)"),
    Real("rake", 23.0, 30.0, "inclination of the fork (degrees)"),
    Real("fork", 0.62, 0.74, "length of the fork (m)", follows="wheel"),
    Real("seat_height", 0.74, 0.84, "height of the seat (m)"),
    Real("seat_length", 0.50, 0.72, "length of the seat (m)", follows="wheelbase"),
    Real("seat_step", 0.0, 0.10, "how much higher the passenger sits (m)"),
    Real("tank_length", 0.42, 0.56, "length of the tank (m)", follows="wheelbase"),
    Real("tank_height", 0.18, 0.27, "height of the tank (m)"),
    Real("tank_width", 0.24, 0.34, "width of the tank (m)", follows="tank_height"),
    Real("handle_width", 0.64, 0.84, "width of the handlebar (m)"),
    Real("handle_rise", 0.06, 0.18, "height of the grips above the fork's upper end (m)"),
    Real("engine", 0.30, 0.42, "length of the engine (m)"),
    Real("exhaust", 0.035, 0.055, "radius of the silencer (m)"),
    Real("exhaust_rise", 0.0, 0.30, "how far the silencer rises to the rear (m)"),
)

KINDS = {
    "naked": lambda p: {},
    "cruiser": lambda p: {
        "wheelbase": p.wheelbase + 0.15,
        "rake": p.rake + 7,
        "seat_height": p.seat_height - 0.13,
        "handle_rise": p.handle_rise + 0.12,
        "exhaust_rise": 0.1 * p.exhaust_rise,
    },
    "sports": lambda p: {"handle_rise": -0.04, "handle_width": 0.85 * p.handle_width, "seat_step": p.seat_step + 0.07},
    "offroad": lambda p: {
        "wheel": p.wheel + 0.04,
        "tyre": 0.8 * p.tyre,
        "fork": p.fork + 0.14,
        "seat_height": p.seat_height + 0.1,
        "tank_height": 0.75 * p.tank_height,
        "tank_width": 0.75 * p.tank_width,
        "seat_step": 0.0,
        "exhaust_rise": 0.3,
    },
}


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a motorbike that drives along z."""
    p = SimpleNamespace(**vars(p) | KINDS[p.kind](p))
    p.ahead, p.behind = np.array([0, p.wheel, p.wheelbase / 2]), np.array([0, p.wheel, -p.wheelbase / 2])
    along = np.array([0, np.cos(np.radians(p.rake)), -np.sin(np.radians(p.rake))])
    p.head = p.ahead + p.fork * along  # upper end of the fork
    p.pivot = np.array([0, 0.42, -0.12 * p.wheelbase])  # of the rear fork
    yield "wheel", join([_wheel(p, p.tyre).moved(p.ahead), _wheel(p, 1.25 * p.tyre).moved(p.behind)])
    yield "frame", join([*_forks(p), *_engine(p), _exhaust(p), *_guards(p)])
    yield "gas tank", _tank(p)
    yield "seat", _seat(p)
    yield "handle", join(_handlebar(p))
    yield "light", join(_lights(p))


def _wheel(p: SimpleNamespace, tyre: float) -> Mesh:
    """A wheel around the x axis."""
    rim = p.wheel - 2 * tyre
    parts = [torus(p.wheel - tyre, tyre).turned("y", 90), cylinder((-0.05, 0, 0), (0.05, 0, 0), 0.045, sides=10)]
    angles = np.linspace(0, 2 * np.pi, 13)[:-1] if p.rims == "spokes" else np.linspace(0, 2 * np.pi, 6)[:-1]
    width = 0.008 if p.rims == "spokes" else 0.05
    ends = [(0, (rim + 0.02) * np.sin(a), (rim + 0.02) * np.cos(a)) for a in angles]
    parts += [bar((0, 0, 0), end, width, depth=min(width, 0.025)) for end in ends]
    parts.append(cylinder((0.05, 0, 0), (0.056, 0, 0), 0.14, sides=16))  # brake disc
    return join(parts)


def _forks(p: SimpleNamespace) -> list[Mesh]:
    """Front fork, rear fork and the frame's tubes."""
    side = np.array([1.6 * p.tyre + 0.02, 0, 0])
    front = tube([p.ahead + side, p.head + side], 0.027).with_mirror_image()
    rear = bar(p.pivot + side, p.behind + side, 0.035, depth=0.06).with_mirror_image()
    yokes = [block(p.head - (0, drop, 0), (2 * side[0] + 0.07, 0.035, 0.07)) for drop in (0.01, 0.16)]
    rear_end = np.array([0, p.seat_height - 0.06, p.behind[2] + 0.12])
    offset = np.array([0.09, 0, 0])
    down = tube([p.head - (0, 0.08, 0.02), (0.07, 0.36, p.pivot[2] + 0.42), (0.09, 0.2, p.pivot[2] + 0.1)], 0.02)
    spine = tube([p.head - (0, 0.1, 0), np.add(p.pivot, (0.09, 0.25, 0.05)), rear_end + offset], 0.02)
    shock = tube([np.add(p.behind, (side[0], 0.03, 0.05)), np.add(rear_end, (side[0], -0.02, 0.12))], 0.03)
    return [front, rear, *yokes, *(mesh.with_mirror_image() for mesh in (down, spine, shock))]


def _engine(p: SimpleNamespace) -> list[Mesh]:
    """Crankcase and cylinders: two in a V in cruisers, else one that leans forward."""
    center = np.add(p.pivot, (0, -0.08, 0.24))
    case = block(center, (0.26, 0.22, p.engine))
    clutch = cylinder(np.add(center, (-0.17, 0, -0.03)), np.add(center, (0.17, 0, -0.03)), 0.09)
    leans = (28, -28) if p.kind == "cruiser" else (18,)
    return [
        case,
        clutch,
        *(_cylinder_block(p).turned("x", lean).moved((0, 0.08, 0.03)).moved(center) for lean in leans),
    ]


def _cylinder_block(p: SimpleNamespace) -> Mesh:
    """A cylinder with four cooling fins."""
    height = min(0.28, p.seat_height - 0.52)
    fins = [block((0, y, 0), (0.24, 0.018, 0.2)) for y in np.linspace(0.3, 1.0, 4) * height]
    return join([block((0, height / 2, 0), (0.17, height, 0.14)), *fins])


def _exhaust(p: SimpleNamespace) -> Mesh:
    """From the engine's front along the right side to a silencer beside the rear wheel."""
    start = np.add(p.pivot, (0.1, 0.05, 0.24 + p.engine / 2))
    side, low = 0.17, p.pivot[1] - 0.17
    path = [start, (side, low + 0.05, start[2]), (side, low, p.pivot[2] + 0.2), (side, low, p.pivot[2] - 0.1)]
    path += [
        (side + 0.02, low + 0.3 * p.exhaust_rise, p.behind[2] + 0.3),
        (side + 0.04, low + p.exhaust_rise, p.behind[2] - 0.1),
    ]
    return tube(path, np.array([0.55, 0.55, 0.55, 0.6, 1.0, 1.0]) * p.exhaust)


def _guards(p: SimpleNamespace) -> list[Mesh]:
    """Mudguards: bands around a part of the wheels; high above them in off-road machines."""
    gap = 0.1 if p.kind == "offroad" else 0.03
    band = superellipse(3.2 * p.tyre, 0.015, 6, sides=8)
    spans = ((20, 130), (60, 190)) if p.kind == "cruiser" else ((40, 115), (75, 150))
    guards = []
    for center, (first, last) in zip((p.ahead, p.behind), spans, strict=True):
        angle = np.radians(np.linspace(first, last, 9))
        ring = np.stack([0 * angle, np.sin(angle), np.cos(angle)], axis=1)
        guards.append(sweep(band, center + (p.wheel + gap) * ring))
    if p.kind == "sports":
        guards.append(_fairing(p))
    return guards


def _fairing(p: SimpleNamespace) -> Mesh:
    """A pointed shell before the fork's upper end and beside it."""
    z = p.head[2] + np.array([0.34, 0.28, 0.15, -0.05, -0.25])
    width = np.array([0.06, 0.2, 0.36, 0.42, 0.36])
    height = np.array([0.06, 0.18, 0.34, 0.5, 0.42])
    level = p.head[1] + np.array([-0.12, -0.11, -0.08, -0.16, -0.3])
    return hull(z, width, height, level, 2.5)


def _tank(p: SimpleNamespace) -> Mesh:
    """A drop that is highest in front."""
    share = np.array([0, 0.04, 0.2, 0.45, 0.75, 0.95, 1.0])
    size = np.array([0.25, 0.55, 0.95, 1.0, 0.75, 0.45, 0.3])
    z = p.head[2] - 0.04 - share * p.tank_length
    level = p.head[1] - 0.06 + (p.seat_height - p.head[1] + 0.06) * share + 0.02 * np.sin(np.pi * share)
    return hull(z, p.tank_width * size, p.tank_height * size, level, 2.6)


def _seat(p: SimpleNamespace) -> Mesh:
    """A cushion behind the tank that rises to the passenger's place."""
    share = np.array([0, 0.05, 0.25, 0.45, 0.6, 0.9, 0.97, 1.0])
    width = 0.26 * np.array([0.4, 0.65, 0.9, 1.0, 0.95, 0.75, 0.6, 0.35])
    height = 0.1 * np.array([0.4, 0.8, 0.9, 1, 1, 1, 0.8, 0.4])
    step = p.seat_step * np.clip((share - 0.4) / 0.2, 0, 1)
    start = p.head[2] - 0.08 - 0.95 * p.tank_length
    return hull(start - share * p.seat_length, width, height, p.seat_height - 0.03 + step, 3.0)


def _handlebar(p: SimpleNamespace) -> list[Mesh]:
    """The bar, its grips, and mirrors."""
    half, grip = p.handle_width / 2, p.head[1] + p.handle_rise
    z = p.head[2]
    right = [(0, p.head[1], z), (0.1, p.head[1] + 0.01, z), (0.55 * half, grip, z - 0.02), (half, grip, z - 0.12)]
    bars = tube(right, np.array([0.014, 0.014, 0.014, 0.02])).with_mirror_image()
    grips = cylinder((0.68 * half, grip, z - 0.05), (half, grip, z - 0.12), 0.022, sides=8).with_mirror_image()
    place = np.array([0.72 * half, grip + 0.16, z - 0.02])
    stem = tube([(0.6 * half, grip, z - 0.03), place], 0.008, sides=6).with_mirror_image()
    return [bars, grips, stem, ellipsoid(place, (0.06, 0.045, 0.015), sides=8).with_mirror_image()]


def _lights(p: SimpleNamespace) -> list[Mesh]:
    """Headlamp and rear lamp."""
    ahead = np.add(p.head, (0, -0.1, 0.34 if p.kind == "sports" else 0.13))
    radius = 0.06 if p.kind == "sports" else 0.09
    behind = np.array([0, p.seat_height - 0.06 + p.seat_step, p.head[2] - 0.1 - 0.95 * p.tank_length - p.seat_length])
    return [ellipsoid(ahead, (radius, radius, radius), sides=10), ellipsoid(behind, (0.06, 0.035, 0.04), sides=8)]


MODEL = ProceduralModel("Motorbike", ("gas tank", "seat", "wheel", "handle", "light", "frame"), 30, PARAMETERS, build)

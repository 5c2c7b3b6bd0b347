"""Pistols: semi-automatic ones and revolvers."""

from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Mesh, Parts, join
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Real
from pointprior.shapes.procedural.primitives import bar, block, cylinder, polygon, superellipse, sweep, tube

PARAMETERS = (
    Choice("kind", {"automatic": 0.65, "revolver": 0.35}, "slide over the frame, or barrel and drum"),
    Choice("silencer", {"no": 0.88, "yes": 0.12}, "a tube before the muzzle"),
    Real("length", 0.15, 0.22, "length of slide or barrel (m)"),
    Real("height", 0.026, 0.036, "height of slide or frame (m)", follows="length"),
    Real("width", 0.022, 0.032, "width (m)", follows="height"),
    Real("frame", 0.016, 0.028, "height of the frame below the slide (m)"),
    Real("frame_length", 0.72, 0.98, "length of the frame as a share of the slide's"),
    Real("grip", 0.085, 0.125, "length of the grip (m)", follows="length", strength=0.5),
    Real("grip_depth", 0.040, 0.056, "depth of the grip (m)", follows="grip"),
    Real("grip_angle", 6.0, 24.0, "inclination of the grip (degrees)"),
    Real("grip_flare", 0.85, 1.25, "depth of the grip's end as a share of its upper depth"),
    Real("guard", 0.045, 0.062, "length of the trigger guard (m)"),
    Real("guard_height", 0.026, 0.040, "height of the trigger guard (m)", follows="guard"),
    Real("guard_square", 0.25, 0.5, "inverse exponent of the guard's superelliptic outline"),
    Real("barrel", 0.008, 0.013, "radius of the barrel (m)"),
    Real("drum", 0.018, 0.025, "radius of a revolver's drum (m)", follows="barrel"),
    Real("sight", 0.003, 0.008, "height of the sights (m)"),
)


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a pistol that points along z; the grip's upper end is at the origin."""
    p.rear = -0.6 * p.grip_depth
    p.muzzle = p.rear + p.length
    yield "barrel", join(_automatic(p) if p.kind == "automatic" else _revolver(p))
    if p.silencer == "yes":
        start, end = p.muzzle - 0.01, p.muzzle + 0.6 * p.length
        yield "barrel", cylinder((0, p.bore, start), (0, p.bore, end), 1.5 * p.barrel)
    yield "handle", _grip(p)
    yield "trigger", join(_trigger(p))


def _automatic(p: SimpleNamespace) -> list[Mesh]:
    """Slide, frame, muzzle and sights."""
    p.bore = p.frame + p.height / 2
    slide = block((0, p.bore, p.rear + p.length / 2), (p.width, p.height, p.length))
    length = p.frame_length * p.length
    frame = block((0, p.frame / 2, p.rear + length / 2), (0.9 * p.width, p.frame, length))
    muzzle = cylinder((0, p.bore, p.muzzle), (0, p.bore, p.muzzle + 0.006), p.barrel)
    return [slide, frame, muzzle, *_sights(p, p.frame + p.height)]


def _revolver(p: SimpleNamespace) -> list[Mesh]:
    """Frame around a drum with six bulges, the barrel with its rib, and the hammer."""
    p.bore = p.frame + 0.5 * p.height
    reach, radius = 0.42 * p.length, 1.2 * p.drum
    low = block((0, 0.2 * p.frame, p.rear + reach / 2), (0.7 * p.width, 0.5 * p.frame, reach))
    strap = block((0, p.bore + 0.75 * radius, p.rear + reach / 2), (0.5 * p.width, 0.008, reach))
    shield = block((0, p.bore - 0.2 * radius, p.rear + 0.008), (0.8 * p.width, 2 * radius, 0.016))
    front = block((0, p.bore - 0.2 * radius, p.rear + reach), (0.7 * p.width, 2 * radius, 0.014))
    angle = 2 * np.pi * np.arange(36) / 36
    outline = polygon(36, radius) * (1 + 0.06 * np.cos(6 * angle))[:, None]
    axis = p.bore - 0.35 * radius
    drum = sweep(outline, [(0, axis, p.rear + 0.1 * p.length), (0, axis, p.rear + 0.36 * p.length)])
    barrel = cylinder((0, p.bore, p.rear + reach), (0, p.bore, p.muzzle), p.barrel)
    rib = block((0, p.bore - p.barrel, p.rear + 0.65 * p.length), (0.8 * p.barrel, 1.2 * p.barrel, 0.45 * p.length))
    hammer = bar((0, p.bore + 0.2 * radius, p.rear), (0, p.bore + 0.9 * radius, p.rear - 0.014), 0.008)
    return [low, strap, shield, front, drum, barrel, rib, hammer, *_sights(p, p.bore + p.barrel)[:1]]


def _sights(p: SimpleNamespace, top: float) -> list[Mesh]:
    """Front sight, and the two sides of the rear sight."""
    front = block((0, top + p.sight / 2, p.muzzle - 0.012), (0.004, p.sight, 0.012))
    rear = block((0.3 * p.width, top + p.sight / 2, p.rear + 0.008), (0.006, p.sight, 0.008))
    return [front, rear.with_mirror_image()]


def _grip(p: SimpleNamespace) -> Mesh:
    """Downwards and backwards; a revolver's is bent."""
    share = np.linspace(0, 1, 7)
    back = np.tan(np.radians(p.grip_angle)) * p.grip * share
    if p.kind == "revolver":
        back = back + 0.25 * p.grip * share**2
    path = np.stack([0 * share, 0.35 * p.frame - p.grip * share, -back], axis=1)
    section = superellipse(0.95 * p.width, p.grip_depth, 4, sides=16)
    return sweep(section, path, 1 + (p.grip_flare - 1) * share**2)


def _trigger(p: SimpleNamespace) -> list[Mesh]:
    """The trigger and the guard around it, before the grip."""
    start = 0.4 * p.grip_depth
    outline = superellipse(p.guard, p.guard_height, 1 / p.guard_square, sides=24)
    center = np.array([0, -0.42 * p.guard_height, start + p.guard / 2])
    loop = np.stack([0 * outline[:, 0], outline[:, 1], outline[:, 0]], axis=1) + center
    guard = sweep(superellipse(0.008, 0.004, 4, sides=8), loop, closed=True)
    curve = [
        (0, 0.004, center[2]),
        (0, -0.4 * p.guard_height, center[2] - 0.002),
        (0, -0.72 * p.guard_height, center[2] + 0.006),
    ]
    return [guard, tube(curve, 0.0035, sides=6)]


MODEL = ProceduralModel("Pistol", ("barrel", "handle", "trigger"), 38, PARAMETERS, build)

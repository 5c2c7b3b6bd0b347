"""Cars: saloons, hatchbacks, off-road vehicles, pick-ups, vans and sports cars."""

from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Mesh, Parts, join, loft
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Real
from pointprior.shapes.procedural.primitives import block, cylinder, ellipsoid, hull, superellipse

PARAMETERS = (
    Choice(
        "kind",
        {"saloon": 0.35, "hatchback": 0.2, "offroad": 0.15, "sports": 0.14, "pickup": 0.08, "van": 0.08},
        "what car it is",
    ),
    Choice("spoiler", {"no": 0.8, "yes": 0.2}, "a spoiler at the rear"),
    Real("length", 3.8, 4.9, "length (m)"),
    Real("width", 1.65, 1.92, "width (m)", follows="length"),
    Real("height", 1.36, 1.56, "height (m)"),
    Real("belt", 0.54, 0.66, "height of the windows' lower edge as a share of the car's"),
    Real("clearance", 0.14, 0.24, "height of the body's underside (m)"),
    Real("wheelbase", 0.56, 0.64, "distance of the axles as a share of the length"),
    Real("overhang", 0.17, 0.21, "distance of the front axle from the front, as a share of the length"),
    Real("wheel", 0.29, 0.36, "radius of the wheels (m)", follows="clearance"),
    Real("wheel_width", 0.18, 0.25, "width of the wheels (m)", follows="wheel"),
    Real("bonnet", 0.22, 0.31, "length of the bonnet as a share of the car's"),
    Real("boot", 0.08, 0.19, "length of the boot's lid as a share of the car's"),
    Real("drop", 0.06, 0.20, "fall of the bonnet to the front (m)"),
    Real("windscreen", 42.0, 62.0, "inclination of the windscreen (degrees)"),
    Real("rear_window", 30.0, 60.0, "inclination of the rear window (degrees)", follows="windscreen", strength=0.4),
    Real("tumblehome", 0.74, 0.88, "width of the roof as a share of the body's"),
    Real("roundness", 0.12, 0.28, "inverse exponent of the body's superelliptic sections"),
)

KINDS = {
    "saloon": lambda p: {},
    "hatchback": lambda p: {"length": 0.87 * p.length, "boot": 0.02, "rear_window": 0.5 * p.rear_window},
    "offroad": lambda p: {
        "height": 1.2 * p.height,
        "clearance": p.clearance + 0.08,
        "wheel": 1.15 * p.wheel,
        "boot": 0.01,
        "rear_window": 0.3 * p.rear_window,
        "windscreen": 0.75 * p.windscreen,
        "tumblehome": 0.05 + p.tumblehome,
    },
    "sports": lambda p: {
        "height": 0.84 * p.height,
        "clearance": 0.7 * p.clearance,
        "bonnet": 1.15 * p.bonnet,
        "windscreen": 5 + p.windscreen,
        "rear_window": 10 + p.rear_window,
    },
    "pickup": lambda p: {
        "length": 1.1 * p.length,
        "height": 1.17 * p.height,
        "clearance": p.clearance + 0.1,
        "wheel": 1.15 * p.wheel,
        "boot": 0.24 + p.boot,
        "rear_window": 8.0,
        "windscreen": 0.85 * p.windscreen,
    },
    "van": lambda p: {
        "height": 1.33 * p.height,
        "belt": 0.9 * p.belt,
        "bonnet": 0.5 * p.bonnet,
        "boot": 0.0,
        "rear_window": 4.0,
        "windscreen": 0.8 * p.windscreen,
        "tumblehome": 0.92,
    },
}


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a car that drives along z."""
    p = SimpleNamespace(**vars(p) | KINDS[p.kind](p))
    p.waist = p.belt * p.height  # height of the windows' lower edge
    p.front, p.rear = (0.5 - p.bonnet) * p.length, (p.boot - 0.5) * p.length  # ends of the cabin at the waist
    yield "body", _body(p)
    yield "hood", _hood(p)
    yield "roof", _cabin(p)
    yield "wheel", join(_wheels(p))
    yield "body", join(_details(p))


def _body(p: SimpleNamespace) -> Mesh:
    """The body below the windows, and a pick-up's walls around its bed."""
    ends = np.array([0.5, 0.492, 0.47, 0.5 - p.bonnet, 0.0, p.boot - 0.5, -0.46, -0.488, -0.5])
    top = p.waist - p.drop * np.array([1.25, 1.1, 1.0, 0.1, 0, 0, 0.15, 0.3, 0.55])
    low = p.clearance + np.array([0.16, 0.06, 0.02, 0, 0, 0, 0.02, 0.08, 0.18])
    width = p.width * np.array([0.78, 0.88, 0.94, 1, 1, 1, 0.96, 0.9, 0.8])
    if p.kind == "pickup":
        top[5:] -= 0.32
    body = hull(np.sort(ends * p.length)[::-1], width, top - low, (top + low) / 2, 1 / p.roundness, sides=24)
    if p.kind != "pickup":
        return body
    middle, length, y = (p.rear - p.length / 2) / 2, p.rear + p.length / 2, p.waist - 0.16
    side = block((p.width / 2 - 0.06, y, middle), (0.09, 0.36, length)).with_mirror_image()
    return join([body, side, block((0, y, 0.05 - p.length / 2), (p.width - 0.1, 0.36, 0.09))])


def _hood(p: SimpleNamespace) -> Mesh:
    """The bonnet's plate, which falls to the front."""
    z = np.linspace(p.front + 0.05, 0.465 * p.length, 6)
    share = (z - z[0]) / (z[-1] - z[0])
    top = p.waist - p.drop * (0.1 + 0.85 * share**1.3) + 0.012
    return hull(z, p.width * (0.8 - 0.1 * share), np.full(6, 0.05), top - 0.012, 4.0)


def _cabin(p: SimpleNamespace) -> Mesh:
    """Windows and roof: outlines that shrink and shift from the waist to the roof."""
    share = np.array([-0.12, 0.0, 0.45, 0.82, 0.95, 1.0])
    rise = p.height - p.waist
    climb = np.clip(share, 0, None) * rise
    front = p.front - climb * np.tan(np.radians(p.windscreen)) - 0.2 * rise * (share > 0.97)
    rear = p.rear + climb * np.tan(np.radians(p.rear_window)) + 0.2 * rise * (share > 0.97)
    rear = np.minimum(rear, front - 0.5)
    width = p.width * (0.93 + (p.tumblehome - 0.93) * np.clip(share, 0, 1)) * np.where(share > 0.97, 0.88, 1.0)
    outline = superellipse(1, 1, 7.0, sides=20)
    x, z = outline[:, 0] * width[:, None], (front + rear)[:, None] / 2 + outline[:, 1] * (front - rear)[:, None]
    y = np.broadcast_to((p.waist + share * rise)[:, None], x.shape)
    return loft(np.stack([x, y, z], axis=-1))


def _wheels(p: SimpleNamespace) -> list[Mesh]:
    """Four wheels with hubs, a little outside of the body."""
    ahead = (0.5 - p.overhang) * p.length
    outer = p.width / 2 + 0.015
    wheels = []
    for z in (ahead, ahead - p.wheelbase * p.length):
        tyre = cylinder((outer - p.wheel_width, p.wheel, z), (outer, p.wheel, z), p.wheel, sides=20)
        hub = cylinder((outer, p.wheel, z), (outer + 0.02, p.wheel, z), 0.5 * p.wheel, sides=12)
        wheels.append(join([tyre, hub]).with_mirror_image())
    return wheels


def _details(p: SimpleNamespace) -> list[Mesh]:
    """Mirrors, lamps, bumpers, and perhaps a spoiler."""
    level = p.waist - p.drop - 0.08
    mirror = ellipsoid((p.width / 2 + 0.06, p.waist + 0.08, p.front - 0.35), (0.1, 0.08, 0.05), sides=8)
    lamp = ellipsoid((0.33 * p.width, level, 0.488 * p.length), (0.15, 0.07, 0.06), sides=8)
    bumper = block((0, p.clearance + 0.16, 0.49 * p.length), (0.86 * p.width, 0.14, 0.1))
    parts = [mirror.with_mirror_image(), lamp.with_mirror_image(), bumper]
    if p.spoiler == "yes" and p.kind in ("saloon", "sports"):
        y, z = p.waist + 0.12, -0.46 * p.length
        parts.append(block((0, y, z), (0.8 * p.width, 0.03, 0.2)))
        parts.append(block((0.3 * p.width, y - 0.09, z), (0.04, 0.18, 0.12)).with_mirror_image())
    return parts


MODEL = ProceduralModel("Car", ("roof", "hood", "wheel", "body"), 8, PARAMETERS, build)

"""Rockets: a body of revolution with a nose and fins, perhaps with boosters."""

from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Mesh, Parts, join
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Count, Real
from pointprior.shapes.procedural.primitives import revolve, wing

PARAMETERS = (
    Choice("boosters", {"0": 0.7, "2": 0.15, "4": 0.15}, "smaller rockets at the sides"),
    Choice("upper_stage", {"same": 0.6, "narrower": 0.3, "wider": 0.1}, "diameter of the upper half"),
    Real("radius", 0.045, 0.11, "radius of the body as a share of its length"),
    Real("nose", 0.14, 0.34, "length of the nose as a share of the body's"),
    Real("nose_power", 0.45, 0.95, "power law of the nose: 0.5 is a paraboloid, 1 a cone"),
    Real("stage", 0.45, 0.75, "where the upper stage begins, as a share of the body's length"),
    Real("step", 0.12, 0.30, "change of the radius at the upper stage, as a share"),
    Real("boat_tail", 0.0, 0.35, "narrowing of the body's end, as a share of the radius"),
    Real("belly", 0.0, 0.30, "bulge of the body's middle, as a share of the radius"),
    Real("nozzle", 0.45, 0.85, "radius of the nozzle's mouth as a share of the body's"),
    Real("fin_chord", 0.16, 0.38, "length of the fins at the body, as a share of the body's"),
    Real("fin_span", 1.2, 3.0, "how far the fins stand out, in radii"),
    Real("fin_taper", 0.2, 0.8, "length of the fins at their tips as a share of that at the body"),
    Real("fin_sweep", 0.1, 1.1, "how far the fins' tips lie behind, as a share of their length", follows="fin_chord"),
    Count("fins", 3, 5, "number of fins"),
    Real("booster_length", 0.4, 0.65, "length of the boosters as a share of the body's"),
)

FACTOR = {"same": 0.0, "narrower": -1.0, "wider": 0.8}


def build(p: SimpleNamespace) -> Parts:
    """Meshes of a rocket that stands upright, its body one unit long without the nose."""
    upper = 1 + FACTOR[p.upper_stage] * p.step
    yield "body", _body(p, upper)
    yield "nose", _nose(p.radius * upper, p.nose, p.nose_power).moved((0, 1, 0))
    yield "fin", join(_around(_fin(p), p.fins))
    if p.boosters != "0":
        radius = 0.6 * p.radius
        tube = revolve([(0, 0), (radius, 0), (radius, p.booster_length), (0, p.booster_length)], sides=16)
        mouth = _nozzle(p.nozzle * radius, 0.05)
        place = (1.02 * (p.radius + radius), 0, 0)
        turn = 180 / p.fins  # between the fins
        yield "body", join(_around(join([tube, mouth]).moved(place), int(p.boosters), start=turn))
        tip = _nose(radius, 0.5 * p.nose, p.nose_power).moved((0, p.booster_length, 0))
        yield "nose", join(_around(tip.moved(place), int(p.boosters), start=turn))


def _around(mesh: Mesh, copies: int, *, start: float = 0.0) -> list[Mesh]:
    return [mesh.turned("y", start + 360 * copy / copies) for copy in range(copies)]


def _body(p: SimpleNamespace, upper: float) -> Mesh:
    """Two stages and the nozzle."""
    level = np.array([0, 0.06, 0.15, 0.3, p.stage - 0.02, p.stage + 0.02, 1.0])
    radius = np.array([1 - p.boat_tail, 1 - p.boat_tail / 3, 1, 1, 1, upper, upper])
    if p.upper_stage == "same":
        radius = radius + p.belly * 4 * level * (1 - level)
    profile = np.stack([p.radius * radius, level], axis=1)
    shell = revolve(np.concatenate([[(0, 0)], profile, [(0, 1)]]))
    return join([shell, _nozzle(p.nozzle * p.radius, 0.09)])


def _nozzle(radius: float, length: float) -> Mesh:
    """A bell below the origin, hollow from its mouth."""
    level = np.linspace(0, -1, 5)
    outer = np.stack([radius * (0.45 + 0.55 * np.sqrt(-level)), length * level], axis=1)
    return revolve(np.concatenate([[(0, 0)], outer, outer[:0:-1] * (0.85, 1.0), [(0, -0.2 * length)]]), sides=16)


def _nose(radius: float, length: float, power: float) -> Mesh:
    share = np.linspace(1, 0, 10)
    profile = np.stack([radius * share**power, length * (1 - share)], axis=1)
    return revolve(np.concatenate([[(0, 0)], profile]))


def _fin(p: SimpleNamespace) -> Mesh:
    """One fin, standing out along x from the body's lower end; chords run downwards."""
    top = p.fin_chord
    tip = (p.fin_span + 0.7) * p.radius
    root_edge, tip_edge = (0.7 * p.radius, 0, top), (tip, 0, top * (1 - p.fin_sweep))
    return wing(root_edge, tip_edge, (p.fin_chord, p.fin_taper * p.fin_chord), 0.08).turned("x", -90)


MODEL = ProceduralModel("Rocket", ("body", "fin", "nose"), 41, PARAMETERS, build)

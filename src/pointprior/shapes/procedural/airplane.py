"""Aeroplanes: airliners, jets with engines at the tail, propeller aircraft and fighters."""

from types import SimpleNamespace

import numpy as np

from pointprior.shapes.procedural.mesh import Mesh, Parts, join
from pointprior.shapes.procedural.model import ProceduralModel
from pointprior.shapes.procedural.parameters import Choice, Real
from pointprior.shapes.procedural.primitives import ellipsoid, hull, wing

PARAMETERS = (
    Choice(
        "kind",
        {"twin": 0.32, "four": 0.15, "rear": 0.15, "propeller": 0.18, "fighter": 0.20},
        "engines: two or four below the wings, two at the tail, propellers at the wings, or within the body",
    ),
    Choice(
        "wing_place",
        {"low": 0.7, "high": 0.3},
        "where the wings meet the body",
        given="kind",
        weights={"propeller": {"low": 0.35, "high": 0.65}},
    ),
    Choice(
        "tailplane",
        {"body": 1.0, "fin": 0.0},
        "what carries the tailplane",
        given="kind",
        weights={"rear": {"body": 0.15, "fin": 0.85}, "propeller": {"body": 0.7, "fin": 0.3}},
    ),
    Real("radius", 0.042, 0.065, "radius of the body as a share of its length"),
    Real("nose", 0.08, 0.20, "length of the nose as a share of the body's"),
    Real("tail", 0.22, 0.40, "length of the tapering tail as a share of the body's"),
    Real("span", 0.80, 1.15, "span of the wings as a share of the body's length"),
    Real("chord", 0.14, 0.24, "length of the wings at the body, as a share of the body's", follows="radius"),
    Real("taper", 0.22, 0.55, "length of the wings at their tips as a share of that at the body"),
    Real("sweep", 16.0, 40.0, "how far the wings point backwards (degrees)"),
    Real("dihedral", 1.0, 8.0, "how far the wings point upwards (degrees)"),
    Real("wing_z", 0.08, 0.16, "how far the wings' roots lie before the body's middle, as a share of its length"),
    Real("tail_span", 0.32, 0.46, "span of the tailplane as a share of the wings'"),
    Real("fin", 0.11, 0.19, "height of the fin as a share of the body's length"),
    Real("engine", 0.45, 0.70, "radius of the engines as a share of the body's"),
    Real("engine_length", 0.10, 0.17, "length of the engines as a share of the body's", follows="engine"),
    Real("engine_place", 0.30, 0.42, "where the inner engines hang, as a share of half the span"),
)


def build(p: SimpleNamespace) -> Parts:
    """Meshes of an aeroplane that flies along z, its body one unit long."""
    p = SimpleNamespace(**vars(p) | KINDS.get(p.kind, lambda p: {})(p))
    yield "body", _body(p)
    yield "wing", _wing(p).with_mirror_image()
    yield from _tail(p)
    engines = _engines(p)
    if engines:
        yield "engine", join(engines).with_mirror_image()


def _propeller(p: SimpleNamespace) -> dict:
    return {"sweep": 0.15 * p.sweep, "chord": 0.8 * p.chord, "taper": 0.3 + p.taper, "engine": 0.8 * p.engine}


def _fighter(p: SimpleNamespace) -> dict:
    return {
        "span": 0.62 * p.span,
        "chord": 1.9 * p.chord,
        "taper": 0.5 * p.taper,
        "sweep": 1.2 * p.sweep + 4,
        "dihedral": 0.0,
        "wing_z": 0.5 * p.wing_z,
        "nose": 0.15 + p.nose,
        "tail": 0.5 * p.tail,
        "tail_span": 1.2 * p.tail_span,
    }


KINDS = {"propeller": _propeller, "fighter": _fighter}


def _body(p: SimpleNamespace) -> Mesh:
    """Nose, cylinder, and a tail that rises while it tapers; a fighter's canopy on top."""
    z = np.concatenate([0.5 - p.nose * np.linspace(0, 1, 7) ** 2, [0.0], -0.5 + p.tail * np.linspace(1, 0, 6)])
    ahead = np.clip((0.5 - z) / p.nose, 0, 1)
    behind = np.clip((z + 0.5) / p.tail, 0, 1)
    last = 0.6 if p.kind == "fighter" else 0.12
    size = 2 * p.radius * np.sqrt(1 - (1 - ahead) ** 2) * (last + (1 - last) * np.sin(np.pi / 2 * behind))
    level = -0.25 * p.radius * (1 - ahead) + (0 if p.kind == "fighter" else 0.7) * p.radius * (1 - behind) ** 1.5
    body = hull(z, size, size, level)
    if p.kind == "fighter":
        return join([body, ellipsoid((0, 0.75 * p.radius, 0.5 - 1.1 * p.nose), (0.5 * p.radius, 0.6 * p.radius, 0.09))])
    return body


def _edge(p: SimpleNamespace, share: float) -> np.ndarray:
    """Leading edge of the right wing at a share of half the span."""
    x = share * p.span / 2
    height = {"low": -0.6, "high": 0.75}[p.wing_place] * p.radius
    rise, back = (np.tan(np.radians(angle)) * x for angle in (p.dihedral, p.sweep))
    return np.array([x, height + rise, p.wing_z + p.chord / 3 - back])


def _wing(p: SimpleNamespace) -> Mesh:
    return wing(_edge(p, 0.0), _edge(p, 1.0), (p.chord, p.taper * p.chord), 0.11)


def _tail(p: SimpleNamespace) -> Parts:
    """Fin (two on some fighters) and tailplane."""
    chord, base = 0.85 * p.fin, 0.5 * p.radius
    root, tip = np.array([0, base, -0.48 + chord]), np.array([0, base + p.fin, -0.48 + 0.35 * chord])
    fin = wing(root, tip, (chord, 0.5 * chord), 0.09, upright=True)
    if p.kind == "fighter" and p.fin < 0.15:
        fin = fin.turned("z", -12).moved((0.7 * p.radius, 0, 0)).with_mirror_image()
    yield "tail", fin
    half = p.tail_span * p.span / 2
    start = tip - (0, 0.01, 0) if p.tailplane == "fin" else np.array([0, base, -0.46 + 0.8 * chord])
    end = start + half * np.array([1, 0.04, -np.tan(np.radians(p.sweep))])
    yield "tail", wing(start, end, (0.75 * chord, 0.4 * chord), 0.09).with_mirror_image()


def _engine(p: SimpleNamespace, place) -> Mesh:
    """A nacelle whose middle is at a place."""
    radius = p.engine * p.radius
    z = p.engine_length * np.array([0.5, 0.45, 0.2, -0.2, -0.5])
    width = 2 * radius * np.array([0.85, 0.95, 1.0, 0.9, 0.5])
    return hull(z, width, width, np.zeros(5), sides=12).moved(place)


def _engines(p: SimpleNamespace) -> list[Mesh]:
    """Engines of the right side."""
    radius = p.engine * p.radius
    if p.kind == "fighter":
        return []
    if p.kind == "rear":
        return [_engine(p, (p.radius + 0.9 * radius, 0.5 * p.radius, -0.5 + 0.95 * p.tail))]
    if p.kind == "propeller":
        place = _edge(p, 0.75 * p.engine_place)
        blades = [ellipsoid((0, 0, 0), (2.6 * radius, 0.012, 0.006), sides=8).turned("z", angle) for angle in (20, 110)]
        return [_engine(p, place), *(blade.moved((0, 0, 0.52 * p.engine_length)).moved(place) for blade in blades)]
    shares = (p.engine_place, 1.75 * p.engine_place) if p.kind == "four" else (p.engine_place,)
    return [_engine(p, _edge(p, share)).moved((0, -1.25 * radius, 0)) for share in shares]


MODEL = ProceduralModel("Airplane", ("body", "wing", "tail", "engine"), 0, PARAMETERS, build)

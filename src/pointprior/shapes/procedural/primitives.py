"""Solids that objects are put together from: boxes, bars, tubes, solids of revolution, plates, hulls, wings.

Axes are those of the archive: x to the right, y up, z to the front; lengths are in metres where an object has a size.
"""

import numpy as np
from jaxtyping import Float

from pointprior.shapes.procedural.mesh import Mesh, loft

Number = float | int


def polygon(sides: int, radius: Number = 1.0, *, start: Number = 0.0) -> Float[np.ndarray, "sides 2"]:
    """A regular polygon around the origin, counter-clockwise from an angle (in radians)."""
    angle = start + 2 * np.pi * np.arange(sides) / sides
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def superellipse(
    width: Number, height: Number, exponent: Number = 2.0, *, sides: int = 28
) -> Float[np.ndarray, "sides 2"]:
    """The outline |2x/w|^p + |2y/h|^p = 1: an ellipse for p = 2, nearly a rectangle for p = 10.

    Vertices lie where rays at even angles of the ellipse meet it, so that corners are not cut.
    """
    directions = polygon(sides, start=np.pi / sides)
    radius = (np.abs(directions) ** exponent).sum(axis=1) ** (-1 / exponent)
    return directions * radius[:, None] * (width / 2, height / 2)


def box(low, high) -> Mesh:
    """The box between two opposite corners."""
    (x0, y0, z0), (x1, y1, z1) = low, high
    return loft(np.array([[(x0, y, z0), (x1, y, z0), (x1, y, z1), (x0, y, z1)] for y in (y0, y1)], dtype=float))


def block(center, size) -> Mesh:
    """The box of a size around a centre."""
    half = np.asarray(size, dtype=float) / 2
    return box(np.asarray(center) - half, np.asarray(center) + half)


def sweep(
    section: Float[np.ndarray, "m 2"], path, scale: Number | Float[np.ndarray, " k"] = 1.0, *, closed: bool = False
) -> Mesh:
    """A section carried along a path of k points, at right angles to it, and scaled at each point.

    The section's first axis stays as near as it can to the axis of coordinates that the path follows least.
    """
    path = np.asarray(path, dtype=float)
    tangent = np.roll(path, -1, axis=0) - np.roll(path, 1, axis=0)
    if not closed:
        tangent[[0, -1]] = path[1] - path[0], path[-1] - path[-2]
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    reference = np.eye(3)[np.abs(tangent).sum(axis=0).argmin()]
    second = np.cross(tangent, reference)
    second /= np.linalg.norm(second, axis=1, keepdims=True)
    first = np.cross(second, tangent)
    frames = np.stack([first, second], axis=1)  # (k, 2, 3)
    scale = np.broadcast_to(np.asarray(scale, dtype=float), len(path))
    return loft(path[:, None] + scale[:, None, None] * (section @ frames), closed=closed)


def tube(path, radius, *, sides: int = 10, closed: bool = False) -> Mesh:
    """A round tube along a path; the radius is one or one per point."""
    return sweep(polygon(sides), path, radius, closed=closed)


def bar(start, end, width: Number, *, depth: Number | None = None, taper: Number = 1.0) -> Mesh:
    """A straight bar of rectangular section between two points, `taper` times as wide at its end."""
    half = np.array([width, width if depth is None else depth]) / 2
    return sweep(np.array([(1, 1), (-1, 1), (-1, -1), (1, -1)]) * half, [start, end], np.array([1.0, taper]))


def revolve(profile, *, sides: int = 24) -> Mesh:
    """The solid that a closed profile of (radius, height) sweeps around the y axis."""
    radius, height = np.asarray(profile, dtype=float).T
    cos, sin = polygon(sides).T
    rings = [cos[:, None] * radius, np.broadcast_to(height, (sides, len(height))), sin[:, None] * radius]
    return loft(np.stack(rings, axis=-1), closed=True)


def cylinder(start, end, radius: Number, *, taper: Number = 1.0, sides: int = 14) -> Mesh:
    """A cylinder between the centres of its ends, or a cone's frustum, `taper` times as wide at its end."""
    return tube([start, end], radius * np.array([1.0, taper]), sides=sides)


def ellipsoid(center, radii, *, sides: int = 16) -> Mesh:
    """An ellipsoid with half-axes along the coordinates."""
    angle = np.linspace(-np.pi / 2, np.pi / 2, sides // 2 + 1)
    return revolve(np.stack([np.cos(angle), np.sin(angle)], axis=1), sides=sides).stretched(radii).moved(center)


def torus(radius: Number, thickness: Number, *, sides: int = 24) -> Mesh:
    """A ring around the z axis: its radius, and that of its section."""
    return tube(np.pad(polygon(sides, radius), ((0, 0), (0, 1))), thickness, sides=8, closed=True)


def plate(outline: Float[np.ndarray, "m 2"], thickness: Number) -> Mesh:
    """An outline in the plane of x and y, star-shaped around its mean, as thick along z, half on either side."""
    return loft(np.stack([np.insert(outline, 2, z, axis=1) for z in (-thickness / 2, thickness / 2)]))


def slab(outline: Float[np.ndarray, "m 2"], bottom: Number, thickness: Number) -> Mesh:
    """An outline in the plane of x and z, lying at a height, as thick upwards."""
    return loft(np.stack([np.insert(outline, 1, y, axis=1) for y in (bottom, bottom + thickness)]))


def hull(z, width, height, level, exponent: Number = 2.0, *, sides: int = 16) -> Mesh:
    """A body along z through superelliptic sections of given widths, heights and heights of their centres."""
    section = superellipse(1, 1, exponent, sides=sides)
    size = np.stack(np.broadcast_arrays(width, height), axis=-1).astype(float)
    ring = section * size[:, None] + np.insert(np.asarray(level, dtype=float)[:, None], 0, 0, axis=1)[:, None]
    return loft(
        np.concatenate([ring, np.broadcast_to(np.asarray(z, dtype=float)[:, None, None], (*ring.shape[:2], 1))], axis=2)
    )


def wing(root, tip, chords: tuple[Number, Number], thickness: Number, *, upright: bool = False) -> Mesh:
    """A wing between the leading edges of its root and its tip; sections run backwards (-z) along the chords.

    Parameters
    ----------
    root, tip
        Leading edges.
    chords
        Lengths of the sections at root and tip.
    thickness
        Greatest thickness as a share of the chord.
    upright
        Whether thickness is along x (a fin) instead of y (a wing).
    """
    along = np.array([0, 0.05, 0.25, 0.6, 1.0, 0.6, 0.25, 0.05])
    above = np.array([0, 0.25, 0.5, 0.35, 0, -0.35, -0.5, -0.25]) * thickness
    section = np.stack([above, 0 * above, -along] if upright else [0 * above, above, -along], axis=1)
    return loft(np.stack([np.asarray(edge) + chord * section for edge, chord in zip((root, tip), chords, strict=True)]))

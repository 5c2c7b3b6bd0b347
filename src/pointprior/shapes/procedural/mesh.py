"""Closed triangle meshes, all made in one way: rings of vertices joined to their neighbours (lofting).

A box, a tube, a solid of revolution, a wing and a fuselage differ only in their rings, so that one function closes
them and turns their faces outwards.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int


@dataclass(frozen=True)
class Mesh:
    """A closed surface of triangles.

    Attributes
    ----------
    vertices : ndarray, shape=(v, 3)
        Positions.
    triangles : ndarray, shape=(t, 3)
        Indices of three vertices each, counter-clockwise as seen from outside.
    """

    vertices: Float[np.ndarray, "v 3"]
    triangles: Int[np.ndarray, "t 3"]

    def corners(self) -> Float[np.ndarray, "t 3 3"]:
        """Vertices of every triangle."""
        return self.vertices[self.triangles]

    def volume(self) -> float:
        """Signed volume within the surface: positive if faces are turned outwards."""
        a, b, c = self.corners().swapaxes(0, 1)
        return float((a * np.cross(b, c)).sum() / 6)

    def moved(self, offset) -> "Mesh":
        """Shifted by a vector."""
        return Mesh(self.vertices + np.asarray(offset, dtype=float), self.triangles)

    def turned(self, axis: str, degrees: float | int, *, about=(0.0, 0.0, 0.0)) -> "Mesh":
        """Rotated around an axis of coordinates through a point, counter-clockwise as seen from the axis' tip."""
        first, second = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
        cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
        rotation = np.eye(3)
        rotation[[first, first, second, second], [first, second, first, second]] = cos, -sin, sin, cos
        return Mesh((self.vertices - about) @ rotation.T + about, self.triangles)

    def stretched(self, factors) -> "Mesh":
        """Scaled along the axes; a negative factor mirrors."""
        factors = np.asarray(factors, dtype=float)
        flip = -1 if factors.prod() < 0 else 1
        return Mesh(self.vertices * factors, self.triangles[:, ::flip])

    def with_mirror_image(self) -> "Mesh":
        """This and its mirror image on the other side of the plane x = 0."""
        return join([self, self.stretched((-1, 1, 1))])


# parts of an object: the name of each, and a mesh of it
Parts = Iterator[tuple[str, Mesh]]


def join(meshes: Iterable[Mesh]) -> Mesh:
    """Meshes as one; surfaces that cross stay as they are."""
    meshes = list(meshes)
    first = np.cumsum([0] + [len(mesh.vertices) for mesh in meshes[:-1]])
    return Mesh(
        np.concatenate([mesh.vertices for mesh in meshes]),
        np.concatenate([mesh.triangles + start for mesh, start in zip(meshes, first, strict=True)]),
    )


def loft(rings: Float[np.ndarray, "k m 3"], *, closed: bool = False) -> Mesh:
    """The surface through k rings of m vertices, which ends in fans around the end rings' centres.

    Parameters
    ----------
    rings
        Vertices; the j-th of a ring is joined to the j-th of the next. An end ring has to be star-shaped around its
        mean, and may shrink to a point.
    closed
        Join the last ring to the first (a torus), instead of closing the ends.
    """
    k, m, _ = rings.shape
    following = np.roll(np.arange(k * m).reshape(k, m), -1, axis=1)
    ring = np.arange(k * m).reshape(k, m)
    upper, upper_following = (np.roll(index, -1, axis=0)[: k if closed else -1] for index in (ring, following))
    lower, lower_following = (index[: k if closed else -1] for index in (ring, following))
    quads = [(lower, lower_following, upper_following), (lower, upper_following, upper)]
    triangles = [np.stack(corners, axis=-1).reshape(-1, 3) for corners in quads]
    vertices = [rings.reshape(-1, 3)]
    if not closed:
        vertices.append(rings[[0, -1]].mean(axis=1))
        triangles.append(np.stack([np.full(m, k * m), following[0], ring[0]], axis=-1))
        triangles.append(np.stack([np.full(m, k * m + 1), ring[-1], following[-1]], axis=-1))
    return _outward(Mesh(np.concatenate(vertices), np.concatenate(triangles)))


def _outward(mesh: Mesh) -> Mesh:
    return mesh if mesh.volume() >= 0 else Mesh(mesh.vertices, mesh.triangles[:, ::-1])

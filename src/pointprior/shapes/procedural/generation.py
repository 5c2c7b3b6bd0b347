"""Objects drawn by key: parameters, meshes, and points spread evenly over their surfaces."""

from collections.abc import Iterable, Iterator
from types import SimpleNamespace

import numpy as np
from jaxtyping import Float, Int

from pointprior.runtime.seeding import numpy_generator
from pointprior.shapes.layout import RawShape
from pointprior.shapes.procedural.mesh import Mesh, join
from pointprior.shapes.procedural.models import MODELS
from pointprior.shapes.procedural.parameters import draw

POINTS = (2000, 2900)  # fewest and most points of an object, as in the archive


def generate(category: str, key: tuple[str | int, ...], *, points: int | None = None) -> RawShape:
    """The object of a category that belongs to a key.

    Parameters
    ----------
    category
        Its name, one of `shapes.categories`.
    key
        What the object is drawn by: the same key gives the same object.
    points
        How many; by default a number that varies from object to object, as in the archive.

    Returns
    -------
    RawShape
        Points independently and uniformly distributed over the surfaces of all parts, y up, x to the right as one
        faces the front (z). The box around the object has its centre at the origin and a diagonal of 2.
    """
    model = MODELS[category]
    generator = numpy_generator(*key, category)
    parts = list(model.build(draw(model.parameters, generator)))
    count = int(generator.integers(POINTS[0], POINTS[1] + 1)) if points is None else points
    labels = np.repeat([model.label(part) for part, _ in parts], [len(mesh.triangles) for _, mesh in parts])
    positions, normals, triangle = sample_surface(normalised(join(mesh for _, mesh in parts)), count, generator)
    return RawShape(positions.astype(np.float32), normals.astype(np.float32), labels[triangle])


def generate_many(category: str, keys: Iterable[tuple[str | int, ...]]) -> Iterator[RawShape]:
    """Objects of a category, one for each key."""
    return (generate(category, key) for key in keys)


def parameters_of(category: str, key: tuple[str | int, ...]) -> SimpleNamespace:
    """The parameters of the object that belongs to a key."""
    return draw(MODELS[category].parameters, numpy_generator(*key, category))


def normalised(mesh: Mesh) -> Mesh:
    """Shifted and scaled so that the box around it has its centre at the origin and a diagonal of 2."""
    low, high = mesh.vertices.min(axis=0), mesh.vertices.max(axis=0)
    return mesh.moved(-(low + high) / 2).stretched(np.full(3, 2 / np.linalg.norm(high - low)))


def sample_surface(
    mesh: Mesh, points: int, generator: np.random.Generator
) -> tuple[Float[np.ndarray, "n 3"], Float[np.ndarray, "n 3"], Int[np.ndarray, " n"]]:
    """Points uniform over a mesh's area, the unit normals of their triangles, and which triangles they are on.

    References
    ----------
    Osada, Funkhouser, Chazelle and Dobkin, Shape distributions, ACM Transactions on Graphics 21 (2002), section 3.1.
    """
    a, b, c = mesh.corners().swapaxes(0, 1)
    cross = np.cross(b - a, c - a)
    twice_area = np.linalg.norm(cross, axis=1)
    triangle = generator.choice(len(twice_area), size=points, p=twice_area / twice_area.sum())
    root, share = np.sqrt(generator.random(points))[:, None], generator.random(points)[:, None]
    positions = (1 - root) * a[triangle] + root * (1 - share) * b[triangle] + root * share * c[triangle]
    return positions, cross[triangle] / twice_area[triangle, None], triangle

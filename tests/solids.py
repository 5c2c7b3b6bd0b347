"""Questions to closed meshes that the tests ask: edges, components, area, winding numbers."""

import numpy as np
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from pointprior.shapes.procedural.mesh import Mesh


def is_watertight(mesh: Mesh) -> bool:
    """Whether every edge is passed once in each direction, by two triangles turned the same way."""
    edges = np.concatenate([mesh.triangles[:, pair] for pair in ([0, 1], [1, 2], [2, 0])])
    forth, back = (np.sort(edges @ (weights := (len(mesh.vertices), 1))), np.sort(edges[:, ::-1] @ weights))
    return bool((forth == back).all() and (np.diff(forth) > 0).all())


def area(mesh: Mesh) -> float:
    a, b, c = mesh.corners().swapaxes(0, 1)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def components(mesh: Mesh) -> list[Mesh]:
    """The closed surfaces that a mesh consists of."""
    edges = mesh.triangles[:, [0, 1, 1, 2]].reshape(-1, 2)
    count = len(mesh.vertices)
    graph = coo_matrix((np.ones(len(edges)), edges.T), shape=(count, count))
    owner = connected_components(graph, directed=False)[1][mesh.triangles[:, 0]]
    return [Mesh(mesh.vertices, mesh.triangles[owner == number]) for number in np.unique(owner)]


def winding_number(mesh: Mesh, places: np.ndarray) -> np.ndarray:
    """How often the surface goes round each place: 1 within a simple surface, 0 outside.

    The solid angles of all triangles (Van Oosterom and Strackee, IEEE Trans. Biomed. Eng. 30, 1983) over 4 pi.
    """
    a, b, c = (mesh.corners()[None, :, corner] - places[:, None] for corner in range(3))
    la, lb, lc = (np.linalg.norm(side, axis=-1) for side in (a, b, c))
    above = (a * np.cross(b, c)).sum(-1)
    below = la * lb * lc + (a * b).sum(-1) * lc + (b * c).sum(-1) * la + (c * a).sum(-1) * lb
    return np.arctan2(above, below).sum(axis=1) / (2 * np.pi)

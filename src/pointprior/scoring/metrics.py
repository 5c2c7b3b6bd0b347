"""Distances between point sets; each is in the unit of the points given."""

import numpy as np
from jaxtyping import Float
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from pointprior.measurements.matching import partners


def rmsd_atomic(atoms: Float[np.ndarray, "n 3"], model: Float[np.ndarray, "N 3"]) -> float:
    """Root-mean-square distance of every atom to the model point nearest to it.

    Examples
    --------
    >>> rmsd_atomic(np.array([[0.0, 0, 0], [2.0, 0, 0]]), np.array([[0.0, 1, 0], [2.0, 1, 0], [9.0, 9, 9]]))
    1.0
    """
    check_points(atoms=atoms, model=model)
    distance, _ = cKDTree(model).query(atoms)
    return float(np.sqrt((distance**2).mean()))


def rmsd_matched(truth: Float[np.ndarray, "N 3"], model: Float[np.ndarray, "K 3"]) -> float:
    """Root-mean-square distance under the optimal one-to-one matching.

    Raises
    ------
    ValueError
        If the two sets differ in size: there is no one-to-one matching.
    """
    _check_counts(truth=truth, model=model)
    squared = ((truth - model[partners(truth, model)]) ** 2).sum(axis=1)
    return float(np.sqrt(squared.mean()))


def chamfer(a: Float[np.ndarray, "N 3"], b: Float[np.ndarray, "M 3"]) -> float:
    """Chamfer distance, unsquared: mean distance to the nearest point, from `a` to `b` plus from `b` to `a`."""
    check_points(a=a, b=b)
    return float(cKDTree(b).query(a)[0].mean() + cKDTree(a).query(b)[0].mean())


def emd(a: Float[np.ndarray, "N 3"], b: Float[np.ndarray, "K 3"]) -> float:
    """Earth mover's distance: mean distance under the optimal one-to-one matching.

    Raises
    ------
    ValueError
        If the two sets differ in size: there is no one-to-one matching.
    """
    _check_counts(a=a, b=b)
    distance = cdist(a, b)  # unsquared: not the problem that `partners` solves
    return float(distance[linear_sum_assignment(distance)].mean())


def check_points(**sets: Float[np.ndarray, "_ 3"]) -> None:
    """Raise a `ValueError` that names the first set without points, or with points that are not finite."""
    for name, points in sets.items():
        if len(points) == 0:
            raise ValueError(f"{name}: no points")
        broken = len(points) - np.isfinite(points).all(axis=1).sum()
        if broken:
            raise ValueError(f"{name}: {broken} of {len(points)} points are not finite")


def _check_counts(**sets: Float[np.ndarray, "_ 3"]) -> None:
    check_points(**sets)
    (first, a), (second, b) = sets.items()
    if len(a) != len(b):
        raise ValueError(f"a one-to-one matching needs equal counts: {first} has {len(a)} points, {second} {len(b)}")

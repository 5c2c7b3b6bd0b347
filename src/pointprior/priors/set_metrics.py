"""How well a set of samples represents a set of references: 1-NNA, COV and MMD (Yang et al. 2019).

All are based on Chamfer distances, as in Table 3 of the paper. A perfect model has 1-NNA of 50 %; COV is at best that
of another draw from the same distribution, for which the training set is the yardstick.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.spatial import cKDTree


@dataclass(frozen=True)
class SetMetrics:
    """Scores of a set of samples against references.

    Attributes
    ----------
    nna : float
        1-nearest-neighbour accuracy (leave one out, over both sets): 0.5 if the sets cannot be told apart.
    cov : float
        Coverage: share of the references that are nearest to some sample.
    mmd : float
        Minimum matching distance: mean over references of the distance to the nearest sample.
    """

    nna: float
    cov: float
    mmd: float


def chamfer_matrix(
    a: Float[np.ndarray, "S N 3"],
    b: Float[np.ndarray, "R M 3"],
    *,
    threads: int = 1,
    progress: Callable[[int], None] | None = None,  # called with the number of clouds of `a` that are done
) -> Float[np.ndarray, "S R"]:
    """Chamfer distances (unsquared, sum of both means) of every cloud of `a` to every cloud of `b`."""
    trees_a, trees_b = ([cKDTree(cloud) for cloud in clouds] for clouds in (a, b))

    def row(one):
        distances = [one.query(other.data)[0].mean() + other.query(one.data)[0].mean() for other in trees_b]
        if progress is not None:
            progress(1)
        return distances

    with ThreadPoolExecutor(threads) as pool:  # queries release the interpreter's lock
        return np.array(list(pool.map(row, trees_a)))


def compare_sets(
    among_samples: Float[np.ndarray, "S S"],
    among_references: Float[np.ndarray, "R R"],
    across: Float[np.ndarray, "S R"],  # from every sample to every reference
) -> SetMetrics:
    """1-NNA, COV and MMD from the distances within and between the two sets.

    Examples
    --------
    >>> near, far = np.array([[0.0, 1.0], [1.0, 0.0]]), np.full((2, 2), 9.0)
    >>> compare_sets(near, near, far)  # two clusters: every nearest neighbour is of one's own set
    SetMetrics(nna=1.0, cov=0.5, mmd=9.0)
    """
    samples, references = across.shape
    pooled = np.block([[among_samples, across], [across.T, among_references]])
    np.fill_diagonal(pooled, np.inf)
    is_sample = np.arange(samples + references) < samples
    nna = float((is_sample[pooled.argmin(axis=1)] == is_sample).mean())
    cov = len(np.unique(across.argmin(axis=1))) / references
    return SetMetrics(nna, cov, float(across.min(axis=0).mean()))

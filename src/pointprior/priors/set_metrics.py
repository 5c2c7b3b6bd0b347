"""How well a set of samples represents a set of references: 1-NNA, COV and MMD (Yang et al. 2019).

All are based on Chamfer distances, as in Table 3 of the paper. A perfect model has 1-NNA of 50 %; COV is at best that
of another draw from the same distribution, for which the training set is the yardstick.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numba import njit


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
    a, b = (np.ascontiguousarray(clouds.transpose(0, 2, 1), dtype=np.float32) for clouds in (a, b))  # (S, 3, N)

    def row(one):
        distances = [_mean_distance(one, other) + _mean_distance(other, one) for other in b]
        if progress is not None:
            progress(1)
        return distances

    with ThreadPoolExecutor(threads) as pool:  # the loops below release the interpreter's lock
        return np.array(list(pool.map(row, a)))


@njit(cache=True, nogil=True, fastmath={"nnan", "ninf", "nsz", "contract"})
def _mean_distance(a: Float[np.ndarray, "3 N"], b: Float[np.ndarray, "3 M"]) -> float:
    """Mean distance of the points of `b` to the nearest of `a`.

    All pairs are looked at, many at a time in the processor's registers, which is faster than search trees for clouds
    of a thousand points.
    """
    nearest = np.full(b.shape[1], np.inf, dtype=np.float32)
    for i in range(a.shape[1]):
        x, y, z = a[0, i], a[1, i], a[2, i]
        for j in range(b.shape[1]):
            squared = (b[0, j] - x) ** 2 + (b[1, j] - y) ** 2 + (b[2, j] - z) ** 2
            nearest[j] = squared if squared < nearest[j] else nearest[j]
    return np.sqrt(nearest).mean()


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

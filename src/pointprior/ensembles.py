"""Samples of one posterior as an ensemble: which points correspond, which sample is central, how far they spread."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist


@dataclass(frozen=True)
class Ensemble:
    """Samples whose point j is the same point in every sample.

    Attributes
    ----------
    points : ndarray, shape=(S, N, 3)
        The samples, their points in the medoid's order.
    medoid : int
        Index of the sample with the least mean squared matched distance to the others.
    rmsf : ndarray, shape=(N,)
        Root-mean-square distance of point j from its mean over the samples, in the unit of the points.
    """

    points: Float[np.ndarray, "S N 3"]
    medoid: int
    rmsf: Float[np.ndarray, " N"]


def match_to_medoid(points: Float[np.ndarray, "S N 3"]) -> Ensemble:
    """Put the points of every sample in the order of the medoid's, by optimal one-to-one matching.

    Samples are compared where they are: superpose them first if their frames differ.
    """
    samples = len(points)
    cost = np.zeros((samples, samples))
    partner = {}  # (a, b) -> for every point of a its partner in b
    for a in range(samples):
        partner[a, a] = np.arange(points.shape[1])
        for b in range(a + 1, samples):
            squared = cdist(points[a], points[b], "sqeuclidean")
            rows, columns = linear_sum_assignment(squared)
            cost[a, b] = cost[b, a] = squared[rows, columns].mean()
            partner[a, b], partner[b, a] = columns, np.argsort(columns)
    medoid = int(cost.sum(axis=1).argmin())
    matched = np.stack([points[b][partner[medoid, b]] for b in range(samples)])
    deviation = matched - matched.mean(axis=0)
    return Ensemble(matched, medoid, np.sqrt((deviation**2).sum(axis=2).mean(axis=0)))

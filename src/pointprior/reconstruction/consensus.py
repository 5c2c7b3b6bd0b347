"""One answer from several samples: their barycentre under optimal matching, relaxed to their own spacing.

The barycentre is the cloud with the least mean squared matched distance to all samples (a free-support Wasserstein
barycentre, found as by Cuturi & Doucet 2014: match, average, and again). Averages of matched points lie closer together
and less evenly than the points of any sample, which relaxing takes back.
"""

import numpy as np
import torch
from jaxtyping import Float
from scipy.spatial import cKDTree

from pointprior.measurements.matching import match
from pointprior.reconstruction.regularisation import PairDistances

ROUNDS = 50  # of matching and averaging at most; a few are usual


def barycentre(points: Float[np.ndarray, "S N 3"]) -> Float[np.ndarray, "N 3"]:
    """The cloud of least mean squared matched distance to samples in one frame, or one that no rematching betters.

    The search begins at the medoid and ends once averaging no longer brings the cloud nearer to the samples.
    """
    points = points.astype(np.float64)
    ones = np.ones(points.shape[1], dtype=np.int64)
    costs = [sum(match(cloud, other, ones).cost for other in points) for cloud in points]
    centre, nearest = points[int(np.argmin(costs))], np.inf
    for _ in range(ROUNDS):
        matchings = [match(centre, cloud, ones) for cloud in points]
        cost = sum(matching.cost for matching in matchings)
        if cost >= nearest * (1 - 1e-9):
            break
        centre, nearest = np.mean([points[s][m.target] for s, m in enumerate(matchings)], axis=0), cost
    return centre


def consensus(points: Float[np.ndarray, "S N 3"], *, rounds: int = 10) -> Float[np.ndarray, "N 3"]:
    """The samples' barycentre, relaxed until no points overlap at their spacing and none stands alone.

    Parameters
    ----------
    points : ndarray, shape=(S, N, 3)
        Samples in one frame, as methods return them.
    rounds : int
        Steps of relaxation; 0 leaves the barycentre as it is.

    Returns
    -------
    ndarray, shape=(N, 3)
        In the unit of the samples.
    """
    centre = torch.from_numpy(barycentre(points)[None])
    return PairDistances(spacing(points)).relax(centre, rounds=rounds)[0].numpy()


def spacing(points: Float[np.ndarray, "S N 3"]) -> float:
    """Median distance of a sample's point to the nearest other, as a mean over samples."""
    return float(np.mean([np.median(cKDTree(cloud).query(cloud, k=2)[0][:, 1]) for cloud in points]))

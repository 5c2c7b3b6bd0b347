"""Samples of one posterior as an ensemble: which points correspond, which sample is central, how far they spread."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from pointprior.measurements.matching import partners


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


@dataclass(frozen=True)
class Pairing:
    """Optimal one-to-one matchings between all pairs of samples.

    Attributes
    ----------
    points : ndarray, shape=(S, N, 3)
        The samples as given.
    cost : ndarray, shape=(S, S)
        Mean squared matched distance of two samples.
    partner : ndarray, shape=(S, S, N)
        For every point of sample a its partner in sample b.
    """

    points: Float[np.ndarray, "S N 3"]
    cost: Float[np.ndarray, "S S"]
    partner: Int[np.ndarray, "S S N"]

    def medoid(self, members: Int[np.ndarray, " K"]) -> int:
        """The member with the least mean squared matched distance to the other members."""
        return int(members[self.cost[np.ix_(members, members)].sum(axis=1).argmin()])

    def ordered(self, members: Int[np.ndarray, " K"], by: int) -> Float[np.ndarray, "K N 3"]:
        """The members' points in the order of the points of sample `by`."""
        return np.stack([self.points[member][self.partner[by, member]] for member in members])


def pair(points: Float[np.ndarray, "S N 3"]) -> Pairing:
    """Match the points of all pairs of samples, without superposing them."""
    samples, count = points.shape[:2]
    cost = np.zeros((samples, samples))
    partner = np.tile(np.arange(count), (samples, samples, 1))
    for a in range(samples):
        for b in range(a + 1, samples):
            found = partners(points[a], points[b])
            cost[a, b] = cost[b, a] = ((points[a] - points[b, found]) ** 2).sum(axis=1).mean()
            partner[a, b], partner[b, a] = found, np.argsort(found)
    return Pairing(points, cost, partner)


def fluctuation(points: Float[np.ndarray, "S N 3"]) -> Float[np.ndarray, " N"]:
    """Root-mean-square distance of point j from its mean over the samples, their points in the same order."""
    return np.sqrt(((points - points.mean(axis=0)) ** 2).sum(axis=2).mean(axis=0))


def match_to_medoid(points: Float[np.ndarray, "S N 3"]) -> Ensemble:
    """Put the points of every sample in the order of the medoid's, by optimal one-to-one matching.

    Samples are compared in place: superpose them first if their frames differ.
    """
    pairing, everyone = pair(points), np.arange(len(points))
    medoid = pairing.medoid(everyone)
    matched = pairing.ordered(everyone, medoid)
    return Ensemble(matched, medoid, fluctuation(matched))

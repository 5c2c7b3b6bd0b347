"""What holds of every point of an ensemble: its spread, its error, and whether the prior or the data decided it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from pointprior.measurements.matching import partners
from pointprior.scoring.ensembles import fluctuation, match_to_medoid


@dataclass(frozen=True)
class Pointwise:
    """Samples of one posterior, point by point, in units of the cube.

    Attributes
    ----------
    points : ndarray, shape=(S, N, 3)
        The samples, their points in the medoid's order, the samples in the given one.
    partner : ndarray, shape=(N,)
        For every point the true one that it is matched to.
    spread : ndarray, shape=(N,)
        Fluctuation over the samples.
    error : ndarray, shape=(N,)
        Distance of the samples' mean from the true partner.
    contraction : ndarray, shape=(N,) or None
        1 - (spread / spread without measurements)², at least 0: near 1, the data decided where the point is; near 0, it
        is as open as before. None where there are no samples without measurements, or only one.
    """

    points: Float[np.ndarray, "S N 3"]
    partner: Int[np.ndarray, " N"]
    spread: Float[np.ndarray, " N"]
    error: Float[np.ndarray, " N"]
    contraction: Float[np.ndarray, " N"] | None


def assess_points(
    samples: Float[np.ndarray, "S N 3"],
    truth: Float[np.ndarray, "N 3"],
    without: Float[np.ndarray, "P N 3"] | None = None,
) -> Pointwise:
    """Match samples to their medoid, the truth to it as well, and the samples without measurements, if any.

    Nothing is superposed: the measurements define the frame.
    """
    ensemble = match_to_medoid(np.asarray(samples, dtype=np.float64))
    medoid = ensemble.points[ensemble.medoid]
    partner = partners(medoid, truth)
    error = np.linalg.norm(ensemble.points.mean(axis=0) - truth[partner], axis=1)
    contraction = None
    if without is not None and min(len(without), len(samples)) > 1:
        contraction = _contraction(ensemble.rmsf, np.stack([cloud[partners(medoid, cloud)] for cloud in without]))
    return Pointwise(ensemble.points, partner, ensemble.rmsf, error, contraction)


def _contraction(spread: Float[np.ndarray, " N"], without: Float[np.ndarray, "P N 3"]) -> Float[np.ndarray, " N"]:
    """Share of the variance that measuring removed."""
    before = np.maximum(fluctuation(without.astype(np.float64)), 1e-12)
    return np.clip(1 - (spread / before) ** 2, 0, 1)

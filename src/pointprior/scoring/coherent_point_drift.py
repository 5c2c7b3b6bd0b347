"""Superposition by coherent point drift (Myronenko & Song, IEEE TPAMI 2010), the rigid registration of `pycpd`.

The truth's points are taken for draws from a Gaussian mixture whose means are the moved model's points; expectation
and maximisation find the proper rigid motion, and the common variance, of largest likelihood. EM climbs to the
nearest maximum, so that it starts from the same rotations as the kernel correlation does, on the centroids of both
clouds; the full clouds decide between the best.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from pycpd import RigidRegistration
from scipy.spatial.distance import cdist
from scipy.special import logsumexp

from pointprior.scoring.alignment import Alignment, centred, centroids, distinct, posed, start_rotations

WIDEST = 0.3  # first standard deviation of the mixture, of the radius of gyration
COARSE_ITERATIONS = 40
ITERATIONS = 40
REFINED = 1  # distinct poses that the full clouds compare with the pose as given
TOLERANCE = 1e-4  # change of the objective per point that counts as converged
SHARPEST = 1e-6  # least variance, of the first: exact copies would drive it to zero


def register(
    model: Float[np.ndarray, "N 3"],
    truth: Float[np.ndarray, "M 3"],
    *,
    starts: int = 24,  # identity, four that match the principal axes, the rest spread evenly over all rotations
    seed: int = 0,  # turns the even spread
) -> Alignment:
    """Find the proper rigid motion of the model under which the truth is likeliest.

    Deterministic. The two sets need the same scale, but neither the same number of points nor the same order.

    Raises
    ------
    ValueError
        If either set is not finite or has no extent, or there is no start.
    """
    if starts < 1:
        raise ValueError(f"a registration needs at least one start, not {starts}")
    model, model_centre, _ = centred("model", model)
    truth, truth_centre, extent = centred("truth", truth)
    rotations = start_rotations(truth, model, starts, seed)
    variance, coarse = (WIDEST * extent) ** 2, (centroids(truth), centroids(model))
    found = [_maximise(*coarse, rotation, variance, COARSE_ITERATIONS) for rotation in rotations]
    turned, likelihood = np.stack([f.rotation for f in found]), np.array([f.likelihood for f in found])
    best = distinct(turned, np.argsort(-likelihood, kind="stable"))[:REFINED]
    refined = [_maximise(truth, model, found[pose].rotation, found[pose].variance, ITERATIONS) for pose in best]
    refined.insert(0, _maximise(truth, model, np.eye(3), min(found[pose].variance for pose in best), ITERATIONS))
    # of equally likely poses the first, so that a symmetric truth stays as it is
    highest = max(pose.likelihood for pose in refined)
    winner = next(pose for pose in refined if pose.likelihood >= highest - TOLERANCE * len(truth))
    return posed(winner.rotation, winner.shift, truth, model, truth_centre, model_centre)


@dataclass(frozen=True)
class _Maximum:
    rotation: Float[np.ndarray, "3 3"]
    shift: Float[np.ndarray, "3"]
    variance: float
    likelihood: float  # logarithm


def _maximise(truth, model, rotation, variance, iterations) -> _Maximum:
    """Climb from a rotation about the common mean to the nearest maximum of the likelihood."""
    registration = _RigidRegistration(
        X=truth,
        Y=model @ rotation.T,  # pycpd takes no start but identity: its check of R refuses rotations
        sigma2=float(variance),
        max_iterations=iterations,
        tolerance=TOLERANCE * len(truth),
    )
    moved, (_, turn, shift) = registration.register()
    likelihood = _log_likelihood(truth, moved, registration.sigma2)
    return _Maximum(turn.T @ rotation, shift, registration.sigma2, likelihood)


def _log_likelihood(truth: np.ndarray, moved: np.ndarray, variance: float) -> float:
    """Of the truth's points, drawn from equal Gaussians on the moved model's."""
    each = logsumexp(-cdist(truth, moved, "sqeuclidean") / (2 * variance), axis=1)
    return float(each.sum() - len(truth) * (1.5 * np.log(2 * np.pi * variance) + np.log(len(moved))))


class _RigidRegistration(RigidRegistration):
    """Rigid registration without a scale: pycpd 2.0.0 estimates one even if told not to."""

    sigma2: float
    q: float

    def __init__(self, **arguments):
        super().__init__(**arguments)
        self.least = SHARPEST * self.sigma2

    def expectation(self):
        """As in pycpd without outliers, but without its arrays of shape (M, N, 3)."""
        likely = np.exp(-cdist(self.TY, self.X, "sqeuclidean") / (2 * self.sigma2))
        self.P = likely / np.maximum(likely.sum(axis=0), np.finfo(float).tiny)
        self.Pt1, self.P1 = self.P.sum(axis=0), self.P.sum(axis=1)
        self.Np = self.P1.sum()

    def update_transform(self):
        """The rotation is that of `pycpd`; without a scale the translation is another."""
        super().update_transform()
        self.s = 1.0
        self.t = ((self.P @ self.X).sum(axis=0) - self.P1 @ self.Y @ self.R) / self.Np

    def update_variance(self):
        """The M-step's variance at scale 1, and the objective that decides convergence."""
        before = self.q
        spread = self.Pt1 @ (self.X_hat**2).sum(axis=1)
        residual = float(spread - 2 * np.trace(self.A @ self.R) + self.YPY)
        self.q = residual / (2 * self.sigma2) + self.D * self.Np / 2 * np.log(self.sigma2)
        self.diff = abs(self.q - before)
        self.sigma2 = max(residual / (self.Np * self.D), self.least)

"""Langevin dynamics of a cloud whose points a Gaussian expects somewhere and targets pull elsewhere."""

import math
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from pointprior.reconstruction.point_gaussians import PointGaussians, Targets


def langevin(
    start: Float[np.ndarray, "S N 3"],
    targets: Targets,
    noise: Callable[[], Float[np.ndarray, "S N 3"]],
    *,
    deviation: float,
    steps: int,
    step: float,
) -> Float[np.ndarray, "S N 3"]:
    """Clouds of about the density N(z; start, deviation²) p(y|z).

    The dynamics are preconditioned by the covariance C of the points given their targets, so that directions which are
    measured to a thousandth and directions which nothing is known of relax alike: dz = (m - z) dτ + √(2C) dW with m the
    points' mean given their targets. Between two matchings that is an Ornstein-Uhlenbeck process, whose steps are exact
    at any length: what a long step gets wrong is the matching, which it holds fixed.

    Parameters
    ----------
    start : ndarray, shape=(S, N, 3)
        Where the points are expected, and where the dynamics begin.
    targets : Targets
        The likelihood p(y|z).
    noise : callable
        Standard normal numbers.
    deviation : float
        Standard deviation of what is expected, in units of the cube.
    steps, step : int and float
        Matchings, and the length of the steps in relaxation times.
    """
    expected = PointGaussians.around(start, deviation)
    z, kept = start, math.exp(-step)
    for _ in range(steps):
        local = targets.given(expected, z, uncertainty=deviation)
        mean = local.mean()
        z = mean + kept * (z - mean) + math.sqrt(1 - kept**2) * local.shaped(noise())
    return z

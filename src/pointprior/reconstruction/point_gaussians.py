"""Every point as a Gaussian: where the prior expects it, and where the targets that are matched to it say it is.

With the matching held fixed, the logarithm of the likelihood is quadratic, and points are independent of each other. So
what a Gaussian prior and the measurements say together has a closed form: precisions and pulls add up.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from jaxtyping import Float

from pointprior.measurements.energy import Duals, Energy, Paired
from pointprior.reconstruction.poses import PoseRefinement, matched


@dataclass(frozen=True)
class PointGaussians:
    """Independent Gaussians of the points of several clouds, in information form.

    Attributes
    ----------
    precision : ndarray, shape=(S, N, 3, 3)
        Inverse covariance of every point.
    pull : ndarray, shape=(S, N, 3)
        Precision times mean.
    """

    precision: Float[np.ndarray, "S N 3 3"]
    pull: Float[np.ndarray, "S N 3"]

    @classmethod
    def around(cls, mean: Float[np.ndarray, "S N 3"], deviation: float) -> "PointGaussians":
        """All coordinates with one standard deviation."""
        precision = np.broadcast_to(np.eye(3) / deviation**2, (*mean.shape, 3)).copy()
        return cls(precision, mean / deviation**2)

    def seeing(self, paired: Paired, precision: float | Float[np.ndarray, "S 1 1"]) -> "PointGaussians":
        """Given, besides, targets whose coordinates have such a precision."""
        view, y = paired.views.astype(np.float64), paired.wanted.astype(np.float64)  # (S, 3, d) and (S, N, d)
        across = view.swapaxes(1, 2)  # (S, d, 3)
        trust = precision * paired.share[..., None]  # (S, N, 1)
        return replace(
            self,
            precision=self.precision + trust[..., None] * (view @ across)[:, None],
            pull=self.pull + trust * (y @ across),
        )

    def mean(self) -> Float[np.ndarray, "S N 3"]:
        """Means, which are also the modes."""
        return np.linalg.solve(self.precision, self.pull[..., None])[..., 0]

    def shaped(self, noise: Float[np.ndarray, "S N 3"]) -> Float[np.ndarray, "S N 3"]:
        """Standard normal numbers as deviations from the means."""
        root = np.linalg.cholesky(self.precision)  # L with L Lᵀ the precision: L⁻ᵀ ξ has its inverse as covariance
        return np.linalg.solve(root.swapaxes(-1, -2), noise[..., None])[..., 0]


def given_targets(
    expected: PointGaussians, matched: Sequence[Paired], precisions: Sequence[float | Float[np.ndarray, "S 1 1"]]
) -> PointGaussians:
    """What is expected and all that is seen, together."""
    for paired, precision in zip(matched, precisions, strict=True):
        expected = expected.seeing(paired, precision)
    return expected


class Targets:
    """A likelihood in real units along the trajectories of some samples: log p(y|x) = -½ Σ_k K w_k / σ_k² D_k(x).

    D_k are the squared distances of observation k under its optimal matching and σ_k² = σ² + noise² + spread²; equal
    weights w_k leave 1/σ_k². (A target of a low-resolution structure stands for points that have a spread.)

    Parameters
    ----------
    energy : Energy
        The measurements. Every matching takes the next draw of its U, and begins where the last one ended.
    sigma : float
        Standard deviation σ of a measured coordinate besides its noise, in units of the cube.
    refinement : PoseRefinement, optional
        Poses that follow the clouds.
    """

    def __init__(self, energy: Energy, sigma: float, refinement: PoseRefinement | None = None):
        observed = energy.observations
        self.energy, self.refinement = energy, refinement
        self.precisions = [len(observed) * o.weight / (sigma**2 + o.noise**2 + o.spread() ** 2) for o in observed]
        self._draws, self._duals = itertools.count(), Duals()

    def given(self, expected: PointGaussians, z: Float[np.ndarray, "S N 3"], *, uncertainty: float) -> PointGaussians:
        """What is expected, given the targets that clouds `z` are matched to."""
        draw, duals = next(self._draws), self._duals
        x = torch.from_numpy(z)
        pairs = matched(self.energy, x, self.refinement, draw=draw, duals=duals, uncertainty=uncertainty)
        return given_targets(expected, pairs, self.precisions)

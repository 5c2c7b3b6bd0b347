"""Problems whose posterior is known: points with a Gaussian prior, and images of them without names.

The prior of every point is Gaussian, and so is the error of a measured coordinate. With a given pairing of images and
points the posterior is Gaussian, too; it is drawn from exactly by enumerating all pairings.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import permutations

import numpy as np
import torch
from jaxtyping import Float, Int

from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observation, Observations

FRONT = np.eye(3)
SIDE = np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]])  # shares the first coordinate


@dataclass(frozen=True)
class Known:
    """A problem and its posterior, p(x|y) ∝ prior(x) Π_k max_P exp(-‖P y_k - x R_k‖² / 2σ²).

    Attributes
    ----------
    images : tuple of ndarray, shape=(N, 2)
        Projections, all of the same points.
    rotations : tuple of ndarray, shape=(3, 3)
        Their directions.
    deviations : tuple of float
        Standard deviations of the prior of every point along the axes; its mean is 0.
    sigma : float
        Standard deviation of a measured coordinate.
    """

    images: tuple[Float[np.ndarray, "N 2"], ...]
    rotations: tuple[Float[np.ndarray, "3 3"], ...]
    deviations: tuple[float, float, float] = (0.4, 0.4, 0.4)
    sigma: float = 0.1

    @cached_property
    def energy(self) -> Energy:
        """As samplers are given it; they are told σ beside it."""
        seen = zip(self.images, self.rotations, strict=True)
        items = [Observation.projection(image, rotation) for image, rotation in seen]
        return Energy(Observations.combine(items, points=self.points))

    @property
    def points(self) -> int:
        """N."""
        return len(self.images[0])

    def denoise(self, x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        """Exact D(x, t)."""
        variance = torch.tensor(self.deviations, dtype=x.dtype) ** 2
        return x * variance / (variance + t[:, None, None] ** 2)

    @cached_property
    def covariance(self) -> Float[np.ndarray, "3 3"]:
        """Of every point with any given pairing."""
        seen = sum(rotation[:, :2] @ rotation[:, :2].T for rotation in self.rotations)
        return np.linalg.inv(np.diag(np.array(self.deviations) ** -2.0) + seen / self.sigma**2)

    def misfit(self, x: Float[np.ndarray, "S N 3"]) -> Float[np.ndarray, "K S P"]:
        """‖P y_k - x R_k‖² / σ² for every image, sample and pairing."""
        orders = [list(order) for order in permutations(range(self.points))]
        found = []
        for image, rotation in zip(self.images, self.rotations, strict=True):
            seen = x @ rotation[:, :2]
            found.append([np.square(seen - image[order]).sum(axis=(1, 2)) for order in orders])
        return np.array(found).swapaxes(1, 2) / self.sigma**2

    def named(self, x: Float[np.ndarray, "S N 3"]) -> Float[np.ndarray, "S N 3"]:
        """Samples with their points in the order of the first image, to whose points they are matched."""
        orders = np.array(list(permutations(range(self.points))))
        places = np.argsort(orders[self.misfit(x)[0].argmin(axis=1)], axis=1)  # (S, N): which point has image i
        return np.take_along_axis(x, places[:, :, None], axis=1)

    def modes(self, x: Float[np.ndarray, "S N 3"]) -> Int[np.ndarray, " S"]:
        """Which pairing of the other images with the first one every sample has, as a number."""
        best = self.misfit(self.named(x)).argmin(axis=2)[1:]  # (K-1, S)
        count = len(list(permutations(range(self.points))))
        return sum((count**k * chosen for k, chosen in enumerate(best)), np.zeros(len(x), dtype=int))

    def exact(self, count: int, *, seed: int = 0) -> Float[np.ndarray, "S N 3"]:
        """Draws from the posterior, named.

        Proposals come from the mixture over all pairings of the sum in place of the maximum; they are kept with the
        share that their best pairing has in that sum.
        """
        generator, found = np.random.default_rng(seed), []
        weights, means = self._mixture()
        while sum(map(len, found)) < count:
            noise = generator.normal(size=(4 * count, self.points, 3)) @ np.linalg.cholesky(self.covariance).T
            x = means[generator.choice(len(weights), size=len(noise), p=weights)] + noise
            misfit = self.misfit(x)
            share = np.exp((misfit.min(axis=2, keepdims=True) - misfit) / 2).sum(axis=2).prod(axis=0) ** -1.0
            found.append(self.named(x[generator.uniform(size=len(x)) < share]))
        return np.concatenate(found)[:count]

    def _mixture(self) -> tuple[Float[np.ndarray, " C"], Float[np.ndarray, "C N 3"]]:
        """Weights and means for all pairings of the other images, the first one's being given."""
        orders = [list(order) for order in permutations(range(self.points))]
        first, *others = [image @ r[:, :2].T for image, r in zip(self.images, self.rotations, strict=True)]
        pulls = first[None]
        for pull in others:
            pulls = np.concatenate([pulls + pull[order] for order in orders])
        means = pulls / self.sigma**2 @ self.covariance  # (C, N, 3)
        logs = np.einsum("cni,cni->c", means, pulls) / self.sigma**2 / 2  # the rest is the same for all pairings
        weights = np.exp(logs - logs.max())
        return weights / weights.sum(), means


def one_point(deviations: tuple[float, float, float] = (0.4, 0.4, 0.4)) -> Known:
    """A point seen in one projection: linear and Gaussian."""
    return Known((np.array([[0.5, -0.2]]),), (FRONT,), deviations)


def three_points() -> Known:
    """Three points seen in two projections that share one coordinate, by which only one point can be told."""
    front = np.array([[-0.10, 0.35], [0.05, -0.30], [0.45, 0.05]])
    side = np.array([[-0.02, 0.30], [0.01, -0.25], [0.40, -0.10]])
    return Known((front, side), (FRONT, SIDE))

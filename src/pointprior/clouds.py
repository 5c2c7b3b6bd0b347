"""Point clouds in [-1, 1]³, and the frame that takes them back to the deposit's ångströms."""

import os
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Shaped

from pointprior.runtime.arrays import load_arrays
from pointprior.runtime.files import atomic_write


class DegenerateCloudError(ValueError):
    """Points that coincide, or lie in clumps far apart: nothing of their shape is left in the cube."""


@dataclass(frozen=True)
class PointCloud:
    """A cloud of points in the cube [-1, 1]³ and the frame it came from.

    Attributes
    ----------
    points : ndarray, shape=(N, 3), dtype=float32
        Coordinates in units of `scale`, centred on their mean.
    center : ndarray, shape=(3,)
        The points' mean in the deposit's frame (in Å).
    scale : float
        Ångströms per unit: the largest absolute centred coordinate.
    covariance : ndarray, shape=(3, 3)
        Covariance that all mixture components share (in Å²); zeros for clouds that are no mixture.
    chain : ndarray, shape=(N,), dtype=str
        Chain that most of a point's atoms belong to; empty strings where there are no chains.
    """

    points: Float[np.ndarray, "N 3"]
    center: Float[np.ndarray, "3"]
    scale: float
    covariance: Float[np.ndarray, "3 3"]
    chain: Shaped[np.ndarray, " N"]

    @classmethod
    def from_coordinates(
        cls,
        coordinates: Float[np.ndarray, "N 3"],
        *,
        covariance: Float[np.ndarray, "3 3"] | None = None,
        chain: Shaped[np.ndarray, " N"] | None = None,
    ) -> "PointCloud":
        """Centre coordinates (in Å) and scale the largest of them to one (PyG's `NormalizeScale`).

        Raises
        ------
        DegenerateCloudError
            If the points have no extent, or half of them are nearer to another than if all were scattered along a line.
        """
        points, center, scale = normalise(coordinates)
        spacing, extent = median_spacing(coordinates), float(np.ptp(coordinates, axis=0).max())
        if spacing < extent / (4 * len(points)):  # N points scattered along a line: ln 2 / 2N of the extent
            raise DegenerateCloudError(
                f"half of the {len(points)} points are within {spacing:.3g} Å of another, yet the cloud is "
                f"{extent:.3g} Å wide: they coincide, or lie in clumps far apart. Look for stray or repeated atoms"
            )
        return cls(
            points=points,
            center=center,
            scale=scale,
            covariance=np.zeros((3, 3)) if covariance is None else covariance,
            chain=np.full(len(coordinates), "") if chain is None else chain,
        )

    def to_angstrom(self, points: Float[np.ndarray, "*batch N 3"] | None = None) -> Float[np.ndarray, "*batch N 3"]:
        """Take `points` (this cloud's own by default) from the unit cube to the deposit's frame (in Å)."""
        points = self.points if points is None else points
        return np.asarray(points, dtype=np.float64) * self.scale + self.center

    def draw(self, generator: np.random.Generator) -> Float[np.ndarray, "N 3"]:
        """One point from each component of the mixture: its mean, moved by the shared covariance (units of the cube).

        Raises
        ------
        ValueError
            If the cloud is no mixture: its covariance is zero.
        """
        if not self.covariance.any():
            raise ValueError("the cloud has no covariance: it is no mixture, and there is no density to draw from")
        moved = generator.multivariate_normal(np.zeros(3), self.covariance, size=len(self.points)) / self.scale
        return (self.points + moved).astype(np.float32)

    def spacing(self) -> float:
        """Median distance to the nearest other point (in Å): what a model of this cloud can resolve."""
        return median_spacing(self.to_angstrom())

    def resolution(self) -> float:
        """Twice the spacing (in Å): nothing finer is claimed of a model of this cloud."""
        return 2 * self.spacing()

    def save(self, path: str | os.PathLike) -> None:
        """Write the cloud as a compressed .npz, whole or not at all."""
        with atomic_write(path) as temporary:
            np.savez_compressed(
                temporary,
                points=self.points,
                center=self.center,
                scale=self.scale,
                covariance=self.covariance,
                chain=self.chain,
            )

    @classmethod
    def load(cls, path: str | os.PathLike) -> "PointCloud":
        """Read a cloud that `save` wrote.

        Raises
        ------
        ValueError
            If the file holds no cloud.
        """
        stored = load_arrays(path, "points", "center", "scale", "covariance", "chain")
        return cls(
            points=stored["points"],
            center=stored["center"],
            scale=float(stored["scale"]),
            covariance=stored["covariance"],
            chain=stored["chain"],
        )


def normalise(
    coordinates: Float[np.ndarray, "N 3"],
) -> tuple[Float[np.ndarray, "N 3"], Float[np.ndarray, "3"], float]:
    """Centre coordinates on their mean and divide by the largest absolute one (PyG's `NormalizeScale`).

    Returns
    -------
    points : ndarray, shape=(N, 3), dtype=float32
        In [-1, 1]³.
    center : ndarray, shape=(3,)
        The mean.
    scale : float
        The largest absolute coordinate after centring.

    Raises
    ------
    DegenerateCloudError
        If the points have no extent, or one that is no number.
    """
    center = coordinates.mean(axis=0, dtype=np.float64)
    centred = coordinates - center
    scale = float(np.abs(centred).max())
    if not (np.isfinite(scale) and scale > 0):
        raise DegenerateCloudError(f"cannot normalise a cloud whose largest coordinate is {scale}")
    return (centred / scale).astype(np.float32), center, scale


def median_spacing(points: Float[np.ndarray, "N 3"]) -> float:
    """Median distance of the points to the nearest other, in the unit of the points; infinite for a single one."""
    from scipy.spatial import cKDTree

    return float(np.median(cKDTree(points).query(points, k=2)[0][:, 1]))


def radius_of_gyration(points: Float[np.ndarray, "*batch N 3"]) -> Float[np.ndarray, "*batch"]:
    """Root-mean-square distance of the points from their mean, in the unit of the points."""
    centred = points - points.mean(axis=-2, keepdims=True)
    return np.asarray(np.sqrt((centred**2).sum(-1).mean(-1)))

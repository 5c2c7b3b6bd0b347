"""How a projection comes about: which points it shows, its errors, and what is believed of its direction."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observation, balanced_capacities
from pointprior.runtime.rotations import random_rotations
from pointprior.runtime.seeding import numpy_generator

DRAWS = ("means", "density")


@dataclass(frozen=True)
class Imaging:
    """How projections differ from exact pictures of the same points.

    Every kind of error has a stream of random numbers of its own, and errors of different size are multiples or parts
    of each other. So all else is the same with and without an error.

    Attributes
    ----------
    draw : str
        "means": every projection shows points of the cloud, the same in all. "density": it shows points of its own,
        each drawn from a component of the mixture (no two from the same).
    noise : float
        Standard deviation of a projected point's coordinate (in Å). Methods are told.
    missing : float
        Share of a projection's points that are not seen.
    spurious : float
        False points, as a share of the projection's points: even over the rectangle that the points fill.
    pose_error : float
        Root-mean-square angle (in degrees) between a projection's true direction and the one that methods are told.
    """

    draw: str = "means"
    noise: float | int = 0.0
    missing: float | int = 0.0
    spurious: float | int = 0.0
    pose_error: float | int = 0.0

    def __post_init__(self):
        if self.draw not in DRAWS:
            raise ValueError(f"unknown draw {self.draw!r}; choose one of {', '.join(DRAWS)}")
        if not (np.isfinite(self.noise) and self.noise >= 0):
            raise ValueError(f"noise is a standard deviation, not negative and finite: {self.noise}")
        for name in ("missing", "spurious"):
            if not 0 <= getattr(self, name) < 1:
                raise ValueError(f"{name} is a share, from 0 to less than 1: {getattr(self, name)}")
        if not 0 <= self.pose_error <= 180:
            raise ValueError(f"pose_error is an angle from 0 to 180 degrees: {self.pose_error}")

    def seen(self, points: int) -> int:
        """Points that a projection of so many ends up with."""
        return points - round(self.missing * points) + round(self.spurious * points)

    def project(self, cloud: PointCloud, k: int, points: int, hand: str, key: tuple[str | int, ...]) -> Observation:
        """The k-th projection of a cloud: its points, rotated, without their third coordinate, with all errors."""
        generator = numpy_generator(*key, "projection", k)
        (rotation,) = random_rotations(1, hand, generator)
        capacity = balanced_capacities(len(cloud.points), points, generator)
        chosen = generator.permutation(len(cloud.points))[:points]
        shown = cloud.points if self.draw == "means" else cloud.draw(numpy_generator(*key, "density", k))
        targets = shown[chosen] @ rotation[:, :2].astype(np.float32)
        false = self._spurious_points(targets, numpy_generator(*key, "spurious", k))
        level = self.noise / cloud.scale
        if level:
            errors = level * numpy_generator(*key, "noise", k).standard_normal(targets.shape)
            targets = (targets + errors).astype(np.float32)
        targets = np.concatenate([targets[: points - round(self.missing * points)], false])
        if len(targets) != points:
            capacity = balanced_capacities(len(cloud.points), len(targets), numpy_generator(*key, "capacity", k))
        told = rotation @ self._turn(numpy_generator(*key, "pose", k)) if self.pose_error else rotation
        return replace(Observation.projection(targets, told, noise=level), capacity=capacity)

    def _spurious_points(
        self, targets: Float[np.ndarray, "M 2"], generator: np.random.Generator
    ) -> Float[np.ndarray, "L 2"]:
        low, high = targets.min(axis=0), targets.max(axis=0)
        drawn = generator.uniform(size=(round(self.spurious * len(targets)), 2))
        return (low + (high - low) * drawn).astype(np.float32)

    def _turn(self, generator: np.random.Generator) -> Float[np.ndarray, "3 3"]:
        """A rotation about an axis of any direction, by an angle of this root mean square."""
        vector = np.radians(self.pose_error) / np.sqrt(3) * generator.standard_normal(3)
        return Rotation.from_rotvec(vector).as_matrix()

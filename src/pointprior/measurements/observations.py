"""Measurements: target points, a linear view of the cloud, and how many points each target takes.

Projection, low-resolution structure and subunit are the same thing with other views and capacities.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Float, Int, Real
from scipy.spatial import cKDTree

from pointprior.measurements.kinds import KINDS
from pointprior.runtime.files import atomic_write
from pointprior.runtime.seeding import numpy_generator


@dataclass(frozen=True)
class Observation:
    """M target points, seen through a linear view, that the cloud's points are matched to.

    Make one with `projection`, `image`, `low_resolution`, `subunit` or `homologue`.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    targets : ndarray, shape=(M, d), dtype=float32
        Measured points in units of the cube; d = 2 for a projection or an image, otherwise 3.
    view : ndarray, shape=(3, d), dtype=float32
        The cloud `x` is seen as `x @ view`.
    capacity : ndarray, shape=(M,), dtype=int64
        Points of the cloud that each target takes; they sum to N, or to less for a part. Of more than N targets,
        those that are not drawn take none.
    weight : float
        Share of this observation in the energy.
    noise : float
        Standard deviation of the error of every target's coordinate, in units of the cube; see `Likelihood`.
    """

    kind: str
    targets: Float[np.ndarray, "M d"]
    view: Float[np.ndarray, "3 d"]
    capacity: Int[np.ndarray, " M"]
    weight: float = 1.0
    noise: float = 0.0

    def __post_init__(self):
        if not (np.isfinite(self.noise) and self.noise >= 0):
            raise ValueError(f"noise is a standard deviation, not negative and finite: {self.noise}")
        if self.kind not in KINDS:
            raise ValueError(f"unknown kind of observation {self.kind!r}; choose one of {', '.join(KINDS)}")

    @classmethod
    def projection(
        cls,
        points: Float[np.ndarray, "M 2"],
        rotation: Real[np.ndarray, "3 3"],
        *,
        weight: float | int = 1.0,
        noise: float | int = 0.0,
    ) -> "Observation":
        """A projection: the specimen `x` (N, 3) was rotated to `x @ rotation` and its third coordinate dropped.

        Raises
        ------
        ValueError
            If points are missing or not finite, or `rotation` is not orthogonal.

        Examples
        --------
        >>> specimen = np.random.default_rng(0).uniform(-1, 1, (50, 3))
        >>> Observation.projection(specimen[:, :2], np.eye(3)).targets.shape
        (50, 2)
        """
        return cls._each_once("projection", points, _image_plane(rotation), weight, noise)

    @classmethod
    def image(
        cls,
        points: Float[np.ndarray, "M 2"],
        rotation: Real[np.ndarray, "3 3"],
        *,
        weight: float | int = 1.0,
        noise: float | int = 0.0,
    ) -> "Observation":
        """The density of an image, as points that stand for equal shares of it; `rotation` as of a projection.

        Raises
        ------
        ValueError
            If points are missing or not finite, or `rotation` is not orthogonal.
        """
        return cls._each_once("image", points, _image_plane(rotation), weight, noise)

    @classmethod
    def low_resolution(cls, points: Float[np.ndarray, "M 3"], *, weight: float | int = 1.0) -> "Observation":
        """A low-resolution structure: M points, each of which stands for several of the model's."""
        return cls._each_once("low_resolution", points, np.eye(3), weight)

    @classmethod
    def subunit(cls, points: Float[np.ndarray, "L 3"], *, weight: float | int = 1.0) -> "Observation":
        """A known part: L points, each of which is one of the model's; the model's other points are elsewhere."""
        return cls._each_once("subunit", points, np.eye(3), weight)

    @classmethod
    def homologue(
        cls, points: Float[np.ndarray, "L 3"], *, deviation: float | int, weight: float | int = 1.0
    ) -> "Observation":
        """A structure like the specimen or like a part of it, near where it belongs: its pose may be refined.

        Parameters
        ----------
        deviation : float
            By how much the two differ once superposed: standard deviation of a coordinate, in units of the cube.

        Raises
        ------
        ValueError
            If points are missing or not finite, or the deviation is not positive and finite.
        """
        if not deviation > 0:
            raise ValueError(f"a homologue differs from the specimen; its deviation is above 0, not {deviation}")
        return cls._each_once("homologue", points, np.eye(3), weight, deviation)

    @classmethod
    def _each_once(cls, kind, points, view, weight, noise=0.0):
        """Every target taken by one point, until `Observations.combine` knows how many points the model has."""
        if not len(points) or not np.isfinite(points).all():
            raise ValueError(f"a {kind} needs points, all of them finite")
        capacity = np.ones(len(points), dtype=np.int64)
        targets, view = np.asarray(points, dtype=np.float32), np.asarray(view, dtype=np.float32)
        return cls(kind, targets, view, capacity, weight=float(weight), noise=float(noise))

    @property
    def is_part(self) -> bool:
        """Whether it shows a part of the cloud: points that are left over match nothing."""
        return KINDS[self.kind].is_part

    @property
    def has_pose(self) -> bool:
        """Whether it was brought into the cloud's frame by a pose, which may be a little wrong."""
        return KINDS[self.kind].has_pose

    @property
    def is_relative(self) -> bool:
        """Whether it shows something like the cloud, some of which may have no counterpart."""
        return KINDS[self.kind].is_relative

    @property
    def is_image(self) -> bool:
        """Whether it shows the cloud along a direction, without depth."""
        return self.view.shape[1] == 2

    @property
    def targets_are_means(self) -> bool:
        """Whether a target stands for all points matched to it, rather than for one of them."""
        return KINDS[self.kind].cell > 0

    def cloud_spacing(self, points: int) -> float:
        """Distance between neighbours in a cloud of `points` points, in units of the cube, as estimated from this.

        The spacing s_M of M measured points in d dimensions gives the area or volume that they fill; N points of the
        cloud fill the same body, whose volume goes as the area to the power of 3/2: s_N ~ s_M M^(1/d) N^(-1/3). The
        points of a part are as dense as the cloud's.

        Raises
        ------
        ValueError
            If there are too few distinct targets.
        """
        targets = self.targets.astype(np.float64)
        if len(targets) < 2:
            raise ValueError("one measured point has no spacing: the cloud's cannot be estimated")
        measured = float(np.median(cKDTree(targets).query(targets, k=2)[0][:, 1]))
        if not measured > 0:
            raise ValueError(f"most points of a {self.kind} coincide: the cloud's spacing cannot be estimated")
        equal_numbers = 1.0 if self.is_part else len(targets) ** (1 / targets.shape[1]) * points ** (-1 / 3)
        return KINDS[self.kind].spacing_ratio * measured * equal_numbers

    def spread(self) -> float:
        """Standard deviation (per coordinate) of the points that a target stands for; 0 where it stands for one.

        Such points fill a cell as wide as targets lie apart (in units of the cube).
        """
        if not self.targets_are_means or len(self.targets) < 2:
            return 0.0
        targets = self.targets.astype(np.float64)
        return KINDS[self.kind].cell * float(np.median(cKDTree(targets).query(targets, k=2)[0][:, 1]))

    def redrawn(self, generator: np.random.Generator) -> "Observation":
        """Another draw of U, for as many points as before.

        Each target once and the rest drawn with replacement; where there are more targets than points, some of them.
        """
        targets, points = len(self.targets), int(self.capacity.sum())
        if targets > points:
            return replace(self, capacity=balanced_capacities(points, targets, generator))
        repeats = np.bincount(generator.integers(targets, size=points - targets), minlength=targets)
        return replace(self, capacity=1 + repeats)

    def thinned(self, points: int, whole: int, key: tuple[str | int, ...]) -> "Observation":
        """Targets for a model of `points` points in place of `whole`: of a part, its share of them."""
        most = max(1, round(points * len(self.targets) / whole)) if self.is_part else points
        if len(self.targets) <= most:
            return self
        chosen = numpy_generator(*key, "thinned").permutation(len(self.targets))[:most]
        return replace(self, targets=self.targets[chosen], capacity=np.ones(most, dtype=np.int64))

    def taken(self) -> "Observation":
        """The same without the targets that take no point."""
        some = self.capacity > 0
        return self if some.all() else replace(self, targets=self.targets[some], capacity=self.capacity[some])


@dataclass(frozen=True)
class Observations:
    """All measurements of one structure in one task.

    Attributes
    ----------
    items : tuple of Observation
        The measurements; their weights sum to 1.
    points : int
        Number of points N of the cloud to reconstruct.
    seed : int
        Seed that the measurements were drawn with.
    """

    items: tuple[Observation, ...]
    points: int
    seed: int

    @classmethod
    def combine(cls, observations: Sequence[Observation], *, points: int = 1024, seed: int = 0) -> "Observations":
        """Measurements of one specimen, for a model of `points` points.

        Projections and low-resolution structures are repeated up to that number as evenly as possible. Of more targets
        than the model has points, as many as it has are drawn. Weights are scaled to sum to one.

        Raises
        ------
        ValueError
            If there are no observations, or all weights are zero.

        Examples
        --------
        >>> specimen = np.random.default_rng(0).uniform(-1, 1, (50, 3))
        >>> front = Observation.projection(specimen[:, :2], np.eye(3))
        >>> part = Observation.subunit(specimen[:20])
        >>> measured = Observations.combine([front, part], points=200)
        >>> [(o.kind, o.weight) for o in measured]
        [('projection', 0.5), ('subunit', 0.5)]
        """
        items = []
        for k, observation in enumerate(observations):
            capacity = balanced_capacities(points, len(observation.targets), numpy_generator(seed, "capacity", k))
            whole = observation.is_part and len(observation.targets) <= points
            items.append(observation if whole else replace(observation, capacity=capacity))
        return cls(with_shares(items), points, seed)

    def __iter__(self) -> Iterator[Observation]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def thinned(self, points: int, key: tuple[str | int, ...]) -> "Observations":
        """Measurements for a model of fewer points: no more targets than it has, and of a part its share of them."""
        items = [item.thinned(points, self.points, (*key, k)) for k, item in enumerate(self.items)]
        return Observations.combine(items, points=points, seed=self.seed)

    def cloud_spacing(self) -> float:
        """Distance between neighbouring points of the cloud, in units of the cube, without the truth.

        The geometric mean of the observations' estimates.
        """
        estimates = [item.cloud_spacing(self.points) for item in self.items]
        return float(np.exp(np.mean(np.log(estimates))))

    def arrays(self) -> dict[str, Any]:
        """Everything as arrays by name, as files hold it; `from_arrays` takes it back."""
        arrays: dict[str, Any] = {
            "points": self.points,
            "seed": self.seed,
            "kinds": np.array([o.kind for o in self.items]),
            "weights": np.array([o.weight for o in self.items]),
            "noise": np.array([o.noise for o in self.items]),
        }
        for k, item in enumerate(self.items):
            arrays |= {f"targets_{k}": item.targets, f"view_{k}": item.view, f"capacity_{k}": item.capacity}
        return arrays

    @classmethod
    def from_arrays(cls, stored: Mapping[str, Any]) -> "Observations":
        """Measurements from what `arrays` gave."""
        lists = zip(stored["kinds"], stored["weights"], stored["noise"], strict=True)
        items = tuple(
            Observation(
                str(kind),
                stored[f"targets_{k}"],
                stored[f"view_{k}"],
                stored[f"capacity_{k}"],
                weight=float(weight),
                noise=float(noise),
            )
            for k, (kind, weight, noise) in enumerate(lists)
        )
        return cls(items, int(stored["points"]), int(stored["seed"]))

    def save(self, path: str | os.PathLike) -> None:
        """Write the measurements as a compressed .npz, whole or not at all."""
        with atomic_write(path) as temporary:
            np.savez_compressed(temporary, **self.arrays())

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Observations":
        """Read measurements that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
            return cls.from_arrays(stored)


def _image_plane(rotation: Real[np.ndarray, "3 3"]) -> Real[np.ndarray, "3 2"]:
    """The view of an image: what a rotation makes of x and y."""
    if not np.allclose(rotation.T @ rotation, np.eye(3), atol=1e-3):
        raise ValueError(f"a rotation has orthonormal columns, unlike {rotation.tolist()}")
    return rotation[:, :2]


def balanced_capacities(points: int, targets: int, generator: np.random.Generator) -> Int[np.ndarray, " M"]:
    """Repeat M targets up to N points as evenly as possible: ⌊N/M⌋ each, one more for a random rest.

    Where M > N, N of them are drawn: the paper's U downsamples.
    """
    capacity = np.full(targets, points // targets)
    capacity[generator.permutation(targets)[: points % targets]] += 1
    return capacity


def with_shares(observations: Sequence[Observation]) -> tuple[Observation, ...]:
    """Observations with their weights scaled to sum to one."""
    weights = np.array([observation.weight for observation in observations], dtype=float)
    if not (len(weights) and (weights >= 0).all() and weights.sum() > 0):
        raise ValueError(f"measurements need weights, none negative and not all zero: {weights.tolist()}")
    shares = weights / weights.sum()
    return tuple(replace(o, weight=float(share)) for o, share in zip(observations, shares, strict=True))

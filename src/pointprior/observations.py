"""Measurements: target points, a linear view of the cloud, and how many points each target takes.

Projection, low-resolution structure and subunit are the same thing with other views and capacities.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud
from pointprior.coarse_grain import fit_mixture
from pointprior.files import written_whole
from pointprior.seeding import numpy_generator, seed_of

KINDS = ("projection", "low_resolution", "subunit")


@dataclass(frozen=True)
class Observation:
    """M target points, seen through a linear view, that the cloud's points are matched to.

    Attributes
    ----------
    kind : str
        "projection", "low_resolution" or "subunit".
    targets : ndarray, shape=(M, d), dtype=float32
        Measured points in units of the cube; d = 2 for a projection, otherwise 3.
    view : ndarray, shape=(3, d), dtype=float32
        The cloud `x` is seen as `x @ view`.
    capacity : ndarray, shape=(M,), dtype=int64
        Points of the cloud that each target takes; they sum to N, or to less for a subunit.
    weight : float
        Share of this observation in the energy.
    noise : float
        Standard deviation of the error of every target's coordinate, in units of the cube. A record: the energy does
        not use it (`benchmarks/noise.py` has what was tried).
    """

    kind: str
    targets: Float[np.ndarray, "M d"]
    view: Float[np.ndarray, "3 d"]
    capacity: Int[np.ndarray, " M"]
    weight: float
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
        rotation: Float[np.ndarray, "3 3"],
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
        if not np.allclose(rotation.T @ rotation, np.eye(3), atol=1e-3):
            raise ValueError(f"a rotation has orthonormal columns, unlike {rotation.tolist()}")
        return cls._each_once("projection", points, rotation[:, :2], weight, noise)

    @classmethod
    def low_resolution(cls, points: Float[np.ndarray, "M 3"], *, weight: float | int = 1.0) -> "Observation":
        """A low-resolution structure: M points, each of which stands for several of the model's."""
        return cls._each_once("low_resolution", points, np.eye(3), weight)

    @classmethod
    def subunit(cls, points: Float[np.ndarray, "L 3"], *, weight: float | int = 1.0) -> "Observation":
        """A known part: L points, each of which is one of the model's; the model's other points are elsewhere."""
        return cls._each_once("subunit", points, np.eye(3), weight)

    @classmethod
    def _each_once(cls, kind, points, view, weight, noise=0.0):
        """Every target taken by one point, until `Observations.combine` knows how many points the model has."""
        if not len(points) or not np.isfinite(points).all():
            raise ValueError(f"a {kind} needs points, all of them finite")
        capacity = np.ones(len(points), dtype=np.int64)
        targets, view = np.asarray(points, dtype=np.float32), np.asarray(view, dtype=np.float32)
        return cls(kind, targets, view, capacity, weight=float(weight), noise=float(noise))


@dataclass(frozen=True)
class Observations:
    """All measurements of one structure in one task.

    Attributes
    ----------
    items : tuple of Observation
        The measurements.
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

        Projections and low-resolution structures are repeated up to that number as evenly as possible; weights are
        scaled to sum to one.

        Raises
        ------
        ValueError
            If there are no observations, one has more points than the model, or all weights are zero.

        Examples
        --------
        >>> specimen = np.random.default_rng(0).uniform(-1, 1, (50, 3))
        >>> front = Observation.projection(specimen[:, :2], np.eye(3))
        >>> part = Observation.subunit(specimen[:20])
        >>> measured = Observations.combine([front, part], points=200)
        >>> [(o.kind, o.weight) for o in measured]
        [('projection', 0.5), ('subunit', 0.5)]
        """
        total = sum(o.weight for o in observations)
        if not (total > 0 and min(o.weight for o in observations) >= 0):
            raise ValueError("measurements need weights, none negative and not all zero")
        items = []
        for k, observation in enumerate(observations):
            capacity = spread_capacity(points, len(observation.targets), numpy_generator(seed, "capacity", k))
            if observation.kind == "subunit":
                capacity = observation.capacity
            items.append(replace(observation, capacity=capacity, weight=observation.weight / total))
        return cls(tuple(items), points, seed)

    def __iter__(self) -> Iterator[Observation]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def save(self, path: str | os.PathLike) -> None:
        """Write the measurements as a compressed .npz, whole or not at all."""
        arrays = {"points": self.points, "seed": self.seed, "kinds": np.array([o.kind for o in self.items])}
        arrays["weights"] = np.array([o.weight for o in self.items])
        arrays["noise"] = np.array([o.noise for o in self.items])
        for k, item in enumerate(self.items):
            arrays |= {f"targets_{k}": item.targets, f"view_{k}": item.view, f"capacity_{k}": item.capacity}
        with written_whole(path) as temporary:
            np.savez_compressed(temporary, **arrays)

    @classmethod
    def load(cls, path: str | os.PathLike) -> "Observations":
        """Read measurements that `save` wrote."""
        with np.load(path, allow_pickle=False) as stored:
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


def synthesise(
    cloud: PointCloud,
    *,
    key: tuple[str | int, ...],  # what the draws belong to: (seed, structure, task)
    projections: int = 0,  # K
    points: int = 1024,  # points of a projection
    low_resolution: int = 0,  # points of a low-resolution structure
    subunit: Bool[np.ndarray, " N"] | None = None,  # which points of the cloud are a known subunit
    rotation: str = "proper",  # "proper" (SO(3), molecules) or "orthogonal" (O(3), shapes)
    weights: Sequence[float | int] | None = None,  # one an observation, in the order above; equal by default
    noise: float | int = 0,  # standard deviation of a projected point's coordinate (in Å)
) -> Observations:
    """Draw measurements of a true cloud, each observation with its own stream of random numbers.

    Noise has streams of its own: everything else is the same with and without it, and the errors of different
    levels are multiples of each other.
    """
    if projections < 0 or low_resolution < 0:
        raise ValueError(f"numbers of projections ({projections}) and points ({low_resolution}) cannot be negative")
    parts = []
    for k in range(projections):
        generator = numpy_generator(*key, "projection", k)
        parts.append(_projection(cloud.points, _random_rotation(rotation, generator), points, generator))
    if low_resolution:
        parts.append(_low_resolution(cloud.points, low_resolution, (*key, "low_resolution")))
    if subunit is not None:
        parts.append(Observation.subunit(cloud.points[subunit]))
    if not parts:
        raise ValueError("a task needs at least one projection, low-resolution point or subunit")
    shares = np.ones(len(parts)) if weights is None else np.asarray(weights, dtype=float)
    if len(shares) != len(parts) or (shares < 0).any() or shares.sum() == 0:
        raise ValueError(f"{len(parts)} observations need as many weights, none negative and not all zero: {weights}")
    items = tuple(replace(part, weight=float(share)) for part, share in zip(parts, shares / shares.sum(), strict=True))
    if noise:
        level = float(noise) / cloud.scale
        items = tuple(_jittered(item, level, numpy_generator(*key, "noise", k)) for k, item in enumerate(items))
    return Observations(items, len(cloud.points), seed_of(*key))


def subunit_of_chains(cloud: PointCloud, chains: list[str]) -> Bool[np.ndarray, " N"]:
    """Which points of a cloud belong to the given chains."""
    chosen = np.isin(cloud.chain, chains)
    if not chosen.any():
        raise ValueError(
            f"no point belongs to chains {', '.join(chains)}; there are {', '.join(np.unique(cloud.chain))}"
        )
    return chosen


def subunit_of_clusters(cloud: PointCloud, clusters: int, key: tuple[str | int, ...]) -> Bool[np.ndarray, " N"]:
    """One k-means cluster of the cloud, chosen at random (the paper's subunit of a ShapeNet object)."""
    from sklearn.cluster import KMeans

    labels = KMeans(clusters, n_init=1, random_state=seed_of(*key, "clusters") % 2**32).fit_predict(cloud.points)
    return labels == numpy_generator(*key, "cluster").integers(clusters)


def spread_capacity(points: int, targets: int, generator: np.random.Generator) -> Int[np.ndarray, " M"]:
    """Repeat M targets up to N points as evenly as possible: ⌊N/M⌋ each, one more for a random rest."""
    if not 1 <= targets <= points:
        raise ValueError(f"an observation needs 1 to {points} points (the cloud's number), not {targets}")
    capacity = np.full(targets, points // targets)
    capacity[generator.permutation(targets)[: points % targets]] += 1
    return capacity


def redraw(observation: Observation, generator: np.random.Generator) -> Observation:
    """Repeat targets up to the same number of points as before: each once, the rest drawn with replacement."""
    targets, points = len(observation.targets), int(observation.capacity.sum())
    repeats = np.bincount(generator.integers(targets, size=points - targets), minlength=targets)
    return replace(observation, capacity=1 + repeats)


def _projection(cloud, rotation, points, generator):
    """Draw points of the cloud, rotate, and drop the third coordinate."""
    capacity = spread_capacity(len(cloud), points, generator)
    view = rotation[:, :2].astype(np.float32)
    seen = cloud[generator.permutation(len(cloud))[:points]] @ view
    return replace(Observation.projection(seen, rotation), capacity=capacity)


def _jittered(item, level, generator):
    """The observation with Gaussian errors, if it is a projection."""
    if item.kind != "projection":
        return item
    errors = level * generator.standard_normal(item.targets.shape)
    return replace(item, targets=(item.targets + errors).astype(np.float32), noise=level)


def _low_resolution(cloud, points, key):
    """Means of a mixture with few components, fitted to the cloud."""
    capacity = spread_capacity(len(cloud), points, numpy_generator(*key))
    mixture = fit_mixture(
        cloud.astype(np.float64), components=points, seed=seed_of(*key) % 2**32, name="low-resolution structure"
    )
    return replace(Observation.low_resolution(mixture.means), capacity=capacity)


def _random_rotation(kind, generator):
    matrix = Rotation.random(rng=generator).as_matrix()
    if kind == "orthogonal":
        return matrix * generator.choice([-1.0, 1.0])
    if kind != "proper":
        raise ValueError(f"unknown kind of rotation {kind!r}; choose proper or orthogonal")
    return matrix

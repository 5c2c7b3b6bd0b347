"""Measurements drawn from a true cloud, as the benchmark's tasks ask."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Bool, Float

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observation, Observations, balanced_capacities, with_shares
from pointprior.runtime.rotations import random_rotations
from pointprior.runtime.seeding import numpy_generator, seed_of
from pointprior.structures.mixtures import fit_mixture


def synthesise(
    cloud: PointCloud,
    *,
    key: tuple[str | int, ...],  # what the draws belong to: (seed, structure, task)
    projections: int = 0,  # K
    points: int = 1024,  # points of a projection
    low_resolution: int = 0,  # points of a low-resolution structure
    subunit: Bool[np.ndarray, " N"] | None = None,  # which points of the cloud are a known subunit
    rotation: str = "SO3",  # views: "SO3" (molecules), or "O3", mirror images too (shapes)
    weights: Sequence[float | int] | None = None,  # one per observation, in the order above; equal by default
    noise: float | int = 0,  # standard deviation of a projected point's coordinate (in Å)
) -> Observations:
    """Draw measurements of a true cloud, each observation with its own stream of random numbers.

    Noise has streams of its own: everything else is the same with and without it, and the errors of different
    levels are multiples of each other.

    Raises
    ------
    ValueError
        If numbers are out of range, weights do not fit the observations, or nothing would be measured.
    """
    if projections < 0 or low_resolution < 0:
        raise ValueError(f"numbers of projections ({projections}) and points ({low_resolution}) cannot be negative")
    if noise < 0:
        raise ValueError(f"noise is a standard deviation, not negative and finite: {noise}")
    count = projections + bool(low_resolution) + (subunit is not None)
    if not count:
        raise ValueError("a task needs at least one projection, low-resolution point or subunit")
    weights = [1.0] * count if weights is None else [float(weight) for weight in weights]
    if len(weights) != count:
        raise ValueError(f"{count} observations need as many weights: {weights}")
    level = float(noise) / cloud.scale
    items = [_projection(cloud.points, k, points, rotation, level, key) for k in range(projections)]
    if low_resolution:
        items.append(_low_resolution(cloud.points, low_resolution, (*key, "low_resolution")))
    if subunit is not None:
        items.append(Observation.subunit(cloud.points[subunit]))
    items = [replace(item, weight=weight) for item, weight in zip(items, weights, strict=True)]
    return Observations(with_shares(items), len(cloud.points), seed_of(*key))


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


def _projection(
    cloud: Float[np.ndarray, "N 3"], k: int, points: int, hand: str, level: float, key: tuple[str | int, ...]
) -> Observation:
    """Draw points of the cloud, rotate, drop the third coordinate, and add the errors of the k-th projection."""
    generator = numpy_generator(*key, "projection", k)
    (rotation,) = random_rotations(1, hand, generator)
    capacity = balanced_capacities(len(cloud), points, generator)
    view = rotation[:, :2].astype(np.float32)
    targets = cloud[generator.permutation(len(cloud))[:points]] @ view
    if level:
        errors = level * numpy_generator(*key, "noise", k).standard_normal(targets.shape)
        targets = (targets + errors).astype(np.float32)
    return replace(Observation.projection(targets, rotation, noise=level), capacity=capacity)


def _low_resolution(cloud: Float[np.ndarray, "N 3"], points: int, key: tuple[str | int, ...]) -> Observation:
    """Means of a mixture with few components, fitted to the cloud."""
    capacity = balanced_capacities(len(cloud), points, numpy_generator(*key))
    mixture = fit_mixture(
        cloud.astype(np.float64), components=points, seed=seed_of(*key) % 2**32, name="low-resolution structure"
    )
    return replace(Observation.low_resolution(mixture.means), capacity=capacity)

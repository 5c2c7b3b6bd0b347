"""Measurements drawn from a true cloud, as the benchmark's tasks ask."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from jaxtyping import Bool

from pointprior.clouds import PointCloud
from pointprior.measurements.imaging import Imaging
from pointprior.measurements.observations import Observation, Observations, balanced_capacities, with_shares
from pointprior.runtime.seeding import numpy_generator, seed_of
from pointprior.structures.mixtures import fit_mixture, refit


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
    **imaging: Any,  # draw, noise, missing, spurious, pose_error: see `Imaging`
) -> Observations:
    """Draw measurements of a true cloud, each observation with its own stream of random numbers.

    With ``draw="density"`` no two measurements share a point: projections and the low-resolution structure see draws
    of their own from the mixture, and a subunit is another fit to its density.

    Raises
    ------
    ValueError
        If numbers are out of range, weights do not fit the observations, or nothing would be measured.
    """
    if projections < 0 or low_resolution < 0:
        raise ValueError(f"numbers of projections ({projections}) and points ({low_resolution}) cannot be negative")
    most = len(cloud.points)
    for asked in [points] * bool(projections) + [low_resolution] * bool(low_resolution):
        if not 1 <= asked <= most:
            raise ValueError(f"a cloud of {most} points is measured at 1 to {most} points, not {asked}")
    errors = Imaging(**imaging)
    count = projections + bool(low_resolution) + (subunit is not None)
    if not count:
        raise ValueError("a task needs at least one projection, low-resolution point or subunit")
    weights = [1.0] * count if weights is None else [float(weight) for weight in weights]
    if len(weights) != count:
        raise ValueError(f"{count} observations need as many weights: {weights}")
    items = [errors.project(cloud, k, points, rotation, key) for k in range(projections)]
    if low_resolution:
        items.append(_low_resolution(cloud, errors, low_resolution, (*key, "low_resolution")))
    if subunit is not None:
        own = errors.draw == "density"
        known = refit(cloud, numpy_generator(*key, "subunit"), subunit) if own else cloud.points[subunit]
        items.append(Observation.subunit(known))
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


def _low_resolution(cloud: PointCloud, imaging: Imaging, points: int, key: tuple[str | int, ...]) -> Observation:
    """Means of a mixture with few components, fitted to the cloud or to a draw from its density."""
    capacity = balanced_capacities(len(cloud.points), points, numpy_generator(*key))
    seen = cloud.points if imaging.draw == "means" else cloud.draw(numpy_generator(*key, "density"))
    mixture = fit_mixture(
        seen.astype(np.float64), components=points, seed=seed_of(*key) % 2**32, name="low-resolution structure"
    )
    return replace(Observation.low_resolution(mixture.means), capacity=capacity)

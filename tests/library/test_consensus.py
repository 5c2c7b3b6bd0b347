"""One answer from several samples: barycentres whose place is known, and their spacing."""

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist
from scipy.spatial.transform import Rotation

from pointprior.reconstruction.consensus import barycentre, consensus, spacing

N = 120


def lattice():
    """Points 0.2 apart, in no order."""
    axes = np.meshgrid(*(0.2 * np.arange(k) for k in (4, 5, 6)), indexing="ij")
    return np.random.default_rng(0).permutation(np.stack(axes, axis=-1).reshape(-1, 3))


def noisy(size, samples=6):
    """Copies with noise, each in an order of its own."""
    generator = np.random.default_rng(1)
    return np.stack(
        [generator.permutation(lattice() + generator.normal(scale=size, size=(N, 3))) for _ in range(samples)]
    )


def cost(cloud, samples):
    """Mean squared matched distance to samples, by another library's matching."""
    squared = [cdist(cloud, sample, "sqeuclidean") for sample in samples]
    return np.mean([matrix[linear_sum_assignment(matrix)].mean() for matrix in squared])


def distances(cloud):
    """To the nearest other point."""
    return cKDTree(cloud).query(cloud, k=2)[0][:, 1]


def in_order(cloud):
    return cloud[np.lexsort(cloud.round(6).T)]


def test_barycentre_of_copies_in_other_orders_is_the_cloud():
    found = barycentre(noisy(0.0))
    np.testing.assert_allclose(in_order(found), in_order(lattice()), atol=1e-12)


def test_barycentre_of_shifted_copies_is_the_mean_shift():
    """Optimal transport of translates is the translation (Brenier), however far they are."""
    shifts = np.array([[0.0, 0, 0], [3, 0, 0], [0, 1.5, 0]])
    found = barycentre(lattice() + shifts[:, None])
    np.testing.assert_allclose(in_order(found - shifts.mean(axis=0)), in_order(lattice()), atol=1e-9)


def test_barycentre_averages_what_is_noise():
    samples = noisy(0.02, samples=8)
    error = np.sqrt(cost(barycentre(samples), lattice()[None]) / 3)
    assert error == pytest.approx(0.02 / 8**0.5, rel=0.15)


def test_barycentre_is_nearer_to_the_samples_than_each_of_them():
    samples = noisy(0.15)
    assert cost(barycentre(samples), samples) < min(cost(sample, samples) for sample in samples)


def test_order_of_samples_and_points_does_not_matter():
    samples = noisy(0.1)
    other = np.stack([np.random.default_rng(s).permutation(sample) for s, sample in enumerate(samples[::-1])])
    np.testing.assert_allclose(in_order(barycentre(samples)), in_order(barycentre(other)), atol=1e-9)


def test_consensus_takes_overlaps_back():
    """Lattices that are turned against each other: averages of their points are uneven, and some all but coincide."""
    turns = Rotation.from_euler("xyz", np.random.default_rng(0).uniform(0, 90, size=(6, 3)), degrees=True)
    samples = np.stack([turn.apply(lattice() - lattice().mean(axis=0)) for turn in turns])
    bare, relaxed = consensus(samples, rounds=0), consensus(samples)
    np.testing.assert_array_equal(bare, barycentre(samples))
    assert np.quantile(distances(bare), 0.05) < 0.78 * spacing(samples)
    assert np.quantile(distances(relaxed), 0.05) == pytest.approx(0.8 * spacing(samples), rel=0.03)
    assert cost(relaxed, samples) < 1.05 * cost(bare, samples)


def test_samples_that_agree_are_kept():
    """Where nothing is wrong with the spacing, relaxing changes nothing."""
    found = consensus(noisy(0.0))
    np.testing.assert_allclose(in_order(found), in_order(lattice()), atol=1e-9)

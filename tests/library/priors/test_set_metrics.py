"""1-NNA, COV and MMD: hand-made cases, and a brute force that knows no matrices."""

import numpy as np
import pytest

from pointprior.priors.set_metrics import chamfer_matrix, compare_sets
from pointprior.scoring.metrics import chamfer


def clouds(seed, count, points=30, spread=1.0):
    generator = np.random.default_rng(seed)
    return (
        generator.normal(size=(count, points, 3)) * spread * generator.uniform(0.5, 1.5, size=(count, 1, 1))
    ).astype(np.float32)


def metrics_of(samples, references):
    return compare_sets(
        chamfer_matrix(samples, samples), chamfer_matrix(references, references), chamfer_matrix(samples, references)
    )


def test_matrix_holds_chamfer_distances():
    a, b = clouds(0, 3), clouds(1, 4, points=20)
    done = []
    found = chamfer_matrix(a, b, progress=done.append)
    expected = [[chamfer(one, other) for other in b] for one in a]
    np.testing.assert_allclose(found, expected, rtol=1e-5)
    assert sum(done) == 3


def test_threads_change_nothing():
    a = clouds(0, 5)
    np.testing.assert_array_equal(chamfer_matrix(a, a, threads=3), chamfer_matrix(a, a))
    np.testing.assert_array_equal(np.diag(chamfer_matrix(a, a)), 0)


def test_brute_force_agrees():
    samples, references = clouds(2, 7), clouds(3, 9)
    pool = [(True, c) for c in samples] + [(False, c) for c in references]
    right = 0
    for i, (label, cloud) in enumerate(pool):
        others = [(chamfer(cloud, other), kind) for j, (kind, other) in enumerate(pool) if j != i]
        right += min(others)[1] == label
    covered = {min(range(9), key=lambda k: chamfer(cloud, references[k])) for cloud in samples}
    nearest = [min(chamfer(cloud, sample) for sample in samples) for cloud in references]
    found = metrics_of(samples, references)
    assert found.nna == pytest.approx(right / 16)
    assert found.cov == pytest.approx(len(covered) / 9)
    assert found.mmd == pytest.approx(np.mean(nearest), rel=1e-5)


def test_copies_of_the_references_cover_them():
    """Samples that are the references, a little shaken: nearest neighbours are the other set's, all are covered."""
    references = clouds(4, 12)
    samples = references + np.float32(1e-3)
    found = metrics_of(samples, references)
    assert found.nna == 0.0
    assert found.cov == 1.0
    assert found.mmd < 0.01


def test_one_repeated_sample_covers_one_reference():
    references = clouds(5, 8)
    found = metrics_of(np.repeat(references[:1], 8, axis=0), references)
    assert found.cov == pytest.approx(1 / 8)


def test_two_draws_of_one_distribution_cannot_be_told_apart():
    found = metrics_of(clouds(6, 60, points=16), clouds(7, 60, points=16))
    assert found.nna == pytest.approx(0.5, abs=0.15)
    assert metrics_of(clouds(6, 30), clouds(7, 30, spread=5.0)).nna > 0.8


def test_order_does_not_matter():
    samples, references = clouds(8, 6), clouds(9, 5)
    order = np.random.default_rng(0).permutation(6)
    assert metrics_of(samples[order], references) == metrics_of(samples, references)

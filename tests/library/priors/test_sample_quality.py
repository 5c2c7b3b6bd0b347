"""A prior's samples against held-out and training clouds."""

from dataclasses import replace

import numpy as np
import pytest
from ellipsoid_set import ellipsoid_set, padded_set
from scipy.spatial.transform import Rotation

from pointprior.priors import sample_quality
from pointprior.priors.sample_quality import compare_with_held_out, nearest_training_clouds, principal_poses
from pointprior.priors.set_metrics import chamfer_matrix
from pointprior.priors.training_set import TrainingSet


@pytest.fixture(scope="module")
def data():
    return ellipsoid_set()


def test_training_clouds_are_the_yardstick(data):
    samples = np.random.default_rng(1).normal(size=(4, 40, 3)).astype(np.float32) * np.float32(20)
    table = compare_with_held_out(samples, data, augmentation="SO3", seed=0).set_index("set")
    assert table.index.tolist() == ["prior", "training set"]
    assert table["references"].tolist() == [4, 4]
    assert table.loc["prior", "1-NNA (%)"] > table.loc["training set", "1-NNA (%)"]
    assert table.loc["prior", "MMD (1e-2)"] > 5 * table.loc["training set", "MMD (1e-2)"]
    again = compare_with_held_out(samples, data, augmentation="SO3", seed=0, threads=3).set_index("set")
    assert again.equals(table)


@pytest.mark.parametrize(("drawn", "compared"), [(2, 2), (9, 4)])
def test_sets_of_one_size_are_compared(data, drawn, compared):
    """Where they differ, sets of one distribution can be told apart: by 24 samples, 260 references are not covered."""
    assert data.held_out.sum() == 4
    samples = np.resize(data.points, (drawn, *data.points.shape[1:]))
    table = compare_with_held_out(samples, data, augmentation="SO3", seed=0)
    assert (table[["clouds", "references"]] == compared).all(axis=None)


def test_turned_copies_of_training_clouds_are_found_out(data):
    rotation = Rotation.random(rng=np.random.default_rng(2)).as_matrix().astype(np.float32)
    copies = data.points[[3, 10]] @ rotation + np.float32(0.5)
    table = nearest_training_clouds(copies, data)
    ours = table[table["set"] == "prior"]
    assert ours["nearest"].tolist() == [data.entries[3], data.entries[10]]
    np.testing.assert_allclose(ours["chamfer"], 0, atol=1e-5)
    assert (table[table["set"] == "held out"]["chamfer"] > 0.01).all()
    assert not set(table["nearest"]) & set(data.entries[data.held_out])


def test_clouds_of_several_sizes_are_compared_by_as_many_points():
    padded = padded_set()
    padded = replace(padded, points=np.where(padded.points == 0, np.nan, padded.points))
    samples = padded.of_one_size(np.arange(4))
    table = compare_with_held_out(samples, padded, augmentation="SO3", seed=0)
    assert np.isfinite(table["MMD (1e-2)"]).all()
    nearest = nearest_training_clouds(samples, padded)
    np.testing.assert_allclose(nearest[nearest["set"] == "prior"]["chamfer"], 0, atol=1e-5)


@pytest.mark.parametrize("candidates", [2, 12])
def test_the_nearest_cloud_is_found_among_a_few_candidates(data, monkeypatch, candidates):
    """Coarsely seen are 20 of 40 points: what is compared in full decides, and with more of it nothing is nearer."""
    monkeypatch.setattr(sample_quality, "COARSE_POINTS", 20)
    monkeypatch.setattr(sample_quality, "CANDIDATES", candidates)
    rng = np.random.default_rng(4)
    training = np.flatnonzero(~data.held_out)
    samples = data.points[training[:6]] + rng.normal(scale=0.01, size=(6, *data.points.shape[1:])).astype(np.float32)
    table = nearest_training_clouds(samples, data)
    on_axes = np.stack([principal_poses(cloud)[0] for cloud in data.points[training]])
    exact = np.stack([chamfer_matrix(principal_poses(sample), on_axes).min(axis=0) for sample in samples])
    ours = table[table["set"] == "prior"]
    np.testing.assert_allclose(ours["chamfer"], exact.min(axis=1), rtol=1e-6)
    assert ours["nearest"].tolist() == data.entries[training][exact.argmin(axis=1)].tolist()


def test_poses_are_rotations_of_each_other():
    points = np.random.default_rng(3).normal(size=(30, 3)) * [3, 2, 1]
    mirrored = principal_poses(points * [1, 1, -1])
    for pose in principal_poses(points):
        assert np.linalg.det(np.linalg.lstsq(points - points.mean(axis=0), pose, rcond=None)[0]) == pytest.approx(1)
        assert pose.std(axis=0).argsort().tolist() == [2, 1, 0]
        assert all(np.abs(pose - other).max() > 0.1 for other in mirrored)  # the hand stays


def test_as_many_held_out_clouds_as_samples_are_the_yardstick(data):
    held_out = int(data.held_out.sum())
    table = nearest_training_clouds(data.points[:2], data)
    of_all = nearest_training_clouds(data.points[:held_out], data)
    numbers = table.loc[table["set"] == "held out", "cloud"].tolist()
    assert numbers == [0, held_out - 1]
    expected = of_all[of_all["set"] == "held out"].set_index("cloud")["chamfer"]
    found = table[table["set"] == "held out"].set_index("cloud")["chamfer"]
    assert found.to_dict() == expected.loc[numbers].to_dict()


def test_nothing_held_out_is_an_error(data):
    whole = TrainingSet(data.points, data.groups, data.entries, np.zeros(16, dtype=bool))
    with pytest.raises(ValueError, match="no clouds were held out"):
        compare_with_held_out(data.points, whole, augmentation="SO3", seed=0)

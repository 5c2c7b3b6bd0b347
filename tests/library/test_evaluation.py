"""A prior's samples against held-out and training clouds."""

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from pointprior.priors.denoiser import Prior, PriorSpec
from pointprior.priors.evaluation import describe, nearest_training_clouds, principal_poses, table_of_sets
from pointprior.priors.training_set import Shard, TrainingSet, is_held_out, pack


@pytest.fixture(scope="module")
def data():
    """Ellipsoids of random axes: eight clusters of two, two clusters held out."""
    generator = np.random.default_rng(0)
    axes = np.repeat(generator.uniform(0.1, 1.0, size=(8, 1, 3)), 2, axis=0)
    points = (generator.normal(size=(16, 40, 3)) * axes).astype(np.float32)
    groups = np.repeat(np.arange(8), 2)
    entries = np.array([f"1a{k:02d}" for k in range(16)])
    return TrainingSet(points, groups, entries, groups >= 6)


def test_training_clouds_are_the_yardstick(data):
    samples = np.random.default_rng(1).normal(size=(4, 40, 3)).astype(np.float32) * np.float32(20)
    table = table_of_sets(samples, data, augmentation="SO3", seed=0).set_index("set")
    assert table.index.tolist() == ["prior", "training set"]
    assert table["references"].tolist() == [4, 4]
    assert table.loc["prior", "1-NNA (%)"] > table.loc["training set", "1-NNA (%)"]
    assert table.loc["prior", "MMD (1e-2)"] > 5 * table.loc["training set", "MMD (1e-2)"]
    again = table_of_sets(samples, data, augmentation="SO3", seed=0, threads=3).set_index("set")
    assert again.equals(table)


def test_turned_copies_of_training_clouds_are_found_out(data):
    rotation = Rotation.random(rng=np.random.default_rng(2)).as_matrix().astype(np.float32)
    copies = data.points[[3, 10]] @ rotation + np.float32(0.5)
    table = nearest_training_clouds(copies, data)
    ours = table[table["set"] == "prior"]
    assert ours["nearest"].tolist() == [data.entries[3], data.entries[10]]
    np.testing.assert_allclose(ours["chamfer"], 0, atol=1e-5)
    assert (table[table["set"] == "held out"]["chamfer"] > 0.01).all()
    assert not set(table["nearest"]) & set(data.entries[data.held_out])


def test_poses_are_rotations_of_each_other():
    points = np.random.default_rng(3).normal(size=(30, 3)) * [3, 2, 1]
    mirrored = principal_poses(points * [1, 1, -1])
    for pose in principal_poses(points):
        assert np.linalg.det(np.linalg.lstsq(points - points.mean(axis=0), pose, rcond=None)[0]) == pytest.approx(1)
        assert pose.std(axis=0).argsort().tolist() == [2, 1, 0]
        assert all(np.abs(pose - other).max() > 0.1 for other in mirrored)  # the hand stays


def test_nothing_held_out_is_an_error(data):
    whole = TrainingSet(data.points, data.groups, data.entries, np.zeros(16, dtype=bool))
    with pytest.raises(ValueError, match="no clouds were held out"):
        table_of_sets(data.points, whole, augmentation="SO3", seed=0)


def test_card_counts_and_losses(data):
    torch.manual_seed(0)
    prior = Prior(PriorSpec(width=16, layers=1, heads=1, sigma_data=0.5, time_code="log"))
    card = describe(prior, data)
    counts = {"clouds": 12, "clusters": 6, "validation_clouds": 4, "validation_clusters": 2}
    assert card["data"] == counts | {"standard_deviation": round(float(data.points.std()), 4)}
    assert list(card["denoising_error"]) == ["0.02", "0.05", "0.1", "0.2", "0.5", "1.0", "2.0", "5.0"]
    # an untrained prior returns c_skip x, and 480 coordinates tell its error to 6 %
    assert card["denoising_error"]["0.02"] == pytest.approx(1, abs=0.2)


def test_clusters_are_held_out_by_name_as_a_whole():
    names = [f"cluster{k}" for k in range(2000)]
    share = np.mean([is_held_out(name, 20) for name in names])
    assert share == pytest.approx(1 / 20, abs=0.015)
    assert not any(is_held_out(name, 0) for name in names)
    entries = np.array(["1aaa", "1aab", "1aac"])
    shard = Shard(entries, np.zeros((3, 4, 3), dtype=np.float32), {})
    found, _ = pack([shard], {"1aaa": "x", "1aab": "x", "1aac": "y"}, 0.0, validation_one_in=2)
    assert found.held_out[0] == found.held_out[1] == is_held_out("x", 2)
    assert found.held_out[2] == is_held_out("y", 2)


def test_training_set_round_trip(data, tmp_path):
    data.save(tmp_path / "set.npz")
    loaded = TrainingSet.load(tmp_path / "set.npz")
    for name in ("points", "groups", "entries", "held_out"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(data, name))

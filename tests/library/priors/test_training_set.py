"""Training sets: what is held out, what is packed, what comes back from a file."""

from dataclasses import replace

import numpy as np
import pytest
from ellipsoid_set import ellipsoid_set, padded_set

from pointprior.priors.packing import pack
from pointprior.priors.training_set import TrainingSet, is_held_out
from pointprior.structures.shards import Shard


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


def test_training_set_round_trip(tmp_path):
    data = ellipsoid_set()
    data.save(tmp_path / "set.npz")
    loaded = TrainingSet.load(tmp_path / "set.npz")
    for name in ("points", "groups", "entries", "held_out", "counts"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(data, name))


def test_files_from_before_there_were_counts_load(tmp_path):
    data = ellipsoid_set()
    old = {name: value for name, value in vars(data).items() if name != "counts"}
    np.savez(tmp_path / "set.npz", **old)
    np.testing.assert_array_equal(TrainingSet.load(tmp_path / "set.npz").counts, np.full(16, 40))


def test_clouds_of_several_sizes_are_thinned_to_one():
    data = padded_set()
    assert data.size == 25
    thinned = data.of_one_size(np.array([3, 0]))
    assert thinned.shape == (2, 25, 3)
    np.testing.assert_array_equal(thinned[1], data.points[0, :25])
    own = {tuple(point) for point in data.points[3]}
    assert len({tuple(point) for point in thinned[0]} & own) == 25
    np.testing.assert_array_equal(data.of_one_size(np.array([3])), thinned[:1])
    whole = ellipsoid_set()
    np.testing.assert_array_equal(whole.of_one_size(np.arange(16)), whole.points)


def test_padding_does_not_count():
    data = padded_set()
    own = np.concatenate([cloud[:count] for cloud, count in zip(data.points, data.counts, strict=True)])
    assert data.standard_deviation() == pytest.approx(own.std(), rel=1e-5)


def test_impossible_counts_are_refused():
    data = ellipsoid_set()
    for count in (0, 41):
        with pytest.raises(ValueError, match="between 1 and 40 points"):
            replace(data, counts=np.full(16, count))

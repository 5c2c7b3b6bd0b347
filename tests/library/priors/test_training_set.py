"""Training sets: what is held out, what is packed, what comes back from a file."""

import numpy as np
import pytest
from ellipsoid_set import ellipsoid_set

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
    for name in ("points", "groups", "entries", "held_out"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(data, name))

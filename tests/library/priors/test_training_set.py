"""Training sets: what is held out, what is packed, what comes back from a file."""

from dataclasses import replace

import numpy as np
import pytest
from ellipsoid_set import ellipsoid_set, padded_set

from pointprior.priors.packing import compared_with, pack, pack_shapes
from pointprior.priors.training.plan import Packing
from pointprior.priors.training_set import TrainingSet, is_held_out
from pointprior.shapes.clouds import ShapeSet
from pointprior.structures.shards import Shard


def test_clusters_are_held_out_by_name_as_a_whole():
    names = [f"cluster{k}" for k in range(2000)]
    share = np.mean([is_held_out(name, 20) for name in names])
    assert share == pytest.approx(1 / 20, abs=0.015)
    assert not any(is_held_out(name, 0) for name in names)
    entries = np.array(["1aaa", "1aab", "1aac"])
    shard = Shard(entries, np.zeros((3, 4, 3), dtype=np.float32), {})
    found, _ = pack([shard], {"1aaa": "x", "1aab": "x", "1aac": "y"}, Packing(0.0, 2))
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


def shape_set(name: str, *counts: int, short: tuple[str, ...] = ()) -> ShapeSet:
    """Shapes of some numbers of points, padded with zeros to the most of them."""
    own = np.arange(max(counts)) < np.array(counts)[:, None]
    points = np.random.default_rng(len(name)).normal(size=(*own.shape, 3)) * own[..., None]
    ids = [f"03001627/{name}{k}" for k in range(len(counts))]
    return ShapeSet(points.astype(np.float32), np.array(counts), ids, ["Chair"] * len(counts), list(short))


def own_points(data: TrainingSet) -> list[np.ndarray]:
    return [cloud[:count] for cloud, count in zip(data.points, data.counts, strict=True)]


def test_shapes_keep_all_their_points_and_are_groups_of_their_own():
    training, validation = shape_set("t", 5, 3, short=("03001627/few",)), shape_set("val", 7, short=("03001627/v",))
    data, failures = pack_shapes(training, validation)
    assert data.entries.tolist() == ["03001627/t0", "03001627/t1", "03001627/val0"]
    assert data.held_out.tolist() == [False, False, True]
    assert len(set(data.groups)) == 3
    expected = [training.points[0], training.points[1][:3], validation.points[0]]
    for cloud, points in zip(own_points(data), expected, strict=True):
        np.testing.assert_array_equal(cloud, points)
    assert failures.to_dict("list") == {
        "entry": ["03001627/few", "03001627/v"],
        "reason": ["too few points", "too few points"],
    }


def test_shapes_to_compare_with_are_all_held_out():
    data, failures = pack_shapes(None, shape_set("test", 4, 6))
    assert data.held_out.all()
    assert data.counts.tolist() == [4, 6]
    assert failures.empty
    assert list(failures) == ["entry", "reason"]


@pytest.mark.parametrize("counts", [(3, 2), (60, 50)])
def test_references_take_the_place_of_what_was_held_out(counts):
    """Whichever of the two has longer clouds; and no reference joins a group of the training's."""
    data = padded_set()
    references = pack_shapes(None, shape_set("test", *counts))[0]
    joined = compared_with(data, references)
    assert joined.entries.tolist() == [*data.entries[~data.held_out], *references.entries]
    assert joined.held_out.tolist() == [False] * 12 + [True] * 2
    assert not set(joined.groups[:12]) & set(joined.groups[12:])
    for cloud, points in zip(own_points(joined), own_points(data)[:12] + own_points(references), strict=True):
        np.testing.assert_array_equal(cloud, points)

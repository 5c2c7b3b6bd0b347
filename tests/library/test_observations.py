"""Measurements are what they say, belong to their key, and survive a file."""

import numpy as np
import pytest

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observation, Observations, balanced_capacities
from pointprior.measurements.synthesis import subunit_of_chains, subunit_of_clusters, synthesise


@pytest.fixture(scope="module")
def cloud():
    generator = np.random.default_rng(0)
    chain = np.repeat(["A", "B"], [80, 40])
    return PointCloud.from_coordinates(generator.normal(size=(120, 3)) * [30, 20, 10], chain=chain)


def test_projections_are_rotated_points_of_the_cloud(cloud):
    observations = synthesise(cloud, key=(0, "a", "t"), projections=3, points=50)
    assert [o.kind for o in observations] == ["projection"] * 3
    assert [o.weight for o in observations] == pytest.approx([1 / 3] * 3)
    for observation in observations:
        np.testing.assert_allclose(observation.view.T @ observation.view, np.eye(2), atol=1e-6)
        seen = cloud.points @ observation.view
        distance = np.abs(seen[:, None] - observation.targets).sum(-1).min(axis=0)
        assert distance.max() < 1e-6
        assert observation.capacity.sum() == 120
        assert set(observation.capacity) == {2, 3}


def test_full_projection_uses_every_point_once(cloud):
    (observation,) = synthesise(cloud, key=(0, "a", "t"), projections=1, points=120)
    np.testing.assert_array_equal(observation.capacity, np.ones(120))
    assert len(np.unique(observation.targets, axis=0)) == 120


def test_mixture_of_kinds(cloud):
    subunit = subunit_of_chains(cloud, ["B"])
    observations = synthesise(
        cloud, key=(0, "a", "t"), projections=1, points=30, low_resolution=10, subunit=subunit, weights=[1, 2, 1]
    )
    assert [o.kind for o in observations] == ["projection", "low_resolution", "subunit"]
    assert [o.weight for o in observations] == [0.25, 0.5, 0.25]
    assert [o.targets.shape for o in observations] == [(30, 2), (10, 3), (40, 3)]
    np.testing.assert_array_equal(observations.items[2].targets, cloud.points[80:])
    assert observations.items[2].capacity.sum() == 40


def test_each_draw_belongs_to_its_key(cloud):
    one = synthesise(cloud, key=(0, "a", "t"), projections=2, points=40)
    more = synthesise(cloud, key=(0, "a", "t"), projections=3, points=40, low_resolution=5)
    other = synthesise(cloud, key=(0, "b", "t"), projections=2, points=40)
    for k in range(2):
        np.testing.assert_array_equal(one.items[k].targets, more.items[k].targets)
        assert not np.array_equal(one.items[k].targets, other.items[k].targets)


@pytest.mark.parametrize("kind", ["SO3", "O3"])
def test_hand_of_views(cloud, kind):
    hands = set()
    for k in range(12):
        (observation,) = synthesise(cloud, key=(k, "a", "t"), projections=1, points=20, rotation=kind)
        x, y = observation.view.T
        hands.add(np.sign(np.linalg.det(np.stack([x, y, np.cross(x, y)]))))
    assert hands == {1.0}  # two columns never show the hand; the third is x × y up to sign


def test_cluster_is_a_compact_part(cloud):
    chosen = subunit_of_clusters(cloud, 4, (0, "a", "t"))
    assert 0 < chosen.sum() < 120
    inside = cloud.points[chosen]
    assert inside.std(axis=0).sum() < cloud.points.std(axis=0).sum()
    np.testing.assert_array_equal(chosen, subunit_of_clusters(cloud, 4, (0, "a", "t")))


def test_round_trip(cloud, tmp_path):
    before = synthesise(cloud, key=(0, "a", "t"), projections=2, points=30, low_resolution=8, noise=3)
    before.save(tmp_path / "o.npz")
    after = Observations.load(tmp_path / "o.npz")
    assert (after.points, after.seed) == (before.points, before.seed)
    for a, b in zip(after, before, strict=True):
        assert (a.kind, a.weight, a.noise) == (b.kind, b.weight, b.noise)
        for name in ("targets", "view", "capacity"):
            np.testing.assert_array_equal(getattr(a, name), getattr(b, name))


def test_noise_jitters_projected_points_by_its_angstroms(cloud):
    settings = {"key": (0, "a", "t"), "projections": 3, "points": 120, "low_resolution": 5}
    exact = synthesise(cloud, **settings)
    noisy, noisier = (synthesise(cloud, **settings, noise=noise) for noise in (2, 5))
    for a, b, c in zip(exact, noisy, noisier, strict=True):
        np.testing.assert_array_equal(a.view, b.view)
        np.testing.assert_array_equal(a.capacity, b.capacity)
        if a.kind != "projection":
            np.testing.assert_array_equal(a.targets, b.targets)
            assert b.noise == 0
            continue
        assert b.noise == pytest.approx(2 / cloud.scale)
        np.testing.assert_allclose((c.targets - a.targets) / 5, (b.targets - a.targets) / 2, atol=1e-6)
    errors = np.concatenate([(b.targets - a.targets).ravel() for a, b in zip(exact, noisy, strict=True)][:3])
    assert cloud.scale * errors.std() == pytest.approx(2, rel=0.15)  # 720 numbers: 2.6 %
    assert abs(cloud.scale * errors.mean()) < 0.3
    first, second = (b.targets - a.targets for a, b in list(zip(exact, noisy, strict=True))[:2])
    assert abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.3  # each projection has errors of its own


def test_no_noise_is_no_change(cloud):
    settings = {"key": (0, "a", "t"), "projections": 2, "points": 30}
    for a, b in zip(synthesise(cloud, **settings), synthesise(cloud, **settings, noise=0.0), strict=True):
        assert a.noise == b.noise == 0
        np.testing.assert_array_equal(a.targets, b.targets)
    # and the draws are those of versions without noise
    (observation,) = synthesise(cloud, key=(0, "a", "t"), projections=1, points=3)
    seen = cloud.points @ observation.view
    assert all((seen == target).all(axis=1).any() for target in observation.targets)


def test_capacities_are_even():
    capacity = balanced_capacities(1024, 300, np.random.default_rng(0))
    assert capacity.sum() == 1024
    assert set(capacity) == {3, 4}


def test_more_targets_than_points_are_drawn_from(cloud):
    """Every kind: each draw of U takes as many targets as the model has points, and none twice."""
    points = 40
    items = [Observation.projection(cloud.points[:, :2], np.eye(3)), Observation.low_resolution(cloud.points)]
    measured = Observations.combine([*items, Observation.subunit(cloud.points)], points=points)
    for item in measured:
        first, second = (item.redrawn(np.random.default_rng(seed)).taken() for seed in (0, 1))
        assert len(first.targets) == len(second.targets) == points
        assert first.capacity.tolist() == [1] * points
        assert not np.array_equal(first.targets, second.targets)
        assert len(np.unique(first.targets, axis=0)) == points
        assert {tuple(target) for target in first.targets} <= {tuple(target) for target in item.targets}


def test_bad_tasks_are_named(cloud):
    with pytest.raises(ValueError, match="at least one projection"):
        synthesise(cloud, key=(0,))
    with pytest.raises(ValueError, match="cannot be negative"):
        synthesise(cloud, key=(0,), projections=-1)
    with pytest.raises(ValueError, match="at 1 to 120 points, not 121"):
        synthesise(cloud, key=(0,), projections=1, points=121)
    with pytest.raises(ValueError, match="not negative and finite"):
        synthesise(cloud, key=(0,), projections=1, points=20, noise=-1)
    with pytest.raises(ValueError, match="2 observations need as many weights"):
        synthesise(cloud, key=(0,), projections=2, points=20, weights=[1])
    with pytest.raises(ValueError, match="there are A, B"):
        subunit_of_chains(cloud, ["Z"])


def test_anybodys_measurements_are_those_that_are_synthesised(cloud):
    subunit = subunit_of_chains(cloud, ["B"])
    drawn = synthesise(cloud, key=(0, "a", "t"), projections=1, points=30, low_resolution=10, subunit=subunit)
    image, coarse, part = drawn
    rotation = np.column_stack([image.view, np.cross(*image.view.T)])
    given = [
        Observation.projection(image.targets, rotation),
        Observation.low_resolution(coarse.targets),
        Observation.subunit(part.targets),
    ]
    combined = Observations.combine(given, points=120)
    assert combined.points == drawn.points
    for ours, theirs in zip(combined, drawn, strict=True):
        assert (ours.kind, ours.weight, ours.noise) == (theirs.kind, theirs.weight, theirs.noise)
        np.testing.assert_array_equal(ours.targets, theirs.targets)
        np.testing.assert_array_equal(ours.view, theirs.view)
        np.testing.assert_array_equal(np.sort(ours.capacity), np.sort(theirs.capacity))


def test_measurements_that_cannot_be_are_refused(cloud):
    image = cloud.points[:20, :2]
    with pytest.raises(ValueError, match="orthonormal columns"):
        Observation.projection(image, 2 * np.eye(3))
    with pytest.raises(ValueError, match="projection needs points, all of them finite"):
        Observation.projection(np.full((20, 2), np.nan), np.eye(3))
    with pytest.raises(ValueError, match="subunit needs points"):
        Observation.subunit(cloud.points[:0])
    for weights in ([0.0], [-1.0, 2.0], []):
        with pytest.raises(ValueError, match="none negative and not all zero"):
            Observations.combine([Observation.subunit(cloud.points, weight=w) for w in weights], points=120)

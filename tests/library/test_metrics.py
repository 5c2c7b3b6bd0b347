"""Distances between point sets: by hand, against brute force, and under what must not matter."""

import itertools

import numpy as np
import pytest
from protein_clouds import random_motion

from pointprior.scoring.metrics import chamfer, emd, rmsd_atomic, rmsd_matched

METRICS = [rmsd_atomic, rmsd_matched, chamfer, emd]


def two_sets(seed: int, n: int = 40) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, 3)), generator.normal(size=(n, 3))


@pytest.mark.parametrize("metric", METRICS)
def test_zero_for_the_same_set_in_any_order(metric):
    points, _ = two_sets(0)
    assert metric(points, np.random.default_rng(1).permutation(points)) == 0


def test_atomic_rmsd_of_the_largest_entry():
    generator = np.random.default_rng(0)
    atoms, model = generator.uniform(-100, 100, size=(110_541, 3)), generator.uniform(-100, 100, size=(1024, 3))
    found = rmsd_atomic(atoms, model)
    some = generator.choice(len(atoms), 2000, replace=False)
    brute = np.sqrt(((atoms[some, None] - model) ** 2).sum(-1).min(axis=1).mean())
    assert rmsd_atomic(atoms[some], model) == pytest.approx(brute, rel=1e-12)
    assert found == pytest.approx(brute, rel=0.05)


def test_closed_forms_of_a_small_shift():
    # a grid of spacing 1 moved by 0.1: every point's partner is its own image, at 0.1
    grid = np.array(list(itertools.product(range(4), repeat=3)), dtype=float)
    moved = grid + np.array([0.1, 0, 0])
    assert rmsd_atomic(grid, moved) == pytest.approx(0.1)
    assert rmsd_matched(grid, moved) == pytest.approx(0.1)
    assert chamfer(grid, moved) == pytest.approx(0.2)  # the sum of both directions, not their mean, not squared
    assert emd(grid, moved) == pytest.approx(0.1)


def test_closed_forms_where_nearest_and_matched_differ():
    truth = np.array([[0.0, 0, 0], [10.0, 0, 0]])
    model = np.array([[0.0, 3, 0], [0.0, 4, 0]])  # both near the first point
    far = np.sqrt(116)
    assert rmsd_atomic(truth, model) == pytest.approx(np.sqrt((9 + 109) / 2))
    assert rmsd_matched(truth, model) == pytest.approx(np.sqrt((9 + 116) / 2))
    assert chamfer(truth, model) == pytest.approx((3 + np.sqrt(109)) / 2 + (3 + 4) / 2)
    assert emd(truth, model) == pytest.approx((3 + far) / 2)


def test_the_two_matchings_differ():
    # on a line, 0 and 1 to 1 and 1.9: squares favour two moves (1 + 0.81) over one (0 + 3.61); distances tie at 1.9
    a = np.array([[0.0, 0, 0], [1.0, 0, 0]])
    b = np.array([[1.9, 0, 0], [1.0, 0, 0]])
    assert rmsd_matched(a, b) == pytest.approx(np.sqrt(1.81 / 2))
    assert emd(a, b) == pytest.approx(1.9 / 2)


@pytest.mark.parametrize("seed", range(5))
def test_against_every_matching(seed):
    a, b = two_sets(seed, n=6)
    distance = np.linalg.norm(a[:, None] - b[None], axis=2)
    orders = np.array(list(itertools.permutations(range(6))))
    pairs = distance[np.arange(6), orders]
    assert rmsd_matched(a, b) == pytest.approx(np.sqrt((pairs**2).mean(axis=1).min()), rel=1e-12)
    assert emd(a, b) == pytest.approx(pairs.mean(axis=1).min(), rel=1e-12)
    assert chamfer(a, b) == pytest.approx(distance.min(axis=1).mean() + distance.min(axis=0).mean(), rel=1e-12)
    assert rmsd_atomic(a, b) == pytest.approx(np.sqrt((distance.min(axis=1) ** 2).mean()), rel=1e-12)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("seed", range(3))
def test_order_and_common_motion_do_not_matter(metric, seed):
    a, b = two_sets(seed)
    value = metric(a, b)
    generator = np.random.default_rng(seed)
    assert metric(generator.permutation(a), generator.permutation(b)) == pytest.approx(value, rel=1e-12)
    rotation, shift = random_motion(seed)
    assert metric(a @ rotation.T + shift, b @ rotation.T + shift) == pytest.approx(value, rel=1e-9)
    assert metric(5 * a, 5 * b) == pytest.approx(5 * value, rel=1e-12)


@pytest.mark.parametrize("metric", [rmsd_matched, chamfer, emd])
def test_symmetric(metric):
    a, b = two_sets(3)
    assert metric(a, b) == pytest.approx(metric(b, a), rel=1e-12)


def test_sets_of_different_size():
    a, b = two_sets(4)
    assert chamfer(a, b[:7]) > 0
    assert rmsd_atomic(a, b[:7]) > rmsd_atomic(a, b)
    for metric in (rmsd_matched, emd):
        with pytest.raises(ValueError, match=r"equal counts: .* 40 points, .* 7"):
            metric(a, b[:7])


@pytest.mark.parametrize("metric", METRICS)
def test_bad_coordinates(metric):
    a, b = two_sets(5)
    b[3, 1] = np.nan
    b[4, 2] = np.inf
    with pytest.raises(ValueError, match="2 of 40 points are not finite"):
        metric(a, b)
    with pytest.raises(ValueError, match="no points"):
        metric(np.empty((0, 3)), a)

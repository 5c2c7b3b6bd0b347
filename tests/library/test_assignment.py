"""The matching against scipy on repeated targets, its own certificate, and degenerate input."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import linear_sum_assignment

from pointprior.measurements.matching import MatchingError, duality_gap, match, match_all


def optimum_on_copies(x, y, capacity):
    """The straightforward reading: repeat targets, solve the N × ΣC assignment problem."""
    cost = ((x[:, None] - np.repeat(y, capacity, axis=0)) ** 2).sum(-1)
    rows, columns = linear_sum_assignment(cost)
    return cost[rows, columns].sum()


def even(points, targets):
    capacity = np.full(targets, points // targets)
    capacity[: points % targets] += 1
    return capacity


def problem(seed, n, m, d, offset=1.0):
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, d))
    return x, generator.normal(size=(m, d)) * [2.0, 1.0, 0.3][:d] + offset * generator.normal(size=d)


@pytest.mark.parametrize(
    ("n", "m", "d"), [(60, 60, 2), (60, 60, 3), (90, 7, 3), (64, 1, 2), (100, 33, 2), (200, 40, 3)]
)
@pytest.mark.parametrize("seed", range(5))
def test_complete_matching_is_optimal(n, m, d, seed):
    x, y = problem(seed, n, m, d)
    capacity = even(n, m)
    matching = match(x, y, capacity)
    assert matching.cost == pytest.approx(optimum_on_copies(x, y, capacity), rel=1e-9)
    assert abs(duality_gap(x, y, capacity, matching)) < 1e-12
    np.testing.assert_array_equal(np.bincount(matching.target, minlength=m), capacity)


@pytest.mark.parametrize(("n", "m", "d"), [(60, 20, 3), (50, 49, 2), (80, 1, 3)])
@pytest.mark.parametrize("seed", range(5))
def test_partial_matching_is_optimal(n, m, d, seed):
    x, y = problem(seed, n, m, d)
    capacity = np.ones(m, dtype=int)
    matching = match(x, y, capacity)
    assert matching.cost == pytest.approx(optimum_on_copies(x, y, capacity), rel=1e-9)
    assert abs(duality_gap(x, y, capacity, matching)) < 1e-12
    assert (matching.target >= 0).sum() == m
    assert len(np.unique(matching.target[matching.target >= 0])) == m


@pytest.mark.parametrize("m", [1024, 400, 40])
def test_full_size_matches_scipy(m):
    x, y = problem(0, 1024, m, 2)
    assert match(x, y, even(1024, m)).cost == pytest.approx(optimum_on_copies(x, y, even(1024, m)), rel=1e-9)


@pytest.mark.parametrize(("m", "d"), [(1024, 2), (900, 2), (200, 2), (40, 3), (1, 3)])
def test_clouds_thrown_far_out_are_matched(m, d):
    """What strong guidance does to early clouds: ten times the data's size, heavy tails; the certificate proves it."""
    generator = np.random.default_rng(m)
    x = 10 * generator.standard_t(3, size=(1024, d))
    y = generator.random((m, d)) - 0.5
    matching = match(x, y, even(1024, m))
    assert abs(duality_gap(x, y, even(1024, m), matching)) < 1e-12
    assert matching.cost == pytest.approx(optimum_on_copies(x, y, even(1024, m)), rel=1e-9)


@pytest.mark.parametrize("seed", range(20))
def test_any_capacities_are_kept(seed):
    """Uneven capacities, complete and partial, of any size: optimal by the certificate and by scipy."""
    generator = np.random.default_rng(seed)
    n, m, d = int(generator.integers(2, 300)), int(generator.integers(1, 80)), int(generator.integers(2, 4))
    m = min(m, n)
    capacity = 1 + np.bincount(generator.integers(m, size=int(generator.integers(n - m + 1))), minlength=m)
    x, y = problem(seed, n, m, d)
    matching = match(x, y, capacity)
    np.testing.assert_array_equal(np.bincount(matching.target[matching.target >= 0], minlength=m), capacity)
    assert abs(duality_gap(x, y, capacity, matching)) < 1e-12
    assert matching.cost == pytest.approx(optimum_on_copies(x, y, capacity), rel=1e-9)


def test_certificate_rejects_what_is_not_optimal():
    x, y = problem(7, 90, 30, 2)
    best = match(x, y, even(90, 30))
    swapped = best.target.copy()
    a, b = 0, int(np.flatnonzero(swapped != swapped[0])[0])
    swapped[[a, b]] = swapped[[b, a]]
    assert duality_gap(x, y, even(90, 30), replace(best, target=swapped)) > 1e-4
    assert duality_gap(x, y, even(90, 30), replace(best, duals=best.duals + np.arange(31) * 0.01)) > 1e-4


@pytest.mark.parametrize("left_out", [0, 30])
def test_duals_change_no_cost(left_out):
    """A trajectory of small steps, warm and cold, and with duals that are far off."""
    x, y = problem(3, 120, 45, 2)
    capacity = even(120 - left_out, 45)
    generator = np.random.default_rng(0)
    duals = None
    for _ in range(10):
        x = x + 0.05 * generator.normal(size=x.shape)
        warm = match(x, y, capacity, duals=duals)
        misled = match(x, y, capacity, duals=generator.normal(size=46) * 10)
        cold = match(x, y, capacity)
        assert warm.cost == pytest.approx(cold.cost, rel=1e-9)
        assert misled.cost == pytest.approx(cold.cost, rel=1e-9)
        duals = warm.duals


def test_order_of_points_and_targets_does_not_matter():
    x, y = problem(1, 70, 30, 3)
    capacity = even(70, 30)
    generator = np.random.default_rng(1)
    p, q = generator.permutation(70), generator.permutation(30)
    original, shuffled = match(x, y, capacity), match(x[p], y[q], capacity[q])
    assert shuffled.cost == pytest.approx(original.cost, rel=1e-12)
    np.testing.assert_array_equal(q[shuffled.target], original.target[p])


def test_threads_do_not_change_results():
    problems = [(*problem(seed, 150, 60, 2), even(150, 60), None) for seed in range(8)]
    for one, two in zip(match_all(problems, threads=1), match_all(problems, threads=4), strict=True):
        np.testing.assert_array_equal(one.target, two.target)
        np.testing.assert_array_equal(one.duals, two.duals)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_far_away_clouds(dtype):
    x, y = problem(5, 80, 25, 3)
    x, y = (x + 1e6).astype(dtype), y.astype(dtype)
    matching = match(x, y, even(80, 25))
    assert matching.cost == pytest.approx(optimum_on_copies(x.astype(float), y.astype(float), even(80, 25)), rel=1e-9)


def test_degenerate_clouds():
    generator = np.random.default_rng(0)
    x = generator.normal(size=(50, 2))
    assert match(x, np.ones((10, 2)), even(50, 10)).cost == pytest.approx(((x - 1) ** 2).sum())
    twice = np.repeat(x[:25], 2, axis=0)
    assert match(twice, x[:25], np.full(25, 2)).cost == 0
    assert match(np.zeros((50, 2)), x, even(50, 50)).cost == pytest.approx((x**2).sum())
    line = x * [1.0, 0.0]
    assert match(line, line[::-1], even(50, 50)).cost == pytest.approx(0, abs=1e-20)


def test_truth_costs_nothing():
    x, _ = problem(2, 300, 300, 3)
    order = np.random.default_rng(0).permutation(300)
    matching = match(x, x[order], np.ones(300, dtype=int))
    assert matching.cost == 0
    np.testing.assert_array_equal(order[matching.target], np.arange(300))


def test_bad_problems_are_named():
    x, y = problem(0, 10, 4, 2)
    with pytest.raises(MatchingError, match="10 points cannot fill 4 targets"):
        match(x, y, np.full(4, 3))
    with pytest.raises(MatchingError, match="4 dimensions, targets 4; both must have 2 or 3"):
        match(np.zeros((10, 4)), np.zeros((4, 4)), np.array([3, 3, 2, 2]))
    with pytest.raises(MatchingError, match="4 targets have 5 duals"):
        match(x, y, np.array([3, 3, 2, 2]), duals=np.zeros(4))
    with pytest.raises(MatchingError, match="at least 1"):
        match(x, y, np.array([5, 5, 0, 0]))
    with pytest.raises(MatchingError, match="not finite"):
        match(np.where(x == x[0, 0], np.nan, x), y, np.array([3, 3, 2, 2]))
    with pytest.raises(MatchingError, match="not finite"):
        match(x, np.where(y == y[0, 0], np.inf, y), np.array([3, 3, 2, 2]))

"""Pairings that forgive errors, against scipy on cut-off costs, POT's Sinkhorn, and closed forms."""

import numpy as np
import ot
import pytest
import torch
from scipy.optimize import linear_sum_assignment
from scipy.spatial.distance import cdist

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.matching import MatchingError, match
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.pairing import entropic, unbalanced
from pointprior.measurements.synthesis import synthesise
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood

LOOSE = {"pairing": "mixed", "outliers": 0.1}


def problem(seed, n, m, d):
    generator = np.random.default_rng(seed)
    return generator.normal(size=(n, d)), generator.normal(size=(m, d)) * [2.0, 1.0, 0.3][:d] + 1


def even(n, m):
    return np.bincount(np.arange(n) % m)


def cost(pairing, x):
    return float((pairing.share * np.square(x - pairing.wanted).sum(axis=1)).sum() + pairing.rest)


@pytest.mark.parametrize(("n", "m", "d"), [(60, 60, 2), (90, 40, 3), (80, 7, 2)])
@pytest.mark.parametrize("price", [1e-3, 0.05, 0.5, 5.0])
@pytest.mark.parametrize("seed", range(3))
def test_unbalanced_is_the_assignment_of_costs_that_are_cut_off(n, m, d, price, seed):
    x, y = problem(seed, n, m, d)
    found = unbalanced(x, y, even(n, m), price)
    cut = np.minimum(cdist(x, np.repeat(y, even(n, m), axis=0), "sqeuclidean"), price)
    rows, columns = linear_sum_assignment(cut)
    assert cost(found, x) == pytest.approx(cut[rows, columns].sum(), rel=1e-9)


@pytest.mark.parametrize("price", [0.05, 5.0])
def test_what_a_part_leaves_over_stays_free(price):
    x, y = problem(0, 60, 20, 3)
    cut = np.minimum(cdist(x, y, "sqeuclidean"), price)
    rows, columns = linear_sum_assignment(cut)
    assert cost(unbalanced(x, y, np.ones(20, int), price), x) == pytest.approx(cut[rows, columns].sum(), rel=1e-9)


def test_a_high_price_gives_the_exact_matching():
    x, y = problem(0, 100, 33, 2)
    found = unbalanced(x, y, even(100, 33), 1e6)
    assert found.share.all()
    assert cost(found, x) == pytest.approx(match(x, y, even(100, 33)).cost, rel=1e-9)


@pytest.mark.parametrize("temperature", [0.3, 3.0])
@pytest.mark.parametrize(("n", "m", "d"), [(50, 50, 2), (50, 20, 3)])
def test_entropic_is_sinkhorns_plan(n, m, d, temperature):
    x, y = problem(1, n, m, d)
    capacity = even(n, m)
    found, _ = entropic(x, y, capacity, temperature, settled=1e-8)
    squared = cdist(x, y, "sqeuclidean")
    plan = ot.sinkhorn(
        np.ones(n), capacity.astype(float), squared, temperature, method="sinkhorn_log", numItermax=10**5, stopThr=1e-9
    )
    np.testing.assert_allclose(found.wanted, plan @ y, atol=1e-5)
    np.testing.assert_allclose(found.share, 1, atol=1e-12)
    divergence = np.where(plan > 0, plan * np.log(np.maximum(plan, 1e-300) * n / capacity), 0).sum()
    assert cost(found, x) == pytest.approx((plan * squared).sum() + temperature * divergence, rel=1e-5)


def test_entropic_part_shares_points_with_nothing():
    x, y = problem(2, 40, 10, 3)
    capacity = np.ones(10, int)
    found, _ = entropic(x, y, capacity, 0.5, settled=1e-9)
    squared = np.column_stack([cdist(x, y, "sqeuclidean"), np.zeros(40)])
    plan = ot.sinkhorn(
        np.ones(40), np.append(np.ones(10), 30), squared, 0.5, method="sinkhorn_log", numItermax=10**5, stopThr=1e-10
    )
    np.testing.assert_allclose(found.share, plan[:, :10].sum(axis=1), atol=1e-6)


def left_out(n, capacity, share):
    """Masses of points and targets with those that stand for "nothing", which do not pair with each other."""
    extra = share * capacity.sum()
    return np.append(np.ones(n), extra), np.append(capacity, n - capacity.sum() + extra)


@pytest.mark.parametrize("temperature", [0.3, 3.0])
@pytest.mark.parametrize(("n", "m", "d"), [(50, 50, 2), (50, 20, 3)])
@pytest.mark.parametrize("part", [False, True])
def test_outliers_are_sinkhorns_plan_with_an_extra_point_and_target(n, m, d, temperature, part):
    x, y = problem(1, n, m, d)
    capacity = np.ones(m, int) if part else even(n, m)
    found, _ = entropic(x, y, capacity, temperature, outliers=0.1, settled=1e-8)
    points, targets = left_out(n, capacity, 0.1)
    squared = np.zeros((n + 1, m + 1))
    squared[:n, :m] = cdist(x, y, "sqeuclidean")
    squared[n, m] = 1e4
    plan = ot.sinkhorn(points, targets, squared, temperature, method="sinkhorn_log", numItermax=10**5, stopThr=1e-10)
    np.testing.assert_allclose(found.share, plan[:n, :m].sum(axis=1), atol=1e-6)
    np.testing.assert_allclose(found.share.sum(), 0.9 * capacity.sum(), rtol=1e-6)
    np.testing.assert_allclose(found.share[:, None] * found.wanted, plan[:n, :m] @ y, atol=1e-5)
    independent = points[:, None] * targets / n
    divergence = np.where(plan > 1e-200, plan * np.log(np.maximum(plan, 1e-300) / independent), 0).sum()
    assert cost(found, x) == pytest.approx((plan * squared)[:n].sum() + temperature * divergence, rel=1e-5)


def test_outliers_of_no_temperature_are_the_pairs_that_cost_most():
    """The cheapest matching of nine tenths, by scipy with extra points and targets that cost nothing."""
    x, y = problem(3, 60, 60, 2)
    squared = np.zeros((66, 66))
    squared[:60, :60] = cdist(x, y, "sqeuclidean")
    squared[60:, 60:] = 1e6
    rows, columns = linear_sum_assignment(squared)
    found, _ = entropic(x, y, even(60, 60), 1e-3, outliers=0.1, settled=1e-5)
    assert cost(found, x) == pytest.approx(squared[rows, columns].sum(), rel=0.01)
    np.testing.assert_allclose(found.share, columns[:60] < 60, atol=0.05)


def test_no_temperature_is_the_exact_matching():
    x, y = problem(3, 60, 60, 2)
    matching = match(x, y, even(60, 60))
    found, _ = entropic(x, y, even(60, 60), 1e-3, settled=1e-5)
    assert np.median(np.abs(found.wanted - y[matching.target])) < 1e-3
    assert cost(found, x) == pytest.approx(matching.cost, rel=0.01)


def test_two_points_share_two_targets_by_hand():
    """Symmetric: each takes its own with probability 1 / (1 + exp(-2 Δ / ε)), Δ the cost of changing over."""
    x, y = np.array([[-1.0, 0], [1.0, 0]]), np.array([[-1.0, 0.5], [1.0, 0.5]])
    found, _ = entropic(x, y, np.ones(2, int), 2.0, settled=1e-12)
    own = 1 / (1 + np.exp(-4 / 2.0))  # costs 1/4 and 4 + 1/4
    np.testing.assert_allclose(found.wanted[:, 0], [1 - 2 * own, 2 * own - 1], atol=1e-9)


@pytest.mark.parametrize("temperature", [0.05, 0.3])
@pytest.mark.parametrize(("n", "m", "d", "taken"), [(60, 60, 2, 60), (60, 25, 3, 60), (60, 20, 3, 20)])
def test_potentials_of_another_problem_change_the_way_and_not_the_end(n, m, d, taken, temperature):
    """Of a moved cloud, shifted ones, ones that leave targets out of reach, and ones of another number of targets."""
    x, y = problem(4, n, m, d)
    capacity = even(taken, m)  # of a part, fewer than the points
    cold, potentials = entropic(x, y, capacity, temperature, settled=1e-5)
    moved = entropic(x + 0.2, y, capacity, 2 * temperature, settled=1e-5)[1]
    wild = np.where(np.arange(len(potentials)) % 2, 1e5, -1e5)
    for start in (potentials, moved, potentials + 1e3, wild, potentials[:-1]):
        warm, ended = entropic(x, y, capacity, temperature, start=start, settled=1e-5)
        np.testing.assert_allclose(warm.share, cold.share, atol=1e-3)
        weighed = [one.share[:, None] * one.wanted for one in (warm, cold)]  # of no share, any place will do
        np.testing.assert_allclose(*weighed, atol=1e-3)
        assert cost(warm, x) == pytest.approx(cost(cold, x), rel=1e-4)
        assert np.ptp(ended - potentials) < 1e-2  # potentials are defined up to a constant


@pytest.mark.parametrize("temperature", [1e-3, 1e-2, 0.5])
def test_single_precision_is_enough_to_settle(temperature, monkeypatch):
    generator = np.random.default_rng(5)
    y = generator.uniform(-1, 1, (300, 2))
    x, capacity = y + 0.1 * generator.normal(size=y.shape), np.ones(300, int)
    single, _ = entropic(x, y, capacity, temperature)
    monkeypatch.setattr("pointprior.measurements.pairing.COARSE", np.inf)
    double, _ = entropic(x, y, capacity, temperature)
    np.testing.assert_allclose(single.wanted, double.wanted, atol=1e-3)
    assert np.abs(single.wanted - double.wanted).max() > 0  # not the same arithmetic
    assert cost(single, x) == pytest.approx(cost(double, x), rel=1e-4)


def test_a_point_far_from_all_others_is_shared_all_the_same():
    """Exponents are cut off, so that no row or column of the kernel is without a number above zero."""
    x, y = problem(6, 50, 50, 2)
    x[0], y[7] = 1e4, -1e4
    found, _ = entropic(x, y, np.ones(50, int), 1e-3)
    assert np.isfinite(found.wanted).all()
    assert np.isfinite(found.rest)
    np.testing.assert_allclose(found.share, 1, atol=1e-5)


def test_bad_problems_are_named():
    x, y = problem(0, 10, 4, 2)
    with pytest.raises(MatchingError, match="cannot fill"):
        unbalanced(x, y, np.full(4, 3), 1.0)
    with pytest.raises(MatchingError, match="not finite"):
        unbalanced(np.where(np.arange(10)[:, None] == 2, np.nan, x), y, np.full(4, 2), 1.0)


# ---- as settings of the energy


@pytest.fixture(scope="module")
def cloud():
    return PointCloud.from_coordinates(np.random.default_rng(0).normal(size=(60, 3)) * [30, 20, 10])


@pytest.fixture(scope="module")
def observations(cloud):
    return synthesise(cloud, key=(0,), projections=2, points=25, low_resolution=6, subunit=np.arange(60) < 15, noise=2)


@pytest.fixture
def x(cloud):
    noise = torch.randn(2, 60, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    return torch.from_numpy(cloud.points).double() + 0.2 * noise


@pytest.mark.parametrize("uncertainty", [0.0, 0.3])
@pytest.mark.parametrize("weighting", ["given", "precision"])
@pytest.mark.parametrize(
    "pairing", [{"pairing": "exact"}, {"pairing": "unbalanced", "gate": 2.0}, {"pairing": "entropic"}, LOOSE]
)
def test_gradient_matches_finite_differences(observations, x, pairing, weighting, uncertainty, monkeypatch):
    monkeypatch.setattr("pointprior.measurements.pairing.SETTLED", 1e-9)
    energy = Energy(observations, likelihood=Likelihood(weighting=weighting, **pairing))
    x = x.requires_grad_()
    (gradient,) = torch.autograd.grad(energy(x, uncertainty=uncertainty).sum(), x)
    direction = torch.randn(x.shape, generator=torch.Generator().manual_seed(1), dtype=x.dtype)
    h = 1e-6
    with torch.no_grad():
        up, down = (energy(x + step * direction, uncertainty=uncertainty) for step in (h, -h))
    assert ((up - down).sum() / (2 * h)).item() == pytest.approx((gradient * direction).sum().item(), rel=1e-4)


def test_reported_energy_does_not_depend_on_the_likelihood(observations, x):
    plain = Energy(observations).reported(x)
    for pairing in ("unbalanced", "entropic"):
        other = Energy(observations, likelihood=Likelihood(pairing=pairing, weighting="precision"))
        torch.testing.assert_close(other.reported(x), plain, rtol=0.0, atol=0.0)


def test_mixed_pairings_share_points_among_the_targets_of_pictures_only(observations, x):
    """Projections as under an entropic pairing, with outliers left out; all else as matched exactly."""
    pairs = {
        pairing: Energy(observations, likelihood=Likelihood(pairing=pairing, outliers=0.1)).matched(x, uncertainty=0.2)
        for pairing in ("exact", "entropic", "mixed")
    }
    kinds = [observation.kind for observation in observations]
    assert kinds == ["projection", "projection", "low_resolution", "subunit"]
    for kind, exact, entropic_, mixed in zip(kinds, *pairs.values(), strict=True):
        like, unlike = (entropic_, exact) if kind == "projection" else (exact, entropic_)
        np.testing.assert_allclose(mixed.wanted, like.wanted, atol=1e-9)
        np.testing.assert_array_equal(mixed.share, like.share)
        assert np.abs(mixed.wanted - unlike.wanted).max() > 0.01
        assert mixed.share.sum(axis=1) == pytest.approx({"projection": 54, "subunit": 15}.get(kind, 60), rel=1e-3)


def test_precise_measurements_weigh_more():
    """By one over the variance: own errors, noise, and what is uncertain of the cloud."""
    generator = np.random.default_rng(0)
    points = generator.uniform(-1, 1, (200, 3))
    given = [Observation.projection(points[:, :2], np.eye(3), noise=noise) for noise in (0.0, 0.3)]
    measured = Observations.combine(given, points=200)
    energy = Energy(measured, likelihood=Likelihood(weighting="precision", sigma=0.5))
    own = (0.5 * measured.cloud_spacing()) ** 2
    expected = np.array([1 / own, 1 / (own + 0.09)])
    assert energy.weights() == pytest.approx(expected / expected.sum(), rel=1e-5)
    assert energy.weights(uncertainty=100.0) == pytest.approx([0.5, 0.5], abs=1e-4)
    assert Energy(measured).weights() == [0.5, 0.5]


def test_uncertain_clouds_are_paired_softly(observations, x):
    """The more uncertain, the nearer are the mean targets to each other; certain ones have a target each."""
    energy = Energy(observations, likelihood=Likelihood(pairing="entropic", sigma=0.01))
    widths = [energy.matched(x, uncertainty=level)[0].wanted.std() for level in (0.0, 0.2, 5.0)]
    assert widths[0] > widths[1] > 20 * widths[2]


def test_false_points_no_longer_pull():
    """One false target far away: exact energy sends a point there, an unbalanced one leaves both alone."""
    generator = np.random.default_rng(1)
    truth = generator.uniform(-0.3, 0.3, (50, 3)).astype(np.float32)
    views = [np.eye(3), np.eye(3)[[1, 2, 0]]]
    seen = [np.concatenate([(truth @ view)[1:, :2], [[5.0, 5.0]]]) for view in views]
    measured = Observations.combine([Observation.projection(y, v) for y, v in zip(seen, views, strict=True)], points=50)
    start = torch.from_numpy(truth)[None].double()
    loose = {"pairing": "entropic", "outliers": 0.02}  # one point of fifty
    for pairing, moved in (
        ({}, True),
        ({"pairing": "entropic"}, True),
        ({"pairing": "unbalanced"}, False),
        (loose, False),
    ):
        at = start.clone().requires_grad_()
        (gradient,) = torch.autograd.grad(Energy(measured, likelihood=Likelihood(**pairing))(at).sum(), at)
        assert bool(gradient.abs().max() > 1) == moved


@pytest.mark.parametrize("pairing", [{"pairing": "unbalanced"}, {"pairing": "entropic"}, LOOSE])
def test_likelihood_can_be_maximised_under_it(observations, pairing):
    energy = Energy(observations, likelihood=Likelihood(**pairing))
    found = maximise_likelihood(energy, key=(0,), samples=2, points=60, steps=60, learning_rate=0.1, annealed=True)
    start = maximise_likelihood(energy, key=(0,), samples=2, points=60, steps=1, learning_rate=1e-6)
    assert (found.energy < 0.2 * start.energy).all()

"""Energies: closed forms, gradients, invariances."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import READINGS, Duals, Energy
from pointprior.measurements.matching import MatchingError
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.synthesis import synthesise


@pytest.fixture(scope="module")
def cloud():
    return PointCloud.from_coordinates(np.random.default_rng(0).normal(size=(60, 3)) * [3, 2, 1])


@pytest.fixture(scope="module")
def observations(cloud):
    subunit = np.arange(60) < 15
    return synthesise(cloud, key=(0, "a"), projections=2, points=25, low_resolution=6, subunit=subunit)


def clouds_near(cloud, samples=3, jitter=0.2, dtype=torch.float64):
    noise = torch.randn(samples, 60, 3, generator=torch.Generator().manual_seed(0), dtype=dtype)
    return torch.from_numpy(cloud.points).to(dtype) + jitter * noise


def test_closed_form_of_a_shift():
    """All targets at one place: every point pays its distance to it; the mean divides by N, the sum does not."""
    target = Observation("low_resolution", np.ones((1, 3), np.float32), np.eye(3, dtype=np.float32), np.array([4]), 1.0)
    energy = Energy(Observations((target,), 4, 0), reading="fixed")
    x = torch.zeros(2, 4, 3)
    x[1] = 1
    assert energy(x).tolist() == [12.0, 0.0]
    assert energy.reported(x).tolist() == [3.0, 0.0]


def test_weights_average_observations(cloud):
    """Equal weights are 1/|y|: the energy of two observations is the mean of their own."""
    parts = synthesise(cloud, key=(0,), projections=2, points=60)
    x = clouds_near(cloud)
    halves = [Energy(Observations((o,), 60, 0)).reported(x) for o in parts]  # each carries its weight 1/2
    whole = [Energy(synthesise_one(o)).reported(x) for o in parts]
    torch.testing.assert_close(Energy(parts).reported(x), halves[0] + halves[1])
    torch.testing.assert_close(Energy(parts).reported(x), (whole[0] + whole[1]) / 2)


def synthesise_one(observation):
    return Observations((replace(observation, weight=1.0),), 60, 0)


@pytest.mark.parametrize("reading", READINGS)
def test_truth_has_no_energy(cloud, reading):
    """M = N: nothing to repeat, so that every target finds its point."""
    full = synthesise(cloud, key=(0,), projections=3, points=60, subunit=np.arange(60) < 20)
    truth = torch.from_numpy(cloud.points)[None]
    energy = Energy(full, reading=reading)
    assert energy(truth).item() < 1e-10
    assert energy.reported(truth).item() < 1e-12


@pytest.mark.parametrize("noise", [0.5, 2.0])
def test_truth_pays_the_variance_of_the_noise_where_points_are_far_apart(noise):
    """Far more than the noise between projected points: every point keeps its own target, E = σ² a coordinate."""
    sparse = PointCloud.from_coordinates(np.random.default_rng(0).normal(size=(60, 3)) * 1e6)
    full = synthesise(sparse, key=(0,), projections=20, points=60, noise=noise * 100)
    variance = (100 * noise / sparse.scale) ** 2
    truth = torch.from_numpy(sparse.points)[None].double()
    assert Energy(full).reported(truth).item() == pytest.approx(variance, rel=0.1)  # 2,400 errors: 3 %
    assert Energy(full)(truth).item() == pytest.approx(60 * 2 * variance, rel=0.1)


def test_reported_energy_is_a_mean_over_points_or_coordinates():
    """One target for all points: nothing to redraw, so the readings differ by the number of coordinates alone."""
    target = Observation("low_resolution", np.ones((1, 3), np.float32), np.eye(3, dtype=np.float32), np.array([4]), 1.0)
    observations, x = Observations((target,), 4, 0), torch.zeros(1, 4, 3)
    fixed, redrawn = Energy(observations, reading="fixed"), Energy(observations, reading="redrawn")
    assert fixed.reported(x).item() == 3.0
    assert redrawn.reported(x).item() == 1.0
    assert fixed(x).item() == redrawn(x).item() == 12.0


def test_every_draw_repeats_other_targets(cloud, observations):
    x = clouds_near(cloud)
    energy = Energy(observations, reading="redrawn")
    first, second = energy(x, draw=0), energy(x, draw=1)
    assert (first != second).all()
    torch.testing.assert_close(energy(x, draw=0), first, rtol=0.0, atol=0.0)  # whoever called it in between
    one = Energy(observations, reading="redrawn")(x[1:2])  # the draws are the same for all samples
    torch.testing.assert_close(one[0], first[1], rtol=1e-12, atol=0.0)


def test_redrawing_repeats_every_target_at_least_once(observations):
    generator = np.random.default_rng(0)
    for observation in observations:
        drawn = observation.redrawn(generator)
        assert drawn.capacity.sum() == observation.capacity.sum()
        assert (drawn.capacity > 0).all()
        if observation.kind == "subunit":  # L targets for L points: nothing to draw
            np.testing.assert_array_equal(drawn.capacity, observation.capacity)
        else:
            assert drawn.capacity.max() > drawn.capacity.min() + 1  # not as even as a fixed U


def more_than_points(kind, points):
    """A measurement of all of a cloud's points."""
    if kind == "projection":
        turn = Rotation.random(random_state=0).as_matrix()
        return Observation.projection((points @ turn)[:, :2], turn)
    return getattr(Observation, kind)(points)


@pytest.mark.parametrize("kind", ["projection", "low_resolution", "subunit"])
@pytest.mark.parametrize("reading", ["redrawn", "fixed"])
def test_energy_of_more_targets_than_points_is_zero_on_the_targets_that_were_drawn(cloud, reading, kind):
    measured = Observations.combine([more_than_points(kind, cloud.points)], points=30)
    energy = Energy(measured, reading=reading)
    (paired,) = energy.matched(torch.zeros(1, 30, 3, dtype=torch.float64), draw=3)
    assert len(paired.observation.targets) == 30
    drawn = torch.from_numpy(paired.observation.targets.astype(np.float64) @ paired.observation.view.T)[None]
    assert energy(drawn, draw=3).item() == pytest.approx(0, abs=1e-12)
    assert (energy(drawn, draw=4).item() > 1e-3) == (reading == "redrawn")


def test_unknown_reading_is_named(observations):
    with pytest.raises(ValueError, match="choose one of redrawn, fixed"):
        Energy(observations, reading="free")


@pytest.mark.parametrize("reading", READINGS)
def test_gradient_matches_finite_differences(cloud, observations, reading):
    def energy(x):
        return Energy(observations, reading=reading)(x)

    x = clouds_near(cloud, samples=1).requires_grad_()
    (gradient,) = torch.autograd.grad(energy(x).sum(), x)
    direction = torch.randn(x.shape, generator=torch.Generator().manual_seed(1), dtype=x.dtype)
    h = 1e-6
    with torch.no_grad():
        slope = (energy(x + h * direction) - energy(x - h * direction)) / (2 * h)
    assert slope.item() == pytest.approx((gradient * direction).sum().item(), rel=1e-6)


def test_order_of_points_does_not_matter(cloud, observations):
    x = clouds_near(cloud)
    order = torch.randperm(60, generator=torch.Generator().manual_seed(2))
    torch.testing.assert_close(Energy(observations)(x[:, order]), Energy(observations)(x))


def test_order_of_targets_does_not_matter(cloud, observations):
    generator, shuffled = np.random.default_rng(3), []
    for o in observations:
        order = generator.permutation(len(o.targets))
        shuffled.append(replace(o, targets=o.targets[order], capacity=o.capacity[order]))
    x = clouds_near(cloud)
    expected = Energy(observations, reading="fixed")(x)
    torch.testing.assert_close(Energy(Observations(tuple(shuffled), 60, 0), reading="fixed")(x), expected)


def test_joint_rotation_changes_nothing(cloud, observations):
    """x → x Q with views Qᵀ R and 3D targets y Q."""
    q = Rotation.random(rng=np.random.default_rng(0)).as_matrix()
    turned = tuple(
        Observation(o.kind, o.targets, (q.T @ o.view).astype(np.float32), o.capacity, o.weight) for o in observations
    )
    x = clouds_near(cloud)
    torch.testing.assert_close(
        Energy(Observations(turned, 60, observations.seed))(x @ torch.from_numpy(q)),
        Energy(observations)(x),
        rtol=1e-5,
        atol=1e-6,
    )


def test_memory_of_duals_changes_nothing(cloud, observations):
    energy, duals = Energy(observations, threads=2, reading="fixed"), Duals()
    for jitter in (0.3, 0.2, 0.1):
        x = clouds_near(cloud, jitter=jitter)
        torch.testing.assert_close(energy(x, duals=duals), energy(x), rtol=1e-9, atol=0.0)
        assert len(duals.values) == len(observations) * len(x)


def test_samples_do_not_interact(cloud, observations):
    x = clouds_near(cloud)
    together = Energy(observations)(x)
    alone = torch.cat([Energy(observations)(one[None]) for one in x])
    torch.testing.assert_close(together, alone, rtol=1e-12, atol=0.0)


def test_bad_clouds_are_named(cloud, observations):
    x = clouds_near(cloud)
    x[1, 5, 2] = float("nan")
    with pytest.raises(MatchingError, match="sample 1 is not finite where observation 0"):
        Energy(observations)(x)
    with pytest.raises(ValueError, match="59 points, the measurements are of 60"):
        Energy(observations)(x[:, 1:])

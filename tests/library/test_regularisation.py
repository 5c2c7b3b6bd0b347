"""The regulariser: closed forms, gradient, invariances, and the spacing that measurements tell."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.synthesis import synthesise
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood
from pointprior.reconstruction.regularisation import PairDistances


def pair(distance, dtype=torch.float64):
    return torch.tensor([[[0, 0, 0], [distance, 0, 0]]], dtype=dtype)


@pytest.mark.parametrize(
    ("distance", "expected"),
    [(0.3, 2 * 0.5**2), (0.8, 0.0), (1.0, 0.0), (1.8, 0.0), (2.8, 2 * 1.0**2)],
)
def test_closed_form_of_a_pair(distance, expected):
    """Each of the two points pays its distance from the well [0.8 s, 1.8 s], squared."""
    assert PairDistances(1.0, neighbours=1)(pair(distance)).item() == pytest.approx(expected, abs=1e-12)
    assert PairDistances(2.0, neighbours=1)(pair(2 * distance)).item() == pytest.approx(4 * expected, abs=1e-12)


def test_regular_lattice_costs_nothing_and_a_loner_does():
    grid = np.stack(np.meshgrid(*[np.arange(6.0)] * 3, indexing="ij"), axis=-1).reshape(1, -1, 3)
    well = PairDistances(1.0, neighbours=6, far=2.1)  # at a corner, the sixth neighbour is √2 to 2 away
    assert well(torch.from_numpy(grid)).item() == 0
    away = grid.copy()
    away[0, 0] = [-10, 0, 0]
    nearest = np.sort(np.linalg.norm(away[0, 1:] - away[0, 0], axis=1))[:6]
    lost = ((nearest - 2.1) ** 2).sum()
    # its former neighbours still have six within reach
    assert well(torch.from_numpy(away)).item() == pytest.approx(lost)


def random_clouds(samples=2, points=80):
    return torch.rand(samples, points, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def test_gradient_matches_finite_differences():
    well, x = PairDistances(0.15), random_clouds().requires_grad_()
    (gradient,) = torch.autograd.grad(well(x).sum(), x)
    direction = torch.randn(x.shape, generator=torch.Generator().manual_seed(1), dtype=x.dtype)
    h = 1e-7
    with torch.no_grad():
        slope = (well(x + h * direction) - well(x - h * direction)).sum() / (2 * h)
    assert gradient.abs().max() > 0
    assert slope.item() == pytest.approx((gradient * direction).sum().item(), rel=1e-5)


def test_coinciding_points_have_no_slope_rather_than_nan():
    x = torch.zeros(1, 5, 3, requires_grad=True)
    value = PairDistances(1.0, neighbours=4)(x)
    value.sum().backward()
    assert value.item() == pytest.approx(5 * 4 * 0.8**2)
    assert x.grad.isfinite().all()


def test_order_rotation_and_shift_change_nothing():
    well, x = PairDistances(0.15), random_clouds()
    order = torch.randperm(80, generator=torch.Generator().manual_seed(2))
    turn = torch.from_numpy(Rotation.random(rng=np.random.default_rng(0)).as_matrix())
    torch.testing.assert_close(well(x[:, order]), well(x))
    torch.testing.assert_close(well(x @ turn + 3.0), well(x))
    torch.testing.assert_close(torch.cat([well(one[None]) for one in x]), well(x))


@pytest.mark.parametrize(("distance", "relaxed"), [(0.3, 0.7), (1.0, 1.0), (2.8, 2.0)])
def test_relaxing_undoes_four_fifths_of_what_is_wrong_with_a_pair(distance, relaxed):
    x = PairDistances(1.0, neighbours=1).relax(pair(distance), rounds=1)
    assert (x[0, 1] - x[0, 0]).norm().item() == pytest.approx(relaxed)
    assert x.mean(dim=1)[0, 0].item() == pytest.approx(distance / 2)  # both move


def test_relaxing_lessens_the_regulariser():
    well, x = PairDistances(0.15), random_clouds()
    assert (well(well.relax(x)) < 0.3 * well(x)).all()


def test_two_points_repel_to_the_spacing():
    x = pair(0.1).requires_grad_()
    well = PairDistances(1.0, neighbours=1)
    optimiser = torch.optim.SGD([x], lr=0.1)
    for _ in range(200):
        optimiser.zero_grad()
        well(x).sum().backward()
        optimiser.step()
    distance = (x[0, 0] - x[0, 1]).norm().item()
    assert distance == pytest.approx(0.8, abs=1e-6)


def test_bad_wells_are_named():
    for bad in ({"spacing": 0.0}, {"spacing": 1.0, "neighbours": 0}, {"spacing": 1.0, "near": 2.0}):
        with pytest.raises(ValueError, match="a well needs a positive spacing"):
            PairDistances(**bad)
    with pytest.raises(ValueError, match="5 points have no 6 neighbours each"):
        PairDistances(1.0)(torch.zeros(1, 5, 3))


def ball(points):
    """Points on a jittered lattice inside a ball: a body of even density, as mixture means of a complex are."""
    side = np.arange(-20, 21)
    lattice = np.stack(np.meshgrid(side, side, side), axis=-1).reshape(-1, 3)
    lattice = lattice + 0.15 * np.random.default_rng(0).normal(size=lattice.shape)
    nearest = np.argsort(np.linalg.norm(lattice, axis=1))[:points]
    return PointCloud.from_coordinates(lattice[nearest] * 5)


CLOUDS = sorted((Path(__file__).parents[2] / "resources/clouds").glob("*.npz"))


@pytest.mark.parametrize("path", CLOUDS, ids=lambda path: path.stem)
@pytest.mark.parametrize(
    "measured",
    [
        {"projections": 3},
        {"projections": 3, "points": 300},
        {"projections": 3, "noise": 5},
        {"low_resolution": 40},
        {"projections": 1, "points": 300, "low_resolution": 40},
    ],
    ids=["projections", "few points", "noise", "low resolution", "both"],
)
def test_spacing_of_complexes_is_told_by_their_measurements(path, measured):
    cloud = PointCloud.load(path)
    spacing = synthesise(cloud, key=(0, path.stem, "t"), **measured).cloud_spacing() * cloud.scale
    assert spacing == pytest.approx(cloud.spacing(), rel=0.3)


def test_clouds_to_try_are_shipped():
    assert len(CLOUDS) == 3


def test_spacing_of_a_subunit_is_that_of_its_points():
    cloud = ball(500)
    chosen = cloud.points[:, 0] > 0
    (observation,) = synthesise(cloud, key=(0,), subunit=chosen)
    distance = cKDTree(observation.targets).query(observation.targets, k=2)[0][:, 1]
    assert Observations((observation,), 500, 0).cloud_spacing() == pytest.approx(np.median(distance), rel=1e-6)


def test_spacing_grows_with_the_measurements_and_knows_nothing_else():
    (observation,) = synthesise(ball(500), key=(0,), projections=1, points=200)
    twice = replace(observation, targets=2 * observation.targets)
    estimates = [Observations((o,), 500, 0).cloud_spacing() for o in (observation, twice)]
    assert estimates[1] == pytest.approx(2 * estimates[0])


def test_spacing_needs_two_points_that_differ():
    target = Observation("low_resolution", np.ones((1, 3), np.float32), np.eye(3, dtype=np.float32), np.array([4]), 1.0)
    with pytest.raises(ValueError, match="one measured point has no spacing"):
        Observations((target,), 4, 0).cloud_spacing()
    same = replace(target, targets=np.ones((4, 3), np.float32), capacity=np.ones(4, dtype=np.int64))
    with pytest.raises(ValueError, match="most points of a low_resolution coincide"):
        Observations((same,), 4, 0).cloud_spacing()


def test_regularised_cloud_has_fewer_overlaps_and_loners():
    cloud = ball(300)
    observations = synthesise(cloud, key=(0,), projections=3, points=300)
    well = PairDistances(observations.cloud_spacing())
    settings = {"key": (0,), "samples": 1, "points": 300, "steps": 60, "learning_rate": 0.03}
    bare = maximise_likelihood(Energy(observations), **settings)
    regular = maximise_likelihood(Energy(observations), **settings, regulariser=well, weight=1.0)
    costs = [well(torch.from_numpy(found.points)).item() for found in (bare, regular)]
    assert costs[1] < 0.5 * costs[0]
    without = maximise_likelihood(Energy(observations), **settings, regulariser=well, weight=0.0)
    np.testing.assert_allclose(without.points, bare.points, atol=1e-5)

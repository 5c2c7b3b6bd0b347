"""The control that reads common lines: exact where the data hold the answer, and still a model where they do not."""

import numpy as np
import pytest
from protein_clouds import protein_cloud

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observation, Observations
from pointprior.measurements.synthesis import synthesise
from pointprior.methods import METHODS
from pointprior.reconstruction.common_lines import read
from pointprior.reconstruction.problem import Problem
from pointprior.runtime.seeding import numpy_generator


@pytest.fixture(scope="module")
def cloud():
    return PointCloud.from_coordinates(protein_cloud(0, points=500), covariance=np.eye(3))


def model_of(observations, points=500, sample=0):
    return read(observations).model(points, numpy_generator("test", sample))


def farthest(points, others):
    """Largest distance of a point to the nearest of the others."""
    return np.sqrt(((points[:, None] - others) ** 2).sum(-1).min(axis=1)).max()


@pytest.mark.parametrize("rotation", ["SO3", "O3"])
@pytest.mark.parametrize("projections", [2, 3, 5])
def test_projections_of_all_points_hold_the_structure(cloud, projections, rotation):
    for seed in range(3):
        measured = synthesise(cloud, key=(seed,), projections=projections, points=500, rotation=rotation)
        model = model_of(measured)
        assert model.shape == (500, 3)
        assert max(farthest(model, cloud.points), farthest(cloud.points, model)) < 1e-5


def test_points_that_two_projections_show_are_known(cloud):
    measured = synthesise(cloud, key=(0,), projections=4, points=350)
    shown = [(((cloud.points @ o.view)[:, None] - o.targets) ** 2).sum(-1).min(axis=1) < 1e-12 for o in measured]
    times = np.sum(shown, axis=0)
    reading = read(measured)
    assert len(reading.known) == (times >= 2).sum()
    assert farthest(cloud.points[times >= 2], reading.known) < 1e-5
    assert sum(len(targets) for _, targets in reading.single) == (times == 1).sum()


def test_draws_agree_with_what_one_projection_shows(cloud):
    measured = synthesise(cloud, key=(0,), projections=2, points=300, low_resolution=20)
    reading = read(measured)
    one, other = (model_of(measured, sample=sample) for sample in range(2))
    known = len(reading.known)
    np.testing.assert_array_equal(one[:known], other[:known])
    assert not np.array_equal(one, other)
    for observation, (_, single) in zip(measured, reading.single, strict=False):
        assert farthest(single, one @ observation.view) < 1e-5


def test_depth_comes_from_near_places():
    """A bent sheet: what its one projection shows gets the depth that the coarse structure has there."""
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, 30), np.linspace(-1, 1, 30)), axis=-1).reshape(-1, 2)
    sheet = np.column_stack([grid, grid[:, 0] ** 2])
    coarse = sheet.reshape(10, 3, 10, 3, 3).mean(axis=(1, 3)).reshape(-1, 3)
    given = [Observation.projection(grid, np.eye(3)), Observation.low_resolution(coarse)]
    model = model_of(Observations.combine(given, points=900), points=900)
    assert np.abs(model[:, 2] - model[:, 0] ** 2).max() < 0.5  # two cells of 0.2 where the slope is 2
    assert farthest(grid, model[:, :2]) < 1e-6


def test_a_known_part_is_not_counted_twice(cloud):
    measured = synthesise(cloud, key=(0,), projections=2, points=500, subunit=np.arange(500) < 100)
    assert len(read(measured).known) == 500
    alone = synthesise(cloud, key=(0,), projections=1, points=500, subunit=np.arange(500) < 100)
    assert len(read(alone).single[0][1]) == 400


@pytest.mark.parametrize(
    "errors", [{"noise": 0.5}, {"draw": "density"}, {"pose_error": 1.0}, {"noise": 5.0, "missing": 0.2}]
)
def test_errors_leave_draws_only(cloud, errors):
    """Nothing is known any more, and the model is no better than chance; but it is one."""
    for seed in range(5):
        measured = synthesise(cloud, key=(seed,), projections=3, points=500, **errors)
        reading = read(measured)
        assert len(reading.known) == 0
        model = model_of(measured)
        assert model.shape == (500, 3)
        assert np.isfinite(model).all()
        assert np.abs(model).max() < 50


def test_missing_and_false_points_hide_nothing_that_two_projections_show(cloud):
    measured = synthesise(cloud, key=(0,), projections=3, points=500, missing=0.1, spurious=0.1)
    known = read(measured).known
    assert len(known) > 450
    assert (np.sqrt(((known[:, None] - cloud.points) ** 2).sum(-1).min(axis=1)) < 1e-5).sum() > 450


def test_parallel_projections_share_no_line(cloud):
    twice = [Observation.projection(cloud.points[:, :2], np.eye(3))] * 2
    assert len(read(Observations.combine(twice, points=500)).known) == 0


@pytest.mark.parametrize("measured", [{"low_resolution": 20}, {"projections": 1, "points": 200}])
def test_little_is_enough_for_a_model(cloud, measured):
    model = model_of(synthesise(cloud, key=(0,), **measured))
    assert model.shape == (500, 3)
    assert np.isfinite(model).all()


def test_it_is_a_control_of_the_registry(cloud):
    method = METHODS["common_lines"]
    assert method.role == "control"
    measured = synthesise(cloud, key=(0,), projections=3, points=500)
    problem = Problem(Energy(measured), key=(0, "a", "t"), samples=2, alpha=1.0, beta="1/t", steps=2, nfe=3)
    found = method.load().reconstruct(problem, method.load_settings()())
    assert found.points.shape == (2, 500, 3)
    assert found.energy.max() < 1e-10
    assert found.nfe == 0

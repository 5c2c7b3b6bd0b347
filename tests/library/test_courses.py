"""What the denoiser expected on the way: which times are kept, of which sample, and their file."""

import numpy as np
import pytest

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.synthesis import synthesise
from pointprior.output.figures import plot_courses
from pointprior.reconstruction import dps
from pointprior.reconstruction.course import KEPT, Recorder
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import Schedule

N = 30


@pytest.fixture(scope="module")
def energy():
    cloud = PointCloud.from_coordinates(np.random.default_rng(0).normal(size=(N, 3)))
    return Energy(synthesise(cloud, key=(0,), projections=2, points=N))


def gaussian(x, t):
    """Exact for points drawn from a normal density."""
    return x / (1 + 4 * t[:, None, None] ** 2)


def sampled(energy, steps=12, denoise=gaussian, **settings):
    how = (Schedule(steps), None if energy is None else Guidance(1.0), Execution(**settings))
    return dps.sample(denoise, energy, *how, key=(0,), samples=3, points=N)


def test_the_first_samples_last_word_at_each_time_is_kept():
    """Of the two evaluations at a time, the one that its own step takes: the last."""
    recorder = Recorder([1.0, 0.5, 0.1, 0.0])
    for t, value in ((1.0, 1.0), (0.5, 2.0), (0.3, 9.0), (0.5, 3.0)):
        recorder.take(t, np.stack([np.full((N, 3), value), np.full((N, 3), -value)]))
    course = recorder.course()
    assert course.times.tolist() == [1.0, 0.5]
    assert course.clouds[:, 0, 0].tolist() == [1.0, 3.0]
    assert course.clouds.dtype == np.float16


@pytest.mark.parametrize("steps", [4, 40])
def test_times_are_spread_over_the_steps(energy, steps):
    course, times = sampled(energy, steps).course, Schedule(steps).times()
    assert len(course.times) == min(steps, KEPT)
    assert course.times[[0, -1]].tolist() == [times[0], times[-2]]
    assert (np.diff([times.index(t) for t in course.times]) > 0).all()
    assert course.clouds.shape == (len(course.times), N, 3)


def test_a_course_ends_with_the_last_evaluation_and_does_not_depend_on_batches(energy):
    seen = []

    def denoise(x, t):
        seen.append(gaussian(x, t)[0].detach())
        return gaussian(x, t)

    whole = sampled(energy, denoise=denoise, batch=1)
    last = seen[whole.nfe - 1]  # of the first sample, which is drawn alone
    np.testing.assert_array_equal(whole.course.clouds[-1], last.numpy().astype(np.float16))
    for settings in ({"batch": 2}, {"parts": 3}):
        np.testing.assert_array_equal(sampled(energy, **settings).course.clouds, whole.course.clouds)


def test_without_measurements_there_is_nothing_to_tell():
    assert sampled(None).course is None


def test_round_trip(energy, tmp_path):
    model = sampled(energy)
    model.save(tmp_path / "a.npz")
    read = Reconstruction.load(tmp_path / "a.npz").course
    np.testing.assert_array_equal(read.times, model.course.times)
    np.testing.assert_array_equal(read.clouds, model.course.clouds)
    sampled(None).save(tmp_path / "b.npz")
    assert Reconstruction.load(tmp_path / "b.npz").course is None


def test_time_falls_from_left_to_right():
    t = np.array([1.0, 0.1, 0.01])
    figure = plot_courses({"dps": (t, t**2, 50 * t), "dps_adam": (t, 2 * t**2, 60 * t)}, unit="Å")
    left, right = figure.axes
    assert left.get_xlim()[0] > left.get_xlim()[1]
    assert [len(axes.lines) for axes in (left, right)] == [2, 2]
    np.testing.assert_array_equal(right.lines[0].get_ydata(), 50 * t)

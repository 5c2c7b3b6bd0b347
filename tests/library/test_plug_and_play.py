"""Plug-and-play sampling: its data step in closed form, its loop with denoisers whose answer is known."""

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observation, Observations
from pointprior.reconstruction.divergence import SamplerError
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.plug_and_play import Settings, fit_measurements, sample_plug_and_play
from pointprior.reconstruction.regularisation import PairDistances

N = 40
ONES = np.ones(N, dtype=np.int64)
VIEWS = [np.eye(3, dtype=np.float32)[:, axes] for axes in ([0, 1], [1, 2], [0, 2])]


@pytest.fixture(scope="module")
def truth():
    return np.random.default_rng(0).normal(0, 0.4, (N, 3)).astype(np.float32)


def seen(truth, views, weight=None, noise=0.0):
    order = np.random.default_rng(1).permutation(N)
    share = weight or 1 / len(views)
    items = tuple(Observation("projection", truth[order] @ view, view, ONES, share, noise) for view in views)
    return Energy(Observations(items, points=N, seed=0))


def small_shift(truth, size=1e-3):
    return truth[None].astype(np.float64) + np.random.default_rng(2).normal(0, size, (1, N, 3))


@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_observed_coordinates_are_averages_by_precision(truth, noise):
    denoised = small_shift(truth)  # so near that every point is matched to its own target
    fitted = fit_measurements(denoised, seen(truth, VIEWS[:1], noise=noise), uncertainty=0.2, sigma=0.1)
    trust = 0.2**2 / (0.2**2 + 0.1**2 + noise**2)
    np.testing.assert_allclose(fitted[0, :, :2], (1 - trust) * denoised[0, :, :2] + trust * truth[:, :2], atol=1e-9)
    np.testing.assert_allclose(fitted[0, :, 2], denoised[0, :, 2], atol=1e-12)  # nothing is said of the depth


def test_two_views_of_a_coordinate_count_twice(truth):
    denoised = small_shift(truth)
    fitted = fit_measurements(denoised, seen(truth, VIEWS[:2]), uncertainty=0.1, sigma=0.1)
    np.testing.assert_allclose(fitted[0, :, 1], denoised[0, :, 1] / 3 + truth[:, 1] * 2 / 3, atol=1e-7)
    np.testing.assert_allclose(fitted[0, :, 0], denoised[0, :, 0] / 2 + truth[:, 0] / 2, atol=1e-7)


def test_low_resolution_targets_do_not_draw_their_points_together(truth):
    halves = truth[:, 0] > np.median(truth[:, 0])
    means = np.stack([truth[~halves].mean(axis=0), truth[halves].mean(axis=0)])
    count = np.array([(~halves).sum(), halves.sum()])
    item = Observation("low_resolution", means, np.eye(3, dtype=np.float32), count, 1.0)
    energy = Energy(Observations((item,), points=N, seed=0), reading="fixed")
    fitted = fit_measurements(truth[None].astype(np.float64), energy, uncertainty=0.05, sigma=1e-4)
    assert np.abs(fitted[0] - truth).max() < 0.05
    assert fitted[0].std() > 0.95 * truth.std()


def test_points_of_no_target_stay(truth):
    item = Observation("subunit", truth[:10], np.eye(3, dtype=np.float32), np.ones(10, dtype=np.int64), 1.0)
    denoised = small_shift(truth)
    energy = Energy(Observations((item,), points=N, seed=0))
    fitted = fit_measurements(denoised, energy, uncertainty=1.0, sigma=1e-6)
    np.testing.assert_allclose(fitted[0, :10], truth[:10], atol=1e-6)
    np.testing.assert_array_equal(fitted[0, 10:], denoised[0, 10:])


def sample(denoiser, energy, *, steps=6, t_max=1.0, sigma=0.01, zeta=0.3, batch=None, samples=3, **others):
    return sample_plug_and_play(
        denoiser,
        energy,
        Settings(steps=steps, t_max=t_max, sigma=sigma, zeta=zeta),
        Execution(batch=batch),
        key=(0, "test"),
        samples=samples,
        points=N,
        sigma_data=0.4,
        **others,
    )


def test_knowing_denoiser_gives_the_truth(truth):
    found = sample(lambda x, t: torch.from_numpy(truth).expand_as(x), seen(truth, VIEWS))
    np.testing.assert_allclose(found.points, np.broadcast_to(truth, (3, N, 3)), atol=1e-6)
    assert found.energy.max() < 1e-10
    assert found.nfe == 6


def test_shrinking_denoiser_and_three_views_find_the_cloud(truth):
    """Wiener's filter knows nothing of the shape: measurements and matching do the work."""
    found = sample(lambda x, t: 0.16 / (0.16 + t[:, None, None] ** 2) * x, seen(truth, VIEWS), steps=30, t_max=1.0)
    for view in VIEWS:
        nearest = np.linalg.norm((found.points[0] @ view)[:, None] - truth @ view, axis=-1).min(axis=1)
        assert np.median(nearest) < 0.05


def test_samples_do_not_depend_on_the_batch(truth):
    def denoiser(x, t):
        return x / (1 + t[:, None, None])

    settings = {"regulariser": PairDistances(0.1)}
    together, alone = (sample(denoiser, seen(truth, VIEWS), batch=batch, **settings).points for batch in (3, 1))
    np.testing.assert_array_equal(together, alone)
    assert np.abs(together[0] - together[1]).max() > 0.01


def test_start_is_kept_where_noise_is_small(truth):
    """With a denoiser that says nothing new, models that fit the measurements stay what they are."""
    models = np.stack([truth, truth[::-1]])
    found = sample(lambda x, t: x, seen(truth, VIEWS), samples=2, initial=models, steps=4, t_max=0.01)
    np.testing.assert_allclose(found.points, models, atol=0.02)


def test_starts_belong_to_their_samples_in_any_batch(truth):
    models = np.random.default_rng(3).normal(0, 0.4, (3, N, 3)).astype(np.float32)
    settings = {"initial": models, "steps": 4, "t_max": 0.2}
    together, alone = (sample(lambda x, t: x, seen(truth, VIEWS[:1]), batch=b, **settings).points for b in (3, 2))
    np.testing.assert_array_equal(together, alone)


def test_regulariser_spreads_points_that_coincide(truth):
    heap = np.repeat(truth[: N // 2], 2, axis=0)  # every point twice
    settings = {"initial": heap[None], "samples": 1, "steps": 3, "t_max": 0.01}
    one_view = seen(truth, VIEWS[:1])

    def nearest(**changes):
        cloud = sample(lambda x, t: x, one_view, **settings, **changes).points[0]
        return np.median(cKDTree(cloud).query(cloud, k=2)[0][:, 1])

    assert nearest(regulariser=PairDistances(0.3)) > 3 * nearest()


def test_mistakes_are_named(truth):
    with pytest.raises(ValueError, match="3 samples of 40 points cannot begin from models of shape"):
        sample(lambda x, t: x, seen(truth, VIEWS), initial=np.zeros((2, N, 3), dtype=np.float32))
    with pytest.raises(ValueError, match="zeta must be at most 1, not 2"):
        sample(lambda x, t: x, seen(truth, VIEWS), zeta=2.0)
    with pytest.raises(ValueError, match="sigma must be at least 1e-06"):
        sample(lambda x, t: x, seen(truth, VIEWS), sigma=0.0)
    with pytest.raises(SamplerError, match=r"step 0 at t = 1: samples \[0, 1, 2\] are not finite"):
        sample(lambda x, t: x * torch.nan, seen(truth, VIEWS))
    with pytest.raises(SamplerError, match=r"step 5 at t = 0.002: samples \[0, 1, 2\] reach 5e\+03 half-widths"):
        sample(lambda x, t: 0 * x + 5000, seen(truth, VIEWS[:1]))

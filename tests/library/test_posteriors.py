"""Samplers against posteriors that are known: linear and Gaussian, and of a matching whose pairings are enumerated."""

import numpy as np
import pytest
from known_posteriors import Known, one_point, three_points
from posteriors import compared

from pointprior.reconstruction import dps
from pointprior.reconstruction.daps import sample_daps
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.gg_langevin import sample_gg_langevin
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.plug_and_play import sample_plug_and_play
from pointprior.reconstruction.schedule import Schedule
from pointprior.reconstruction.settings import daps, gg_langevin, plug_and_play

LINEAR, MATCHING = one_point(), three_points()
SAMPLERS = {
    "daps": (sample_daps, daps.Settings(steps=30, sigma=0.1)),
    "gg_langevin": (
        sample_gg_langevin,
        gg_langevin.Settings(initial=None, steps=120, t_max=0.2, t_min=0.03, rho=1.0, sigma=0.1),
    ),
    "pnp": (sample_plug_and_play, plug_and_play.Settings(initial=None, steps=30, t_max=1.0, sigma=0.1)),
}


def drawn(name: str, known: Known, samples: int, **given) -> np.ndarray:
    sampler, settings = SAMPLERS[name]
    given = {"key": (0, name), "samples": samples, "points": known.points, "sigma_data": 0.4} | given
    return sampler(known.denoise, known.energy, settings, **given).points.astype(float)


def test_exact_draws_of_a_linear_problem_are_gaussian():
    """A prior of 0.4 and an error of 0.1: precisions and pulls add up."""
    x = LINEAR.exact(40_000)[:, 0]
    seen = 0.4**2 / (0.4**2 + 0.1**2)
    np.testing.assert_allclose(x.mean(axis=0), [0.5 * seen, -0.2 * seen, 0], atol=0.01)
    deviation = 0.4 * (1 - seen) ** 0.5
    np.testing.assert_allclose(np.cov(x.T), np.diag([deviation**2, deviation**2, 0.4**2]), atol=0.004)


def test_exact_draws_of_a_matching_problem_are_the_weighted_prior():
    """Draws from the prior, weighted by the likelihood of their best pairings, have the same moments."""
    known = Known(MATCHING.images, MATCHING.rotations, sigma=0.3)
    prior = np.random.default_rng(0).normal(scale=0.4, size=(300_000, 3, 3))
    weight = np.exp(-known.misfit(prior).min(axis=2).sum(axis=0) / 2)
    prior, exact = known.named(prior), known.exact(40_000)
    assert weight.sum() ** 2 / np.square(weight).sum() > 10_000  # as good as so many draws
    np.testing.assert_allclose(np.average(prior, axis=0, weights=weight), exact.mean(axis=0), atol=0.01)
    np.testing.assert_allclose(np.average(prior**2, axis=0, weights=weight), (exact**2).mean(axis=0), atol=0.01)
    modes, others = np.bincount(known.modes(prior), weights=weight) / weight.sum(), np.bincount(known.modes(exact))
    np.testing.assert_allclose(modes, others / others.sum(), atol=0.015)


@pytest.mark.parametrize("name", ["daps", "gg_langevin"])
def test_linear_gaussian_posterior_is_sampled(name):
    """250 samples: the mean's own error is 6 % of the posterior's deviations, a deviation's 4 %."""
    found, covariance = drawn(name, LINEAR, 250)[:, 0], LINEAR.covariance
    mean = np.array([0.5, -0.2, 0.0]) * 0.4**2 / (0.4**2 + 0.1**2)
    deviations = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose((found.mean(axis=0) - mean) / deviations, 0, atol=0.2)
    np.testing.assert_allclose(found.std(axis=0) / deviations, 1, atol=0.15)
    np.testing.assert_allclose(np.corrcoef(found.T), np.eye(3), atol=0.2)


@pytest.mark.parametrize("name", ["daps", "gg_langevin"])
def test_posterior_of_a_matching_is_sampled(name):
    """Both pairings of the two images in their proportion (0.56 : 0.44), and each mode's place and width."""
    found = drawn(name, MATCHING, 150)
    bias, width, apart = compared(MATCHING, found, MATCHING.exact(10_000))
    assert bias < 0.25
    assert width == pytest.approx(1, abs=0.15)
    assert apart < 0.15


def test_plug_and_play_is_too_narrow():
    """It draws noise anew for the noise it took away, but none for what the measurements leave open."""
    bias, width, _ = compared(LINEAR, drawn("pnp", LINEAR, 250), LINEAR.exact(10_000))
    assert bias < 0.2
    assert width < 0.97


def test_spread_of_dps_follows_its_strength_and_not_the_error():
    """The same measurements with the same error: nothing but α says how precise they are."""
    exact = LINEAR.exact(10_000)

    def width(alpha):
        settings = {"key": (0, "dps"), "samples": 100, "points": 1}
        found = dps.sample(LINEAR.denoise, LINEAR.energy, Schedule(), Guidance(alpha), **settings).points
        return compared(LINEAR, found.astype(float), exact)[1]

    assert width(3.0) > 1.3
    assert width(30.0) < 0.8


@pytest.mark.parametrize("name", list(SAMPLERS))
def test_samples_do_not_depend_on_the_batch(name):
    """To the last bit, from noise and from models that are given."""
    models = np.random.default_rng(0).normal(size=(5, 3, 3)).astype(np.float32)
    for start in (None, models):
        together, alone = (
            drawn(name, MATCHING, 5, execution=Execution(batch=batch), initial=start) for batch in (5, 2)
        )
        np.testing.assert_array_equal(together, alone)
        assert np.abs(together[0] - together[1]).max() > 0.001

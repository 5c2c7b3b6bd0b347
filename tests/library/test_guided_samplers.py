"""Adam's preconditioning, Gaussians of points given their targets, and Langevin dynamics on them: closed forms."""

import itertools

import numpy as np
import pandas as pd
import pytest
import torch

from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observation, Observations
from pointprior.methods import METHODS, default_names
from pointprior.output.figures import plot_costs
from pointprior.reconstruction.daps import sample_daps
from pointprior.reconstruction.divergence import SamplerError
from pointprior.reconstruction.gg_langevin import sample_gg_langevin
from pointprior.reconstruction.guidance import Guidance, Memory, posterior_score, prior_score
from pointprior.reconstruction.interleaving import alone
from pointprior.reconstruction.langevin import langevin
from pointprior.reconstruction.moments import Adam, Moments
from pointprior.reconstruction.point_gaussians import PointGaussians, Targets
from pointprior.reconstruction.settings import daps, gg_langevin

N = 20
FRONT = np.eye(3)


def shrunk(x, t):
    """Exact denoiser of a Gaussian prior of standard deviation 0.4."""
    return x * (0.16 / (0.16 + t**2))[:, None, None]


@pytest.fixture(scope="module")
def energy():
    points = np.random.default_rng(0).normal(0, 0.4, (N, 3))
    return Energy(Observations.combine([Observation.projection(points[:, :2], FRONT)], points=N))


def test_adams_moments_are_torchs():
    """A step of torch's optimiser at rate 1 is minus what the moments give."""
    generator = torch.Generator().manual_seed(0)
    x = torch.zeros(2, 5, 3, dtype=torch.float64, requires_grad=True)
    optimiser, moments = torch.optim.Adam([x], lr=1.0, betas=(0.7, 0.95)), Moments()
    for _ in range(6):
        x.grad = torch.randn(x.shape, generator=generator, dtype=torch.float64)
        before = x.detach().clone()
        optimiser.step()
        torch.testing.assert_close(before - x.detach(), moments.updated(x.grad, Adam(0.7, 0.95)))


def test_preconditioned_guidance_keeps_its_length_and_loses_the_scales(energy):
    """At the first evaluation every coordinate moves alike, and all together as far as without preconditioning."""
    x, t = torch.randn(2, N, 3, generator=torch.Generator().manual_seed(1)), 0.3
    free = prior_score(shrunk, x, t)
    plain = free - alone(posterior_score(shrunk, energy, Guidance(5.0), x, t, Memory()))[0]
    adam = free - alone(posterior_score(shrunk, energy, Guidance(5.0, adam=Adam(0.5, 0.9)), x, t, Memory()))[0]
    seen = adam[..., :2]  # nothing is known of the depth
    largest = seen.abs().amax(dim=(1, 2), keepdim=True).expand_as(seen)
    torch.testing.assert_close(seen.abs(), largest, rtol=1e-4, atol=1e-4)
    assert torch.equal(seen.sign(), plain[..., :2].sign())
    assert not adam[..., 2].any()
    lengths = adam.norm(dim=(1, 2)) / plain.norm(dim=(1, 2))
    torch.testing.assert_close(lengths, torch.full((2,), (2 / 3) ** 0.5))


def test_point_and_its_target_are_averaged_by_precision(energy):
    """Along the view, precisions 1/r² and 1/σ² add up; along the line of sight the point is where it was expected."""
    observation = energy.observations.items[0]
    z = np.column_stack([observation.targets + 0.001, np.ones(N)])[None].astype(float)
    found = Targets(energy, 0.1).given(PointGaussians.around(z, 0.2), z, uncertainty=0.2)
    trust = 0.2**2 / (0.2**2 + 0.1**2)
    np.testing.assert_allclose(found.mean()[0, :, :2], observation.targets + (1 - trust) * 0.001, atol=1e-6)
    np.testing.assert_allclose(found.mean()[0, :, 2], 1)
    deviations = [(1 / 0.2**2 + 1 / 0.1**2) ** -0.5] * 2 + [0.2]
    np.testing.assert_allclose(found.shaped(np.ones((1, N, 3)))[0], np.tile(deviations, (N, 1)))


def test_noise_is_shaped_like_the_covariance():
    generator = np.random.default_rng(0)
    root = generator.normal(size=(3, 3))
    precision = np.tile(root @ root.T + np.eye(3), (1, 50_000, 1, 1))
    found = PointGaussians(precision, np.zeros((1, 50_000, 3))).shaped(generator.normal(size=(1, 50_000, 3)))
    np.testing.assert_allclose(np.cov(found[0].T), np.linalg.inv(precision[0, 0]), atol=0.02)


def test_langevin_forgets_its_start_at_the_rate_it_says(energy):
    """Without noise, a step of length h leaves e⁻ʰ of what lies between a point and its mean."""
    expected = np.random.default_rng(2).normal(0, 0.4, (1, N, 3))
    mean = Targets(energy, 0.1).given(PointGaussians.around(expected, 1e-3), expected, uncertainty=0.0).mean()
    settings = {"deviation": 1e-3, "steps": 3, "step": 0.5}  # so narrow that the matching stays
    found = langevin(expected, Targets(energy, 0.1), lambda: np.zeros((1, N, 3)), **settings)
    np.testing.assert_allclose(found - mean, np.exp(-1.5) * (expected - mean), atol=1e-12)


SAMPLERS = [(sample_daps, daps.Settings(steps=4, flow_steps=3)), (sample_gg_langevin, gg_langevin.Settings(steps=4))]


@pytest.mark.parametrize(("sampler", "settings"), SAMPLERS)
def test_evaluations_are_counted_and_none_is_differentiated(energy, sampler, settings):
    calls = []

    def counting(x, t):
        calls.append(x.requires_grad or torch.is_grad_enabled())
        return shrunk(x, t)

    found = sampler(counting, energy, settings, key=(0,), samples=2, points=N, sigma_data=0.4)
    assert len(calls) == 2 * found.nfe
    assert not any(calls)


@pytest.mark.parametrize(("sampler", "settings"), SAMPLERS)
def test_mistakes_are_named(energy, sampler, settings):
    given = {"key": (0,), "samples": 2, "points": N, "sigma_data": 0.4}
    with pytest.raises(ValueError, match="2 samples of 20 points cannot begin from models of shape"):
        sampler(shrunk, energy, settings, initial=np.zeros((3, N, 3), dtype=np.float32), **given)
    with pytest.raises(SamplerError, match=r"step 0 at t = .*: samples \[0, 1\] are not finite; take more steps"):
        sampler(lambda x, t: x * torch.nan, energy, settings, **given)


def test_new_samplers_run_only_if_named():
    assert {"dps_adam", "daps", "gg_langevin"} == set(METHODS) - set(default_names())


def test_costs_are_drawn_for_every_task_and_variant():
    rows = itertools.product(["a", "b"], [("DPS", "dps"), ("DPS, Heun", "dps"), ("ML", "ml")], [10, 20])
    runs = pd.DataFrame(
        {"task": task, "label": label, "method": method, "steps": steps, "nfe": steps, "seconds": 2.0 * steps}
        | {"rmsd": 100 / steps}
        for task, (label, method), steps in rows
    )
    figure = plot_costs(runs)
    first = {line.get_label(): line for line in figure.axes[0].lines}
    assert first["DPS, Heun"].get_xdata().tolist() == [10, 20]
    assert first["DPS"].get_ydata().tolist() == [10, 5]
    assert set(first["ML"].get_ydata()) == {5}
    assert first["DPS"].get_color() == METHODS["dps"].colour
    assert len(figure.axes) == 4
    with pytest.raises(ValueError, match="no runs to draw"):
        plot_costs(runs[:0])

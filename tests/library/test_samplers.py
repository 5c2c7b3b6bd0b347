"""Algorithm 1 and its rivals against Gaussian problems whose answer is known."""

import numpy as np
import pytest
import torch

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.synthesis import synthesise
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.spec import NetworkSpec
from pointprior.reconstruction import dps
from pointprior.reconstruction.divergence import SamplerError
from pointprior.reconstruction.execution import Execution, in_batches
from pointprior.reconstruction.guidance import Guidance, Memory, posterior_score, prior_score
from pointprior.reconstruction.interleaving import alone
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood
from pointprior.reconstruction.schedule import INTEGRATORS, NOISE_CONTROLS, NoiseControlName, Schedule, time_steps
from pointprior.runtime.settings import choices

MEAN, STD = 0.3, 0.5


def gaussian_denoiser(x, t):
    """Exact E[x0 | x] for independent coordinates x0 ~ N(MEAN, STD²)."""
    share = (STD**2 / (STD**2 + t**2))[:, None, None]
    return MEAN + share * (x - MEAN)


def sample(denoiser, energy=None, *, samples, points, key=(0,), alpha=0.0, clip=None, **settings):
    """`dps.sample` with the fields of its settings by name."""
    execution = Execution(**{name: settings.pop(name) for name in ("batch", "precision") if name in settings})
    guidance = None if energy is None else Guidance(alpha, clip)
    return dps.sample(
        denoiser, energy, Schedule(**settings), guidance, execution, key=key, samples=samples, points=points
    )


def guided(energy, alpha, x, t, clip=None):
    """Score and energy under guidance."""
    return alone(posterior_score(gaussian_denoiser, energy, Guidance(alpha, clip), x, t, Memory()))


def run(integrator, beta, steps=80, denoiser=gaussian_denoiser, points=4000):
    schedule = {"steps": steps, "t_max": 80.0, "rho": 7.0, "beta": beta, "integrator": integrator}
    return sample(denoiser, samples=4, points=points, **schedule)


def test_time_steps_fall_from_the_largest_to_zero():
    t = torch.tensor(time_steps(40, t_max=1.0, t_min=0.002, rho=3.0))
    assert t[0] == pytest.approx(1.0)
    assert t[-2] == pytest.approx(0.002)
    assert t[-1] == 0
    assert (t.diff() < 0).all()
    assert t[20] == pytest.approx((1 + 20 / 39 * (0.002 ** (1 / 3) - 1)) ** 3)


@pytest.mark.parametrize(("integrator", "beta"), [("heun", "0"), ("heun", "1/t"), ("paper", "1/t"), ("euler", "1/t")])
def test_gaussian_prior_is_sampled(integrator, beta):
    """Mean and standard deviation within 2 % (48,000 draws: their own error is 0.3 %)."""
    steps = {"euler": 600}.get(integrator, 80)
    x = run(integrator, beta, steps=steps).points
    assert x.mean() == pytest.approx(MEAN, abs=0.02 * STD)
    assert x.std() == pytest.approx(STD, rel=0.02)


def test_printed_rule_without_noise_is_too_narrow():
    """(t + β t²) on both scores is no quadrature rule for β = 0.

    On Gaussian data each step multiplies the deviation from the mean by a number, so the final variance
    has a closed form: with 40 steps from t = 80, ρ = 3, 29 % of the data's. Heun's rule keeps it.
    """
    t = time_steps(40, t_max=80.0, rho=3.0)
    g = [-1 / (STD**2 + value**2) for value in t]
    factor = 1.0
    for i in range(39):
        dt = t[i] - t[i + 1]
        factor *= 1 + t[i] * (g[i] + g[i + 1] * (1 + t[i] * g[i] * dt)) * dt / 2
    expected = (t[0] * factor * (1 + t[39] ** 2 * g[39])) ** 2 / STD**2
    settings = {"key": (0,), "samples": 4, "points": 4000, "steps": 40, "t_max": 80.0, "beta": "0"}
    printed = sample(gaussian_denoiser, integrator="paper", **settings).points.var() / STD**2
    heun = sample(gaussian_denoiser, integrator="heun", **settings).points.var() / STD**2
    assert printed == pytest.approx(expected, rel=0.02)
    assert expected == pytest.approx(0.29, abs=0.005)
    assert heun == pytest.approx(1.0, abs=0.05)


def test_score_without_measurements_is_the_priors():
    x = torch.randn(2, 5, 3, generator=torch.Generator().manual_seed(0))
    score = prior_score(gaussian_denoiser, x, 0.7)
    torch.testing.assert_close(score, (MEAN - x) / (STD**2 + 0.7**2))


@pytest.fixture(scope="module")
def problem():
    cloud = PointCloud.from_coordinates(np.random.default_rng(0).normal(size=(40, 3)) * [3, 2, 1])
    return cloud, synthesise(cloud, key=(0,), projections=3, points=40)


def test_guidance_is_the_gradient_of_the_root(problem):
    """ζ∇E with ζ = α/√E is 2α ∇√E: finite differences of √E(D(x)) along a random direction."""
    _, observations = problem
    energy = Energy(observations)
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(1, 40, 3, generator=generator, dtype=torch.float64)
    direction = torch.randn(x.shape, generator=generator, dtype=torch.float64)
    t, alpha, h = 0.4, 10.0, 1e-6
    level = torch.tensor([t], dtype=torch.float64)

    def root(offset):
        return energy(gaussian_denoiser(x + offset * direction, level)).sqrt().item()

    free = prior_score(gaussian_denoiser, x, t)
    score, _ = guided(energy, alpha, x, t)
    slope = (root(h) - root(-h)) / (2 * h)
    assert ((free - score) * direction).sum().item() == pytest.approx(2 * alpha * slope, rel=1e-5)


def test_guidance_moves_a_denoised_cloud_no_farther_than_its_clip(problem):
    """t² ζ ∇E is `clip` √E long where α asks for more, along the same direction, and as printed where it does not."""
    _, observations = problem
    energy = Energy(observations)
    x = torch.randn(2, 40, 3, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    t, clip = 0.7, 3.0
    free = prior_score(gaussian_denoiser, x, t)

    def shift(alpha, clip):
        score, e = guided(energy, alpha, x, t, clip)
        moved = t**2 * (free - score)
        return moved, torch.linalg.vector_norm(moved, dim=(1, 2)) / e.sqrt()

    printed, distances = shift(1000.0, None)
    assert (distances > 10 * clip).all()
    cliped, distances = shift(1000.0, clip)
    torch.testing.assert_close(distances, torch.full_like(distances, clip))
    torch.testing.assert_close(torch.nn.functional.normalize(cliped), torch.nn.functional.normalize(printed))
    torch.testing.assert_close(shift(0.01, clip)[0], shift(0.01, None)[0])


@pytest.mark.parametrize("clip", [None, 3.0])
def test_guidance_is_normalised_per_sample(problem, clip):
    """A sample's score does not know the others of its batch."""
    _, observations = problem
    x = (
        torch.randn(3, 40, 3, generator=torch.Generator().manual_seed(0))
        * torch.tensor([0.1, 1.0, 10.0])[:, None, None]
    )
    together = guided(Energy(observations), 5.0, x, 0.3, clip)[0]
    for s in range(3):
        alone = guided(Energy(observations), 5.0, x[s : s + 1], 0.3, clip)[0]
        torch.testing.assert_close(alone[0], together[s])


@pytest.mark.parametrize(("integrator", "beta"), [("heun", "0"), ("heun", "1/t"), ("paper", "1/t")])
def test_linear_gaussian_posterior_is_sampled(integrator, beta):
    """Points x0 ~ N(m, C) seen as x0 V + N(0, τ²): mean and covariance of the samples within 2 % of the posterior's.

    96,000 points: the covariance's own error is 0.5 % of its norm.
    """
    prior_covariance = torch.tensor([[0.30, 0.10, 0.05], [0.10, 0.20, -0.04], [0.05, -0.04, 0.10]])
    prior_mean, seen, tau = torch.tensor([0.3, -0.1, 0.2]), torch.tensor([1.1, -0.4]), 0.4
    view = torch.tensor([[1.0, 0.0], [0.0, 0.6], [0.0, 0.8]])
    precision = torch.linalg.inv(prior_covariance)
    covariance = torch.linalg.inv(precision + view @ view.T / tau**2)
    mean = covariance @ (precision @ prior_mean + view @ seen / tau**2)
    value, vector = torch.linalg.eigh(covariance)

    def posterior_denoiser(x, t):
        share = value / (value + t[:, None] ** 2)  # (S, 3)
        return mean + ((x - mean) @ vector * share[:, None]) @ vector.T

    schedule = {"steps": 80, "t_max": 80.0, "rho": 7.0, "beta": beta, "integrator": integrator}
    x = sample(posterior_denoiser, samples=8, points=12_000, **schedule).points.reshape(-1, 3)
    spread = float(value.min().sqrt())
    np.testing.assert_allclose(x.mean(axis=0), mean.numpy(), atol=0.02 * spread)
    assert np.linalg.norm(np.cov(x.T) - covariance.numpy()) < 0.02 * np.linalg.norm(covariance.numpy())


def test_mixture_of_two_gaussians_is_sampled():
    """Both modes, in their proportion."""
    centers, weights, width = torch.tensor([-1.0, 1.5]), torch.tensor([0.3, 0.7]), 0.2

    def denoiser(x, t):
        total = (width**2 + t**2)[:, None, None, None]
        log_p = weights.log() - (x[..., None] - centers) ** 2 / (2 * total)
        posterior = log_p.softmax(dim=-1)
        means = centers + width**2 / total * (x[..., None] - centers)
        return (posterior * means).sum(-1)

    x = run("heun", "1/t", denoiser=denoiser).points
    assert (x > 0.2).mean() == pytest.approx(0.7, abs=0.02)
    assert x[x > 0.2].mean() == pytest.approx(1.5, abs=0.01)
    assert x[x > 0.2].std() == pytest.approx(width, rel=0.05)


@pytest.mark.parametrize("kind", ["transformer", "neighbours"])
@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("integrator", INTEGRATORS)
def test_batches_do_not_change_samples(problem, integrator, precision, kind):
    """To the last bit: few coarse steps amplify a difference in rounding to ångströms."""
    _, observations = problem
    torch.manual_seed(0)
    prior = Denoiser(NetworkSpec(kind=kind, width=64, layers=2, heads=2, time_code="log")).eval().requires_grad_(False)
    for parameter in prior.parameters():
        parameter.add_(0.05 * torch.randn(parameter.shape))  # some are zero before the training
    settings = {
        "key": (0, "a", "t", "dps"),
        "samples": 4,
        "points": 40,
        "steps": 5,
        "t_max": 1.0,
        "alpha": 50.0,
        "clip": 5.0,
        "integrator": integrator,
        "precision": precision,
    }
    one = sample(prior, Energy(observations), batch=1, **settings)
    for batch in (3, 4):
        several = sample(prior, Energy(observations, threads=2), batch=batch, **settings)
        np.testing.assert_array_equal(one.points, several.points)
        np.testing.assert_array_equal(one.energy, several.energy)


def test_evaluations_are_counted():
    calls = []

    def counting(x, t):
        calls.append(len(x))
        return gaussian_denoiser(x, t)

    for integrator, expected in [("paper", 79), ("heun", 79), ("euler", 40)]:
        calls.clear()
        result = sample(counting, samples=2, points=3, steps=40, t_max=1.0, integrator=integrator)
        assert sum(calls) == 2 * result.nfe == 2 * expected


def test_divergence_stops_with_its_place():
    def diverging(x, t):
        return x * torch.where(t < 0.3, torch.inf, 1.0)[:, None, None]

    with pytest.raises(SamplerError, match=r"step \d+ at t = .* samples \[0, 1\] are not finite"):
        sample(diverging, key=(0,), samples=2, points=3, steps=10, t_max=1.0)


def test_samples_that_end_far_outside_the_cube_have_diverged():
    """They may pass there on the way: noise of the first time reaches thousands."""

    def leaving(x, t):
        return torch.full_like(x, 3000.0 if t < 0.01 else 0.0)

    settings = {"key": (0,), "samples": 2, "points": 3, "steps": 10, "t_max": 1000.0, "integrator": "euler"}
    with pytest.raises(SamplerError, match=r"step 9 at t = 0.002: samples \[0, 1\] reach 3e\+03 half-widths"):
        sample(leaving, **settings)
    assert np.abs(sample(lambda x, t: 0 * x, **settings).points).max() < 0.01


def test_divergence_under_guidance_names_the_energy(problem):
    _, observations = problem

    calls = []

    def diverging(x, t):
        calls.append(len(x))
        lost = t < 0.3 and len(calls) % 2 == 0  # the second of two samples, late
        return gaussian_denoiser(x, t) * (torch.nan if lost else 1.0)

    settings = {"key": (0,), "samples": 2, "points": 40, "steps": 10, "t_max": 1.0, "alpha": 1.0}
    message = r"step \d+ at t = .*: samples \[1\] are not finite, their last energies were \d"
    with pytest.raises(SamplerError, match=message):
        sample(diverging, Energy(observations), **settings)


def test_energies_of_an_earlier_batch_are_not_blamed(problem):
    """The second batch is lost before its first energy is known: the message must not give the first batch's."""
    calls = []

    def diverging(x, t):
        calls.append(len(x))
        return gaussian_denoiser(x, t) * (torch.nan if len(calls) > 14 else 1.0)  # 2 samples, 7 evaluations each

    settings = {"key": (0,), "samples": 4, "points": 40, "steps": 4, "t_max": 1.0, "alpha": 1.0, "batch": 2}
    with pytest.raises(SamplerError, match=r"step 0 at t = 1: samples \[2, 3\] are not finite; lower"):
        sample(diverging, Energy(problem[1]), **settings)


@pytest.mark.parametrize(
    "problem_with_memory", [torch.OutOfMemoryError("CUDA"), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_batch_that_does_not_fit_is_halved(problem_with_memory):
    tried = []

    def greedy(chosen):
        tried.append(chosen)
        if len(chosen) > 2:
            raise problem_with_memory
        return torch.tensor(chosen, dtype=torch.float32)[:, None, None].expand(-1, 7, 3)

    clouds = in_batches(greedy, gaussian_denoiser, Execution(batch=5), samples=5, points=7)
    assert tried == [range(5), range(2), range(2, 4), range(4, 5)]
    assert clouds[:, 0, 0].tolist() == [0, 1, 2, 3, 4]


def test_other_errors_are_not_taken_for_a_lack_of_memory():
    def broken(x, t):
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        sample(broken, key=(0,), samples=5, points=7, steps=4, t_max=1.0)


def test_batch_of_one_that_does_not_fit_is_an_error():
    def greedy(x, t):
        raise torch.OutOfMemoryError("CUDA out of memory")

    with pytest.raises(torch.OutOfMemoryError):
        sample(greedy, key=(0,), samples=3, points=7, steps=4, t_max=1.0)


def test_noise_controls_are_the_papers():
    assert set(NOISE_CONTROLS) == set(choices(NoiseControlName))
    assert NOISE_CONTROLS["1/t"](0.5) == 2
    assert NOISE_CONTROLS["1/t above 0.15, else 0"](0.2) == 5
    assert NOISE_CONTROLS["1/t above 0.15, else 0"](0.1) == 0
    assert NOISE_CONTROLS["1/t above 0.8, else 1"](0.5) == 1


def test_maximum_likelihood_fits_the_data(problem):
    _, observations = problem
    energy = Energy(observations)
    short = maximise_likelihood(energy, key=(0,), samples=2, points=40, steps=10)
    long = maximise_likelihood(energy, key=(0,), samples=2, points=40, steps=200)
    assert (long.energy < short.energy / 5).all()
    assert np.abs(short.points).max() < 1.2  # starts lie in the cube
    np.testing.assert_array_equal(
        long.points[1:], maximise_likelihood(energy, key=(0,), samples=2, points=40, steps=200).points[1:]
    )


def test_maximum_likelihood_starts_do_not_interact(problem):
    _, observations = problem
    two = maximise_likelihood(Energy(observations), key=(0,), samples=2, points=40, steps=20)
    one = maximise_likelihood(Energy(observations), key=(0,), samples=1, points=40, steps=20)
    np.testing.assert_array_equal(two.points[0], one.points[0])


def test_maximum_likelihood_far_outside_the_cube_has_diverged(problem):
    with pytest.raises(SamplerError, match=r"starts \[0, 1\] reach .* half-widths .*lower the learning rate"):
        maximise_likelihood(Energy(problem[1]), key=(0,), samples=2, points=40, steps=3, learning_rate=1e4)

"""Parts of a batch in turn: their order, the results, the errors, and what crosses between CPU and device."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.matching import MatchingError
from pointprior.measurements.synthesis import synthesise
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.spec import NetworkSpec
from pointprior.reconstruction import daps, dps, gg_langevin, guidance, plug_and_play
from pointprior.reconstruction.divergence import SamplerError
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.guidance import Guidance, Memory, posterior_score
from pointprior.reconstruction.interleaving import alone, divided, in_turn
from pointprior.reconstruction.moments import Adam
from pointprior.reconstruction.schedule import INTEGRATORS, Schedule
from pointprior.reconstruction.settings.poses import PoseErrors

N = 40
SPEC = NetworkSpec(width=64, layers=2, heads=2, time_code="log")
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"))]


@pytest.fixture(scope="module")
def observations():
    cloud = PointCloud.from_coordinates(np.random.default_rng(0).normal(size=(N, 3)) * [3, 2, 1])
    return synthesise(cloud, key=(0,), projections=2, points=N, low_resolution=10)


@pytest.fixture(scope="module")
def prior():
    torch.manual_seed(0)
    denoiser = Denoiser(SPEC).eval().requires_grad_(False)
    for parameter in denoiser.parameters():
        parameter.add_(0.05 * torch.randn(parameter.shape))  # some are zero before the training
    return denoiser


def drawn(denoiser, energy, parts, *, samples=5, steps=4, integrator="paper", device="cpu", adam=None, **settings):
    execution = Execution(device, parts=parts)
    how = (Schedule(steps, integrator=integrator), Guidance(50.0, 5.0, adam), execution)
    return dps.sample(denoiser, energy, *how, key=(0, "a"), samples=samples, points=N, **settings)


def check_same(one, other):
    np.testing.assert_array_equal(one.points, other.points)
    np.testing.assert_array_equal(one.energy, other.energy)
    if one.poses is not None:
        assert one.poses.turns.any()
        np.testing.assert_array_equal(one.poses.turns, other.poses.turns)


class Recorder(torch.autograd.Function):
    """The identity, which notes when its gradient is taken, and of how many samples."""

    @staticmethod
    def forward(context, x, log):
        context.log = log
        return x.clone()

    @staticmethod
    def backward(context, gradient):
        context.log.append(("gradient", len(gradient)))
        return gradient, None


def test_turns_go_round_until_each_part_has_ended():
    log = []

    def part(name, turns):
        for turn in range(turns):
            log.append((name, turn))
            yield
        return name

    assert in_turn([part("a", 1), part("b", 3), part("c", 2)]) == ["a", "b", "c"]
    assert log == [("a", 0), ("b", 0), ("c", 0), ("b", 1), ("c", 1), ("b", 2)]
    assert in_turn([]) == []


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, torch.OutOfMemoryError])
def test_an_error_of_one_part_ends_the_others(error):
    ended = []

    def failing():
        yield
        raise error

    def endless():
        try:
            while True:
                yield
        finally:
            ended.append(True)

    with pytest.raises(error):
        in_turn([endless(), failing(), endless()])
    assert ended == [True, True]


@pytest.mark.parametrize(("chosen", "parts"), [(range(3, 13), 2), (range(7), 3), (range(2), 5), (range(4), 1)])
def test_parts_are_even_and_make_up_the_whole(chosen, parts):
    divisions = divided(chosen, parts)
    assert [s for part in divisions for s in part] == list(chosen)
    sizes = [len(part) for part in divisions]
    assert len(sizes) == min(parts, len(chosen))
    assert max(sizes) - min(sizes) <= 1


@pytest.mark.parametrize("device", DEVICES)
def test_one_part_is_matched_while_the_network_has_the_other(prior, observations, device, monkeypatch):
    """A turn: match what the network gave, hand it the gradient, and the next evaluation, before the next part's."""
    log = []

    class Recorded(Energy):
        def matched(self, x, **settings):
            log.append(("match", len(x)))
            assert x.device.type == "cpu"
            return super().matched(x, **settings)

    network = prior.to(device)

    def recorded(x, t):
        log.append(("network", len(x)))
        return Recorder.apply(network(x, t), log)

    monkeypatch.setattr(dps, "prepared", lambda denoise, execution: denoise)  # batches whole, as on a GPU
    drawn(recorded, Recorded(observations), 2, samples=5, steps=2, device=device)
    prior.to("cpu")
    first, second = ([(what, size) for what in ("match", "gradient", "network")] for size in (3, 2))
    assert log == [first[2], second[2], *first, *second, *first, *second, *first[:2], *second[:2]]  # 3 evaluations


@pytest.mark.parametrize("integrator", INTEGRATORS)
@pytest.mark.parametrize(
    ("likelihood", "settings"),
    [
        (Likelihood(), {}),
        (Likelihood(), {"adam": Adam(0.5, 0.99)}),
        (Likelihood("unbalanced", "precision"), {"pose_errors": PoseErrors(angle=5.0, shift=0.02)}),
        (Likelihood("entropic"), {}),
    ],
    ids=["exact", "adam", "unbalanced with poses", "entropic"],
)
def test_parts_do_not_change_samples(prior, observations, integrator, likelihood, settings):
    """To the last bit on a CPU."""
    energy = Energy(observations, likelihood=likelihood)
    whole = drawn(prior, energy, 1, integrator=integrator, **settings)
    for parts in (2, 3):
        check_same(whole, drawn(prior, energy, parts, integrator=integrator, **settings))


@pytest.mark.parametrize(
    ("sampler", "settings"),
    [
        (daps.sample_daps, daps.Settings(steps=3, flow_steps=2)),
        (gg_langevin.sample_gg_langevin, gg_langevin.Settings(steps=4)),
        (plug_and_play.sample_plug_and_play, plug_and_play.Settings(steps=3)),
    ],
)
def test_parts_do_not_change_samples_of_other_samplers(prior, observations, sampler, settings):
    def run(parts):
        how = {"key": (0,), "samples": 5, "points": N, "sigma_data": 0.5}
        return sampler(prior, Energy(observations), settings, Execution(parts=parts), **how)

    check_same(run(1), run(2))


def test_gradient_in_two_stages_is_that_of_the_whole(prior, observations):
    """To the last bit: ζ∇E with ∇E by one backward pass through energy and network."""
    energy, t, alpha = Energy(observations), 0.4, 3.0
    x = torch.randn(2, N, 3, generator=torch.Generator().manual_seed(0)).requires_grad_()
    denoised = prior(x, torch.full((2,), t))
    e = energy(denoised, uncertainty=0.1)
    (gradient,) = torch.autograd.grad(e.sum(), x)
    score, found = alone(posterior_score(prior, energy, Guidance(alpha, None), x, t, Memory()))
    expected = (denoised.detach() - x.detach()) / t**2 - (alpha / e.detach().sqrt())[:, None, None] * gradient
    assert torch.equal(score, expected)
    assert torch.equal(found, e.detach())


def test_only_clouds_and_their_gradients_cross(prior, observations, monkeypatch):
    """Of an evaluation: denoised clouds down; gradients with respect to them, and energies, up."""
    down, up = [], []

    class Arriving(guidance.Arriving):
        def __init__(self, x):
            down.append(tuple(x.shape))
            super().__init__(x)

    monkeypatch.setattr(guidance, "Arriving", Arriving)
    monkeypatch.setattr(guidance, "sent", lambda x, device: (up.append(tuple(x.shape)), x)[1])
    memory = Memory()
    alone(posterior_score(prior, Energy(observations), Guidance(3.0), torch.randn(2, N, 3), 0.4, memory))
    assert (down, up) == ([(2, N, 3)], [(2, N, 3), (2,)])


def test_divergence_of_a_part_names_its_own_samples(prior, observations):
    calls = []

    def diverging(x, t):
        calls.append(len(x))
        return prior(x, t) * (torch.nan if len(calls) > 13 else 1.0)  # one cloud at a time: 5 of every evaluation

    with pytest.raises(SamplerError, match=r"step 2 at t = .*: samples \[3, 4\] are not finite, their last energies"):
        drawn(diverging, Energy(observations), 2, steps=4, integrator="euler")


def test_errors_of_matching_threads_surface(prior, observations, monkeypatch):
    """Those that a pool of threads meets, in the part that it works for."""
    from pointprior.measurements import matching

    def refuse(*arguments, **named):
        raise MatchingError("no answer")

    monkeypatch.setattr(matching, "match", refuse)
    with pytest.raises(MatchingError, match="no answer"):
        drawn(prior, Energy(observations, threads=2), 2)


COMPILED = """
import sys
import numpy
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.reconstruction.batches import loaded
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.schedule import Schedule
observations, models = Observations.load(f"{sys.argv[1]}/observations.npz"), []
for wanted in (False, True):
    execution = Execution(compile=wanted, parts=2, precision="float32")
    settings = {"key": (0,), "samples": 2, "points": observations.points}
    how = (Energy(observations), Schedule(2, integrator="euler"), Guidance(50.0), execution)
    models.append(sample(loaded(sys.argv[1], execution), *how, **settings).points)
assert (models[0] != models[1]).any(), "nothing was compiled"
numpy.testing.assert_allclose(*models, atol=1e-3)
"""


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler on a CPU")
def test_a_compiled_network_gives_the_same_samples(prior, observations, tmp_path):
    """But for rounding; in a process of its own: shape checks, which tests switch on, cannot be compiled."""
    prior.save(tmp_path, {})
    observations.save(tmp_path / "observations.npz")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    command = [sys.executable, "-c", COMPILED, str(tmp_path)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_a_gpu_gives_the_cpus_samples(prior, observations):
    """But for rounding, which few smooth steps keep small."""
    on_cpu = drawn(prior, Energy(observations), 1, steps=3, integrator="euler")
    on_gpu = drawn(prior.to("cuda"), Energy(observations), 2, steps=3, integrator="euler", device="cuda")
    prior.to("cpu")
    assert np.abs(on_cpu.points - on_gpu.points).max() < 1e-2


def test_two_parts_take_turns_on_a_gpu_and_none_on_a_cpu():
    assert (Execution("cpu").turns, Execution("cuda").turns, Execution("cuda:1").turns) == (1, 2, 2)
    assert Execution("cuda", parts=1).turns == 1

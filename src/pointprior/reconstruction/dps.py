"""Diffusion posterior sampling: Algorithm 1 of the paper and its rivals."""

import os
import time
from collections.abc import Callable
from functools import partial

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Energy
from pointprior.priors.diffusion import NOISE_CONTROLS, Denoise, NoiseControl
from pointprior.priors.spec import NetworkSpec
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.seeding import torch_generator

Score = Callable[[Float[Tensor, "S N 3"], float], Float[Tensor, "S N 3"]]
Noise = Callable[[], Float[Tensor, "S N 3"]]


class SamplerError(RuntimeError):
    """A trajectory left the finite numbers."""


class _NotFiniteError(Exception):
    """Some clouds of a batch are not finite; carries a boolean per cloud."""


class PosteriorScore:
    """The score (D(x,t) - x)/t² - ζ ∇E(D(x,t)) with ζ = α/√E (Chung et al. 2023), normalised per sample.

    E is the Frobenius sum; α belongs to that definition. Without an energy it is the prior's score. One call
    evaluates the denoiser once; `last_energy` (S,) is what it found.

    The guidance acts as if it moved D(x,t) by t² ζ ∇E. With a `limit` it moves it by at most so many times √E, the
    distance of D(x,t) from the measurements: early on the printed strength moves it a hundred times as far and more,
    which throws clouds out of the prior's reach, and what the views do not see never comes back.
    """

    def __init__(self, denoiser: Denoise, energy: Energy | None, alpha: float, limit: float | None = None):
        self.denoiser, self.energy, self.alpha, self.limit = denoiser, energy, alpha, limit
        self.last_energy: Float[Tensor, " S"] | None = None

    def __call__(self, x: Float[Tensor, "S N 3"], t: float) -> Float[Tensor, "S N 3"]:
        levels = torch.full((len(x),), t, dtype=x.dtype, device=x.device)
        if self.energy is None:
            with torch.no_grad():
                return (self.denoiser(x, levels) - x) / t**2
        with torch.enable_grad():
            x = x.detach().requires_grad_()
            denoised = self.denoiser(x, levels)
            _check_finite(denoised.detach())
            e = self.energy(denoised)  # (S,)
            (gradient,) = torch.autograd.grad(e.sum(), x)  # samples do not interact: each its own gradient
        self.last_energy = e.detach()
        distance = self.last_energy.clamp_min(torch.finfo(x.dtype).tiny).sqrt()
        zeta = self.alpha / distance
        if self.limit is not None:
            steepness = torch.linalg.vector_norm(gradient, dim=(1, 2)).clamp_min(torch.finfo(x.dtype).tiny)
            zeta = torch.minimum(zeta, self.limit * distance / (t**2 * steepness))
        return (denoised.detach() - x.detach()) / t**2 - zeta[:, None, None] * gradient


def paper_step(x, s: Score, t: float, t_next: float, beta: NoiseControl, noise: Noise):
    """Algorithm 1 as printed: (t + β t²) multiplies both scores, the second one taken at t_next."""
    dt = t - t_next
    score = s(x, t)
    x_next = x + t * score * dt
    if t_next == 0:
        return x_next
    # correction step and noise injection
    d = (t + beta(t) * t**2) * (score + s(x_next, t_next)) * dt / 2
    n = (2 * beta(t) * t**2 * dt) ** 0.5 * noise()
    return x + d + n


def euler_step(x, s: Score, t: float, t_next: float, beta: NoiseControl, noise: Noise):
    """Euler-Maruyama on the reverse SDE; for β = 0 Euler's method on the probability-flow ODE."""
    dt = t - t_next
    if t_next == 0:
        return x + t * s(x, t) * dt
    return x + (t + beta(t) * t**2) * s(x, t) * dt + (2 * beta(t) * t**2 * dt) ** 0.5 * noise()


def heun_step(x, s: Score, t: float, t_next: float, beta: NoiseControl, noise: Noise):
    """Stochastic Heun: both slopes and both ends' noise carry the factors of their own time."""
    dt = t - t_next
    if t_next == 0:
        return x + t * s(x, t) * dt
    n = ((beta(t) * t**2 + beta(t_next) * t_next**2) * dt) ** 0.5 * noise()
    slope = (t + beta(t) * t**2) * s(x, t)
    x_next = x + slope * dt + n
    slope_next = (t_next + beta(t_next) * t_next**2) * s(x_next, t_next)
    return x + (slope + slope_next) * dt / 2 + n


INTEGRATORS = {"paper": paper_step, "euler": euler_step, "heun": heun_step}


def evaluations_of(integrator: str, steps: int) -> int:
    """Network evaluations of a trajectory: one a score, the last step has no correction."""
    return steps if integrator == "euler" else 2 * steps - 1


def sample(
    prior: Denoise,
    energy: Energy | None = None,  # measurements to condition on; None samples the prior
    *,
    key: tuple[str | int, ...],  # (seed, structure, task, method); every sample appends its index
    samples: int,  # S
    points: int,  # N
    times: Float[Tensor, " steps_1"],  # t_0 > ... > t_N = 0
    beta: str = "1/t",  # noise control, a name in diffusion.NOISE_CONTROLS
    alpha: float = 0.0,  # guidance strength, for the Frobenius sum
    limit: float | None = None,  # how far guidance may move a denoised cloud, in distances from the measurements
    integrator: str = "paper",  # "paper", "euler" or "heun"
    batch: int | None = None,  # samples at a time; None: as many as fit
    device: str = "cpu",
    precision: str = "float32",  # of the network's matrix products, or "bfloat16"
    progress: Callable[[int], None] | None = None,  # called with the number of samples whose step is done
) -> Reconstruction:
    """Sample clouds from the posterior p(x | y), or from the prior if no energy is given.

    Each sample draws from its own generator, so batches of any size give the same clouds.

    Raises
    ------
    SamplerError
        If a trajectory stops being finite; names step, t, sample and energy.
    """
    step = partial(_choose(INTEGRATORS, integrator, "integrator"), beta=_choose(NOISE_CONTROLS, beta, "noise control"))
    score = PosteriorScore(at_precision(prior, precision, device), energy, alpha, limit)
    levels = [float(t) for t in times]

    def run(chosen):
        return _trajectories(score, step, levels, key, chosen, points, device, progress)

    began = time.perf_counter()
    x = in_batches(run, samples, batch or automatic_batch(prior, points, device), energy)
    seconds = (time.perf_counter() - began) / samples
    return Reconstruction(
        points=x.numpy(),
        energy=reported_energy(energy, x),
        evaluations=evaluations_of(integrator, len(times) - 1),
        seconds=seconds,
    )


def in_batches(
    run: Callable[[range], Float[Tensor, "s N 3"]], samples: int, batch: int, energy: Energy | None
) -> Float[Tensor, "S N 3"]:
    """Run samples a batch at a time; where memory does not suffice, half as many at a time."""
    clouds, start = [], 0
    batch = min(samples, batch)
    while start < samples:
        chosen = range(start, min(start + batch, samples))
        if energy is not None:
            energy.forget()
        try:
            cloud = run(chosen)
        except RuntimeError as problem:
            if batch == 1 or not _is_out_of_memory(problem):
                raise
            batch = batch // 2  # the same samples again, fewer at a time
            continue
        clouds.append(cloud)
        start = chosen.stop
    return torch.cat(clouds)


def reported_energy(energy: Energy | None, x: Float[Tensor, "S N 3"]) -> Float[np.ndarray, " S"]:
    """The energy that tables print (float64); NaN where there is nothing to compare with."""
    if energy is None:
        return np.full(len(x), np.nan)
    energy.forget()
    return energy.reported(x.double()).numpy()


def automatic_batch(prior: Denoise, points: int, device: str) -> int:
    """Samples that fit into half of the free memory, by the activations that a gradient must keep."""
    spec = getattr(prior, "spec", None)
    if not isinstance(spec, NetworkSpec):
        return 1024
    activations = spec.activation_bytes(points)
    if torch.device(device).type == "cuda":
        free, _ = torch.cuda.mem_get_info()
    else:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, int(free / 2 // activations))


@torch.no_grad()
def _trajectories(score, step, t, key, chosen, points, device, progress):
    """Algorithm 1 for the samples `chosen`, from noise to clouds on the CPU."""
    generators = [torch_generator(*key, s) for s in chosen]

    def noise():
        return torch.stack([torch.randn(points, 3, generator=g) for g in generators]).to(device)

    score.last_energy = None  # that of other samples
    x = t[0] * noise()
    for i in range(len(t) - 1):
        try:
            x = step(x, score, t[i], t[i + 1], noise=noise)
            _check_finite(x)
        except _NotFiniteError as problem:
            raise SamplerError(_divergence(problem.args[0], i, t[i], chosen, score)) from None
        if progress is not None:
            progress(len(chosen))
    return x.cpu()


def at_precision(denoiser: Denoise, precision: str, device: str) -> Denoise:
    """The denoiser with its network's matrix products in bfloat16 if asked; energies stay in float32."""
    if precision == "float32":
        return denoiser
    if precision != "bfloat16":
        raise ValueError(f"unknown precision {precision!r}; choose float32 or bfloat16")

    def autocast(x, t):
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            return denoiser(x, t)

    return autocast


def _check_finite(x):
    finite = x.isfinite().flatten(1).all(dim=1)  # (S,)
    if not finite.all():
        raise _NotFiniteError(~finite)


def _divergence(lost, i, t, chosen, score):
    """What to say of the samples that are `lost` (S,)."""
    places = lost.nonzero()[:, 0].tolist()
    message = f"step {i} at t = {t:.4g}: samples {[chosen[place] for place in places]} are not finite"
    if score.last_energy is not None:
        energies = ", ".join(f"{float(score.last_energy[place]):.4g}" for place in places)
        message += f", their last energies were {energies}"
    return message + "; lower α or take more steps"


def _is_out_of_memory(problem):
    """Whether a GPU's or the machine's memory did not suffice."""
    return isinstance(problem, torch.OutOfMemoryError) or "can't allocate memory" in str(problem)


def _choose(table, name, what):
    if name not in table:
        raise ValueError(f"unknown {what} {name!r}; choose one of {', '.join(table)}")
    return table[name]

"""Plug-and-play sampling: the prior denoises, the measurements correct in closed form, noise is put back.

DiffPIR (Zhu et al. 2023) with the matching of this project as its data step. The denoiser is never differentiated, so
that an evaluation costs a third of one of diffusion posterior sampling, and no guidance strength has to be found: what
a measurement may move a point is set by how uncertain the denoised point is. Models that something else has found can
be the start: with noise of a small first time the prior then corrects them instead of beginning from nothing.
"""

import itertools
import time
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Energy
from pointprior.priors.diffusion import Denoise
from pointprior.reconstruction.dps import (
    SamplerError,
    at_precision,
    automatic_batch,
    in_batches,
    reported_energy,
)
from pointprior.reconstruction.regularisation import PairDistances
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.seeding import torch_generator


def fit_measurements(
    denoised: Float[np.ndarray, "S N 3"],
    energy: Energy,
    *,
    uncertainty: float,  # standard deviation of a denoised coordinate
    sigma: float,  # standard deviation of a measured one, in units of the cube
    rounds: int = 2,  # matchings, each followed by the points that fit it best
) -> Float[np.ndarray, "S N 3"]:
    """Clouds that weigh denoised points against the measurements matched to them.

    Every point minimises Σ_k K w_k |R_k z - y_k|²/σ_k² + |z - x̂|²/r² over the targets y_k that its matchings give it,
    with the variances σ_k² = σ² + noise² and r² of a target's and of a denoised coordinate. A target of a
    low-resolution structure stands for many points: its variance also has their mean squared distance from it.
    """
    z = denoised
    for _ in range(rounds):
        precision = np.broadcast_to(np.eye(3) / uncertainty**2, (*z.shape[:2], 3, 3)).copy()  # (S, N, 3, 3)
        wanted = denoised / uncertainty**2  # (S, N, 3)
        for observation, target in energy.matched(torch.from_numpy(z)):
            view, on = observation.view.astype(np.float64), target >= 0
            y = observation.targets[target].astype(np.float64)  # (S, N, d)
            variance = np.full((len(z), 1, 1), sigma**2 + observation.noise**2)
            if observation.kind == "low_resolution":
                variance += np.square(z @ view - y).mean(axis=(1, 2), keepdims=True)
            trust = len(energy.observations) * observation.weight / variance * on[..., None]  # (S, N, 1)
            precision += trust[..., None] * (view @ view.T)
            wanted = wanted + trust * (y @ view.T)
        z = np.linalg.solve(precision, wanted[..., None])[..., 0]
    return z


def sample_plug_and_play(
    prior: Denoise,
    energy: Energy,
    *,
    key: tuple[str | int, ...],  # (seed, structure, task, method); every sample appends its index
    samples: int,  # S
    points: int,  # N
    times: Float[Tensor, " steps_1"],  # t_0 > ... > t_N = 0
    sigma: float,  # standard deviation of a measured coordinate, in units of the cube
    zeta: float,  # share of the noise that is drawn anew at every step, from 0 to 1
    sigma_data: float | None = None,  # standard deviation of the prior's clouds; None: what the prior says
    initial: Float[np.ndarray, "S N 3"] | None = None,  # models to begin from; None: noise
    regulariser: PairDistances | None = None,  # spacing that the points relax to after every data step
    batch: int | None = None,  # samples at a time; None: as many as fit
    device: str = "cpu",
    precision: str = "float32",  # of the network's matrix products, or "bfloat16"
    progress: Callable[[int], None] | None = None,  # called with the number of samples whose step is done
) -> Reconstruction:
    """Sample clouds given measurements, with one evaluation of the denoiser a step and none of its gradient.

    Each sample draws from its own generator, so batches of any size give the same clouds.

    Raises
    ------
    ValueError
        If `zeta` or `sigma` is out of range, or `initial` holds other than `samples` clouds of `points` points.
    SamplerError
        If a denoised cloud is not finite; names step, t and sample.
    """
    if not 0 <= zeta <= 1:
        raise ValueError(f"zeta is a share from 0 to 1, not {zeta}")
    if not sigma > 0:
        raise ValueError(f"sigma is a standard deviation above 0, not {sigma}")
    if initial is not None and initial.shape != (samples, points, 3):
        raise ValueError(f"{samples} samples of {points} points cannot begin from models of shape {initial.shape}")
    if sigma_data is None:
        sigma_data = prior.spec.sigma_data
    denoiser = at_precision(prior, precision, device)
    levels = [float(t) for t in times]

    @torch.no_grad()
    def run(chosen):
        generators = [torch_generator(*key, s) for s in chosen]

        def noise():
            return torch.stack([torch.randn(points, 3, generator=g) for g in generators]).double()

        if initial is None:
            x = np.hypot(levels[0], sigma_data) * noise()  # clouds of the data's own spread, with noise of t_0
        else:
            x = torch.from_numpy(initial[chosen.start : chosen.stop]).double() + levels[0] * noise()
        for i, (t, t_next) in enumerate(itertools.pairwise(levels)):
            level = torch.full((len(x),), t, device=device)
            denoised = denoiser(x.float().to(device), level).cpu().double()
            lost = [s for s, cloud in zip(chosen, denoised, strict=True) if not cloud.isfinite().all()]
            if lost:
                raise SamplerError(f"step {i} at t = {t:.4g}: the denoised samples {lost} are not finite")
            uncertainty = sigma_data * t / np.hypot(sigma_data, t)
            fitted = torch.from_numpy(fit_measurements(denoised.numpy(), energy, uncertainty=uncertainty, sigma=sigma))
            if regulariser is not None:
                fitted = regulariser.relax(fitted)
            old = (x - fitted) / t  # the noise that x has if `fitted` is the truth
            x = fitted
            if t_next > 0:
                x = x + t_next * ((1 - zeta) ** 0.5 * old + zeta**0.5 * noise())
            if progress is not None:
                progress(len(chosen))
        return x.float()

    began = time.perf_counter()
    x = in_batches(run, samples, batch or automatic_batch(prior, points, device), energy)
    seconds = (time.perf_counter() - began) / samples
    return Reconstruction(x.numpy(), reported_energy(energy, x), len(levels) - 1, seconds)

"""Decoupled annealing posterior sampling (DAPS; Zhang et al. 2024) with a likelihood of matchings.

At every noise level: denoise along the probability flow, sample p(x₀ | x_t, y) by Langevin dynamics around what comes
out, and put the noise of the next level on the sample. No gradient of the network is taken, and levels do not inherit
each other's errors, for each draws its noise anew. p(x₀ | x_t) is taken for Gaussian, N(x̂₀, r_t²) with
r_t² = σ_data² t² / (σ_data² + t²): exact for a Gaussian prior of that spread if the flow has one step, which gives the
expected cloud. More steps give a cloud as the prior makes them, but not at the place that p(x₀ | x_t) has its mean.

Split Gibbs sampling (PnP-DM; Wu et al. 2024) is the same alternation, with the likelihood's step taken around a sample
of p(x₀ | x_t) instead.
"""

import itertools
import math
from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Energy
from pointprior.measurements.poses import Poses
from pointprior.reconstruction.batches import Batch, asked, check_start, descended, loaded, sampled
from pointprior.reconstruction.execution import Execution, denoised, prepared
from pointprior.reconstruction.guidance import Denoise
from pointprior.reconstruction.interleaving import Turns
from pointprior.reconstruction.langevin import langevin
from pointprior.reconstruction.point_gaussians import Targets
from pointprior.reconstruction.poses import PoseRefinement
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import time_steps
from pointprior.reconstruction.settings.daps import Settings
from pointprior.reconstruction.settings.poses import PoseErrors


def reconstruct(problem: Problem, settings: Settings) -> Reconstruction:
    """Sample the posterior of a task."""
    denoiser = loaded(problem.prior_folder, problem.execution)
    found = sample_daps(denoiser, problem.energy, settings, problem.execution, **asked(problem, denoiser))
    return found.begun_from(problem.initial)


def sample_daps(
    denoiser: Denoise,
    energy: Energy,
    settings: Settings,
    execution: Execution = Execution(),
    *,
    key: tuple[str | int, ...],
    samples: int,
    points: int,
    sigma_data: float,
    initial: Float[np.ndarray, "S N 3"] | None = None,
    initial_poses: Poses | None = None,
    pose_errors: PoseErrors = PoseErrors(),
    progress: Callable[[int], None] | None = None,
) -> Reconstruction:
    """Sample clouds given measurements by decoupled annealing, without a gradient of the denoiser.

    Draws and batches are as in `dps.sample`.

    Parameters
    ----------
    denoiser : callable
        D(x, t): expected clean clouds (S, N, 3) given noisy ones and their noise levels (S,).
    energy : Energy
        The measurements.
    settings : Settings
        Noise levels, the flow, the Langevin dynamics and σ.
    execution : Execution
        Device, batch and precision.
    key : tuple
        What the draws belong to: (seed, structure, task, method); every sample appends its index.
    samples, points : int
        Number of clouds S and of points N of each.
    sigma_data : float
        Standard deviation of the prior's clouds, in units of the cube.
    initial : ndarray, shape=(S, N, 3), optional
        Samples to begin from; by default noise.
    initial_poses : Poses, optional
        Corrections of the poses that these samples came to.
    pose_errors : PoseErrors
        How wrong the measurements' poses may be: they are refined accordingly, for every sample by itself.
    progress : callable, optional
        Called with the number of samples whose step is done.

    Raises
    ------
    ValueError
        If `initial` holds other than `samples` clouds of `points` points.
    SamplerError
        If a denoised cloud is not finite, or a cloud ends far outside the cube; names step, t and sample.
    """
    check_start(initial, samples=samples, points=points)
    denoise = prepared(denoiser, execution)
    refinement = PoseRefinement.of(energy, pose_errors, samples, initial_poses)
    times = time_steps(settings.steps, t_max=settings.t_max, t_min=settings.t_min, rho=settings.rho)

    def run(batch: Batch) -> Turns[Float[Tensor, "s N 3"]]:
        targets = Targets(energy, settings.sigma, batch.refinement)

        def step(x: Float[Tensor, "s N 3"], t: float, t_next: float) -> Turns[Float[Tensor, "s N 3"]]:
            clean = langevin(
                (yield from flow(denoise, x, t, settings, execution.device)).numpy(),
                targets,
                lambda: batch.noise().double().numpy(),
                deviation=sigma_data * t / math.hypot(sigma_data, t),
                steps=settings.langevin_steps,
                step=settings.langevin_step,
            )
            return torch.from_numpy(clean) + t_next * batch.noise().double()

        x = batch.started(initial, t=settings.t_max, sigma_data=sigma_data)
        return descended(x, times, step, batch, progress)

    how = (run, denoiser, energy, execution, refinement)
    return sampled(*how, key=key, samples=samples, points=points, nfe=settings.nfe)


def flow(
    denoise: Denoise, x: Float[Tensor, "S N 3"], t: float, settings: Settings, device: str
) -> Turns[Float[Tensor, "S N 3"]]:
    """Clouds at time 0 along the probability flow dx/dt = (x - D(x,t))/t, by Euler's method; one step gives D(x,t)."""
    whole = settings.flow_steps == 1 or t <= settings.t_min
    times = [t, 0.0] if whole else time_steps(settings.flow_steps, t_max=t, t_min=settings.t_min, rho=settings.rho)
    for now, then in itertools.pairwise(times):
        x = x + (then - now) / now * (x - (yield from denoised(denoise, x, now, device)))
    return x

"""Gradient-guided Langevin dynamics (Härenstam-Nielsen et al. 2026) with a likelihood of matchings.

A step puts noise of standard deviation σ on the cloud, takes back half of what the denoiser would take, and moves
towards the measurements. Noise and half of the denoising are a step of Langevin dynamics on the prior itself, not on
the prior blurred by σ (Hyvärinen 2024), of length τ = σ²/2. No gradient of the network is taken.

The paper moves along the gradient of a loss by Adam. Here the step is that of the same Langevin dynamics on
p(x) p(y|x): -τ ∇ log p(y|x), taken implicitly, since measurements may be far more precise than σ. So for small σ the
dynamics have the posterior as their stationary density, and there is no rate to tune. σ falls along a schedule.
"""

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
from pointprior.reconstruction.point_gaussians import PointGaussians, Targets
from pointprior.reconstruction.poses import PoseRefinement
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import time_steps
from pointprior.reconstruction.settings.gg_langevin import Settings
from pointprior.reconstruction.settings.poses import PoseErrors


def reconstruct(problem: Problem, settings: Settings) -> Reconstruction:
    """Sample the posterior of a task, from another method's samples or from noise."""
    denoiser = loaded(problem.prior_folder, problem.execution)
    found = sample_gg_langevin(denoiser, problem.energy, settings, problem.execution, **asked(problem, denoiser))
    return found.begun_from(problem.initial)


def sample_gg_langevin(
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
    """Sample clouds given measurements by Langevin dynamics, one evaluation of the denoiser per step.

    Parameters and errors are those of `daps.sample_daps`; `settings` has the schedule of σ and the precision of the
    measurements.
    """
    check_start(initial, samples=samples, points=points)
    denoise = prepared(denoiser, execution)
    refinement = PoseRefinement.of(energy, pose_errors, samples, initial_poses)
    times = time_steps(settings.steps, t_max=settings.t_max, t_min=settings.t_min, rho=settings.rho)

    def run(batch: Batch) -> Turns[Float[Tensor, "s N 3"]]:
        targets = Targets(energy, settings.sigma, batch.refinement)

        def step(x: Float[Tensor, "s N 3"], t: float, t_next: float) -> Turns[Float[Tensor, "s N 3"]]:
            noisy = x + t * batch.noise().double()
            clean = yield from denoised(denoise, noisy, t, execution.device)
            half = ((noisy + clean) / 2).numpy()
            moved = PointGaussians.around(half, t / math.sqrt(2))  # the implicit step: z = half - τ ∇ log p(y|z)
            return torch.from_numpy(targets.given(moved, half, uncertainty=t / math.sqrt(2)).mean())

        x = batch.started(initial, t=0 if initial is not None else settings.t_max, sigma_data=sigma_data)
        return descended(x, times, step, batch, progress)

    how = (run, denoiser, energy, execution, refinement)
    return sampled(*how, key=key, samples=samples, points=points, nfe=settings.steps)

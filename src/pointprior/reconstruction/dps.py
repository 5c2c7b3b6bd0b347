"""Diffusion posterior sampling: Algorithm 1 of the paper and alternatives to it."""

import itertools
import time
from collections.abc import Callable, Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Duals, Energy
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.divergence import DivergedError, check_finite, check_reach, name_divergence
from pointprior.reconstruction.execution import Execution, in_batches, prepared
from pointprior.reconstruction.guidance import Denoise, Guidance, posterior_score, prior_score
from pointprior.reconstruction.integrators import STEPS
from pointprior.reconstruction.poses import PoseRefinement
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import Schedule
from pointprior.reconstruction.settings.dps import Settings
from pointprior.reconstruction.settings.poses import PoseErrors
from pointprior.runtime.seeding import torch_generator


def reconstruct(problem: Problem, settings: Settings) -> Reconstruction:
    """Sample the posterior of a task."""
    schedule = Schedule(problem.steps, settings.t_max, settings.t_min, settings.rho, problem.beta, settings.integrator)
    return sample(
        Denoiser.load(problem.prior_folder).to(problem.execution.device),
        problem.energy,
        schedule,
        Guidance(problem.alpha, settings.guidance_clip),
        problem.execution,
        key=problem.key,
        samples=problem.samples,
        points=problem.points,
        pose_errors=problem.pose_errors,
        progress=problem.progress,
    )


def sample(
    denoiser: Denoise,
    energy: Energy | None,
    schedule: Schedule,
    guidance: Guidance | None = None,
    execution: Execution = Execution(),
    *,
    key: tuple[str | int, ...],
    samples: int,
    points: int,
    pose_errors: PoseErrors = PoseErrors(),
    progress: Callable[[int], None] | None = None,
) -> Reconstruction:
    """Sample clouds from the posterior p(x | y), or from the prior if no energy is given.

    Each sample draws from its own generator. On a CPU batches of any size give the same clouds to the last bit (for
    one number of threads); on a GPU they differ by rounding, see `prepared`.

    Parameters
    ----------
    denoiser : callable
        D(x, t): expected clean clouds (S, N, 3) given noisy ones and their noise levels (S,).
    energy : Energy or None
        Measurements to condition on; None samples the prior.
    schedule : Schedule
        Time steps, noise control, integrator.
    guidance : Guidance, optional
        How strongly the measurements guide; required with an energy.
    execution : Execution
        Device, batch and precision.
    key : tuple
        Key of the random draws: (seed, structure, task, method); every sample appends its index.
    samples, points : int
        Number of clouds S and of points N of each.
    pose_errors : PoseErrors
        How wrong the measurements' poses may be: they are refined accordingly, for every sample by itself.
    progress : callable, optional
        Called with the number of samples that have finished a step.

    Raises
    ------
    SamplerError
        If a trajectory stops being finite or ends far outside the cube; names step, t, sample and energy.
    """
    if energy is not None and guidance is None:
        raise ValueError("measurements need a guidance: Guidance(alpha=...)")
    denoise = prepared(denoiser, execution)
    refinement = None if energy is None else PoseRefinement.of(energy, pose_errors, samples)

    def run(chosen: range) -> Float[Tensor, "s N 3"]:
        generators = [torch_generator(*key, s) for s in chosen]

        def noise():
            return torch.stack([torch.randn(points, 3, generator=g) for g in generators]).to(execution.device)

        refined = None if refinement is None else refinement.begun(chosen)
        return _trajectories(denoise, energy, schedule, guidance, chosen, noise, refined, progress)

    began = time.perf_counter()
    x = in_batches(run, denoiser, execution, samples=samples, points=points)
    seconds = (time.perf_counter() - began) / samples
    poses = None if refinement is None else refinement.poses
    energies = np.full(samples, np.nan) if energy is None else energy.reported(x.double(), poses=poses).numpy()
    return Reconstruction(x.numpy(), energies, schedule.nfe, seconds, poses)


@torch.no_grad()
def _trajectories(
    denoise: Denoise,
    energy: Energy | None,
    schedule: Schedule,
    guidance: Guidance | None,
    chosen: Sequence[int],
    noise: Callable[[], Float[Tensor, "S N 3"]],
    refinement: PoseRefinement | None,
    progress: Callable[[int], None] | None,
) -> Float[Tensor, "S N 3"]:
    """Algorithm 1 for the samples `chosen`, from noise to clouds on the CPU."""
    duals, draws, last_energy = Duals(), itertools.count(), None

    def s(x, t):
        nonlocal last_energy
        if energy is None or guidance is None:
            return prior_score(denoise, x, t)
        score, last_energy = posterior_score(
            denoise, energy, guidance, x, t, draw=next(draws), duals=duals, refinement=refinement
        )
        return score

    step, times = STEPS[schedule.integrator], schedule.times()
    x = times[0] * noise()
    for i, (t, t_next) in enumerate(itertools.pairwise(times)):
        try:
            x = step(x, s, t, t_next, schedule.noise_control, noise)
            check_finite(x)
            if t_next == 0:
                check_reach(x)
        except DivergedError as problem:
            advice = "lower α or take more steps"
            raise name_divergence(problem, i, t, chosen, advice=advice, energy=last_energy) from None
        if progress is not None:
            progress(len(chosen))
    return x.cpu()

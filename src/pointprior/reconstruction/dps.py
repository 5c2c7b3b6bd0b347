"""Diffusion posterior sampling: Algorithm 1 of the paper and alternatives to it."""

import itertools
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Energy
from pointprior.reconstruction.batches import Batch, loaded, sampled
from pointprior.reconstruction.divergence import DivergedError, check_finite, check_reach, name_divergence
from pointprior.reconstruction.execution import Execution, prepared
from pointprior.reconstruction.guidance import Denoise, Guidance, Memory, posterior_score, prior_score
from pointprior.reconstruction.integrators import STEPS
from pointprior.reconstruction.interleaving import Turns
from pointprior.reconstruction.poses import PoseRefinement
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import Schedule
from pointprior.reconstruction.settings.dps import Settings
from pointprior.reconstruction.settings.poses import PoseErrors
from pointprior.runtime.transfers import sent


def reconstruct(problem: Problem, settings: Settings) -> Reconstruction:
    """Sample the posterior of a task."""
    return reconstruct_guided(problem, settings, Guidance(problem.alpha, settings.guidance_clip), problem.steps)


def reconstruct_guided(problem: Problem, settings: Settings, guidance: Guidance, steps: int) -> Reconstruction:
    """Sample the posterior of a task in so many steps, with such a guidance."""
    schedule = Schedule(steps, settings.t_max, settings.t_min, settings.rho, problem.beta, settings.integrator)
    return sample(
        loaded(problem.prior_folder, problem.execution),
        problem.energy,
        schedule,
        guidance,
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

    def run(batch: Batch) -> Turns[Float[Tensor, "s N 3"]]:
        return _trajectories(denoise, energy, schedule, guidance, batch, execution.device, progress)

    refinement = None if energy is None else PoseRefinement.of(energy, pose_errors, samples)
    recorded = () if energy is None else schedule.times()
    how = (run, denoiser, energy, execution, refinement)
    return sampled(*how, key=key, samples=samples, points=points, nfe=schedule.nfe, recorded=recorded)


@torch.no_grad()
def _trajectories(
    denoise: Denoise,
    energy: Energy | None,
    schedule: Schedule,
    guidance: Guidance | None,
    batch: Batch,
    device: str,
    progress: Callable[[int], None] | None,
) -> Turns[Float[Tensor, "S N 3"]]:
    """Algorithm 1 for the samples of a batch, from noise to clouds on the CPU.

    Guided, it asks whether clouds are finite where denoised ones have come to the CPU, and at the end: looking at the
    device's own would wait for it.
    """
    memory, last_energy = Memory(refinement=batch.refinement, recorder=batch.recorder), None

    def noise():
        return sent(batch.noise(), device)

    def s(x, t):
        nonlocal last_energy
        if energy is None or guidance is None:
            return prior_score(denoise, x, t)
        score, last_energy = yield from posterior_score(denoise, energy, guidance, x, t, memory)
        return score

    step, times = STEPS[schedule.integrator], schedule.times()
    x = times[0] * noise()
    for i, (t, t_next) in enumerate(itertools.pairwise(times)):
        try:
            x = yield from step(x, s, t, t_next, schedule.noise_control, noise)
            if energy is None or t_next == 0:
                check_finite(x)
            if t_next == 0:
                check_reach(x)
        except DivergedError as problem:
            advice = "lower α or take more steps"
            raise name_divergence(problem, i, t, batch.chosen, advice=advice, energy=last_energy) from None
        if progress is not None:
            progress(len(batch.chosen))
    return x.cpu()

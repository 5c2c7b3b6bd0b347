"""Plug-and-play sampling: the prior denoises, the measurements correct in closed form, and noise is added back.

DiffPIR (Zhu et al. 2023) with a matching of points to measurements as its data step. The denoiser is never
differentiated, so that an evaluation costs a third of what it does in diffusion posterior sampling, and there is no
guidance strength to tune: how far a measurement may move a point follows from how uncertain the denoised point is.
Another method's samples can serve as the start: with little initial noise, the prior corrects them instead of starting
from scratch.
"""

import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Duals, Energy
from pointprior.measurements.poses import Poses
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.divergence import DivergedError, check_finite, check_reach, name_divergence
from pointprior.reconstruction.execution import Execution, in_batches, prepared
from pointprior.reconstruction.guidance import Denoise
from pointprior.reconstruction.poses import PoseRefinement, matched
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.regularisation import PairDistances
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import Schedule
from pointprior.reconstruction.settings.plug_and_play import Settings
from pointprior.reconstruction.settings.poses import PoseErrors
from pointprior.runtime.seeding import torch_generator

Fit = Callable[[Tensor, float], Tensor]  # clouds (S, N, 3) at time t, fitted to the measurements


def fit_measurements(
    denoised: Float[np.ndarray, "S N 3"],
    energy: Energy,
    *,
    uncertainty: float,  # standard deviation of a denoised coordinate
    sigma: float,  # standard deviation of a measured one, in units of the cube
    draws: Iterator[int] | None = None,  # of the energy's U, one per matching; None: from 0 on
    duals: Duals | None = None,  # dual variables of these samples' last matchings; updated in place
    rounds: int = 2,  # matchings, each followed by the points that fit it best
    refinement: PoseRefinement | None = None,  # poses that follow the denoised clouds
) -> Float[np.ndarray, "S N 3"]:
    """Clouds that balance the denoised points against the measurements matched to them.

    Every point minimises Σ_k K w_k |R_k z - y_k|²/σ_k² + |z - x̂|²/r² over the targets y_k that its matchings give it,
    with the variances σ_k² = σ² + noise² and r² of a target's and of a denoised coordinate. A target of a
    low-resolution structure stands for many points: its variance also has their mean squared distance from it.
    """
    z, draws = denoised, itertools.count() if draws is None else draws
    for _ in range(rounds):
        precision = np.broadcast_to(np.eye(3) / uncertainty**2, (*z.shape[:2], 3, 3)).copy()  # (S, N, 3, 3)
        wanted = denoised / uncertainty**2  # (S, N, 3)
        pairs = matched(energy, torch.from_numpy(z), refinement, draw=next(draws), duals=duals, uncertainty=uncertainty)
        for paired in pairs:
            observation = paired.observation
            view, y = paired.views.astype(np.float64), paired.wanted.astype(np.float64)  # (S, 3, d) and (S, N, d)
            variance = np.full((len(z), 1, 1), sigma**2 + observation.noise**2)
            if observation.targets_are_means:
                variance += np.square(z @ view - y).mean(axis=(1, 2), keepdims=True)
            trust = len(energy.observations) * observation.weight / variance * paired.share[..., None]  # (S, N, 1)
            across = view.swapaxes(1, 2)  # (S, d, 3)
            precision += trust[..., None] * (view @ across)[:, None]
            wanted = wanted + trust * (y @ across)
        z = np.linalg.solve(precision, wanted[..., None])[..., 0]
    return z


def reconstruct(problem: Problem, settings: Settings) -> Reconstruction:
    """Sample given the measurements of a task, from another method's samples or from noise."""
    denoiser = Denoiser.load(problem.prior_folder).to(problem.execution.device)
    spacing = problem.energy.observations.cloud_spacing() if settings.regularised else None
    found = sample_plug_and_play(
        denoiser,
        problem.energy,
        settings,
        problem.execution,
        key=problem.key,
        samples=problem.samples,
        points=problem.points,
        sigma_data=denoiser.spec.sigma_data,
        initial=None if problem.initial is None else problem.initial.points,
        initial_poses=None if problem.initial is None else problem.initial.poses,
        pose_errors=problem.pose_errors,
        regulariser=None if spacing is None else PairDistances(spacing),
        progress=problem.progress,
    )
    before = 0.0 if problem.initial is None else problem.initial.seconds
    return replace(found, seconds=found.seconds + before)


def sample_plug_and_play(
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
    regulariser: PairDistances | None = None,
    progress: Callable[[int], None] | None = None,
) -> Reconstruction:
    """Sample clouds given measurements, with one evaluation of the denoiser per step and none of its gradient.

    Each sample draws from its own generator. On a CPU batches of any size give the same clouds to the last bit (for
    one number of threads); on a GPU they differ by rounding, see `prepared`.

    Parameters
    ----------
    denoiser : callable
        D(x, t): expected clean clouds (S, N, 3) given noisy ones and their noise levels (S,).
    energy : Energy
        The measurements.
    settings : Settings
        Time steps, and how measurements and noise are weighted.
    execution : Execution
        Device, batch and precision.
    key : tuple
        Key of the random draws: (seed, structure, task, method); every sample appends its index.
    samples, points : int
        Number of clouds S and of points N of each.
    sigma_data : float
        Standard deviation of the prior's clouds, in units of the cube.
    initial : ndarray, shape=(S, N, 3), optional
        Samples to start from; noise by default.
    initial_poses : Poses, optional
        Corrections of the poses that these samples came to.
    pose_errors : PoseErrors
        How wrong the measurements' poses may be: they are refined accordingly, for every sample by itself.
    regulariser : PairDistances, optional
        Spacing that the points relax to after every data step.
    progress : callable, optional
        Called with the number of samples that have finished a step.

    Raises
    ------
    ValueError
        If `initial` does not hold `samples` clouds of `points` points.
    SamplerError
        If a denoised cloud is not finite, or a cloud ends far outside the cube; names step, t and sample.
    """
    if initial is not None and initial.shape != (samples, points, 3):
        raise ValueError(f"{samples} samples of {points} points cannot begin from models of shape {initial.shape}")
    denoise = prepared(denoiser, execution)
    schedule = Schedule(settings.steps, settings.t_max, settings.t_min, settings.rho)
    refinement = PoseRefinement.of(energy, pose_errors, samples, initial_poses)

    def fit(x: Float[Tensor, "S N 3"], t: float, held: dict[str, Any]) -> Float[Tensor, "S N 3"]:
        """Denoise, and fit the measurements."""
        levels = torch.full((len(x),), t, device=execution.device)
        clean = denoise(x.float().to(execution.device), levels).cpu().double()
        check_finite(clean)
        uncertainty = sigma_data * t / np.hypot(sigma_data, t)
        weights = {"uncertainty": uncertainty, "sigma": settings.sigma}
        fitted = torch.from_numpy(fit_measurements(clean.numpy(), energy, **weights, **held))
        return fitted if regulariser is None else regulariser.relax(fitted)

    def run(chosen: range) -> Float[Tensor, "s N 3"]:
        generators = [torch_generator(*key, s) for s in chosen]

        def noise():
            return torch.stack([torch.randn(points, 3, generator=g) for g in generators]).double()

        t_0 = schedule.times()[0]
        if initial is None:
            x = np.hypot(t_0, sigma_data) * noise()  # clouds of the data's own spread, with noise of t_0
        else:
            x = torch.from_numpy(initial[chosen.start : chosen.stop]).double() + t_0 * noise()
        refined = None if refinement is None else refinement.begun(chosen)
        held = {"draws": itertools.count(), "duals": Duals(), "refinement": refined}
        return _trajectories(x, lambda x, t: fit(x, t, held), schedule, settings.zeta, chosen, noise, progress)

    began = time.perf_counter()
    x = in_batches(run, denoiser, execution, samples=samples, points=points)
    seconds = (time.perf_counter() - began) / samples
    poses = None if refinement is None else refinement.poses
    energies = energy.reported(x.double(), poses=poses).numpy()
    return Reconstruction(x.numpy(), energies, len(schedule.times()) - 1, seconds, poses)


@torch.no_grad()
def _trajectories(
    x: Float[Tensor, "S N 3"],
    fit: Fit,
    schedule: Schedule,
    zeta: float,
    chosen: Sequence[int],
    noise: Callable[[], Float[Tensor, "S N 3"]],
    progress: Callable[[int], None] | None,
) -> Float[Tensor, "S N 3"]:
    """Clouds of the samples `chosen` from their start `x`, which carries the noise of the schedule's first time."""
    for i, (t, t_next) in enumerate(itertools.pairwise(schedule.times())):
        try:
            fitted = fit(x, t)
            old = (x - fitted) / t  # the noise that x has if `fitted` is the truth
            x = fitted
            if t_next > 0:
                x = x + t_next * ((1 - zeta) ** 0.5 * old + zeta**0.5 * noise())
            else:
                check_reach(x)
        except DivergedError as problem:
            raise name_divergence(problem, i, t, chosen, advice="take more steps") from None
        if progress is not None:
            progress(len(chosen))
    return x.float()

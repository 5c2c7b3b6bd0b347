"""Plug-and-play sampling: the prior denoises, the measurements correct in closed form, and noise is added back.

DiffPIR (Zhu et al. 2023) with a matching of points to measurements as its data step. The denoiser is never
differentiated, so that an evaluation costs a third of what it does in diffusion posterior sampling, and there is no
guidance strength to tune: how far a measurement may move a point follows from how uncertain the denoised point is.
Another method's samples can serve as the start: with little initial noise, the prior corrects them instead of starting
from scratch.
"""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Duals, Energy, Paired
from pointprior.measurements.poses import Poses
from pointprior.reconstruction.batches import Batch, asked, check_start, descended, loaded, sampled
from pointprior.reconstruction.execution import Execution, denoised, prepared
from pointprior.reconstruction.guidance import Denoise
from pointprior.reconstruction.interleaving import Turns
from pointprior.reconstruction.point_gaussians import PointGaussians, given_targets
from pointprior.reconstruction.poses import PoseRefinement, matched
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.regularisation import PairDistances
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import time_steps
from pointprior.reconstruction.settings.plug_and_play import Settings
from pointprior.reconstruction.settings.poses import PoseErrors


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
    expected = PointGaussians.around(denoised, uncertainty)
    for _ in range(rounds):
        pairs = matched(energy, torch.from_numpy(z), refinement, draw=next(draws), duals=duals, uncertainty=uncertainty)
        z = given_targets(expected, pairs, [_precision(energy, paired, z, sigma) for paired in pairs]).mean()
    return z


def _precision(
    energy: Energy, paired: Paired, z: Float[np.ndarray, "S N 3"], sigma: float
) -> Float[np.ndarray, "S 1 1"]:
    """K w / σ_k² of an observation, which has the spread of its points where these lie now."""
    observation = paired.observation
    variance = np.full((len(z), 1, 1), sigma**2 + observation.noise**2)
    if observation.targets_are_means:
        seen, wanted = z @ paired.views.astype(np.float64), paired.wanted.astype(np.float64)
        variance += np.square(seen - wanted).mean(axis=(1, 2), keepdims=True)
    return len(energy.observations) * observation.weight / variance


def reconstruct(problem: Problem, settings: Settings) -> Reconstruction:
    """Sample given the measurements of a task, from another method's samples or from noise."""
    denoiser = loaded(problem.prior_folder, problem.execution)
    spacing = problem.energy.observations.cloud_spacing() if settings.regularised else None
    regulariser = None if spacing is None else PairDistances(spacing)
    given = asked(problem, denoiser)
    found = sample_plug_and_play(
        denoiser, problem.energy, settings, problem.execution, regulariser=regulariser, **given
    )
    return found.begun_from(problem.initial)


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
    check_start(initial, samples=samples, points=points)
    denoise = prepared(denoiser, execution)
    refinement = PoseRefinement.of(energy, pose_errors, samples, initial_poses)
    times = time_steps(settings.steps, t_max=settings.t_max, t_min=settings.t_min, rho=settings.rho)

    def fit(x: Float[Tensor, "S N 3"], t: float, held: dict[str, Any]) -> Turns[Float[Tensor, "S N 3"]]:
        """Denoise, and fit the measurements."""
        clean = yield from denoised(denoise, x, t, execution.device)
        uncertainty = sigma_data * t / np.hypot(sigma_data, t)
        weights = {"uncertainty": uncertainty, "sigma": settings.sigma}
        fitted = torch.from_numpy(fit_measurements(clean.numpy(), energy, **weights, **held))
        return fitted if regulariser is None else regulariser.relax(fitted)

    def run(batch: Batch) -> Turns[Float[Tensor, "s N 3"]]:
        held = {"draws": itertools.count(), "duals": Duals(), "refinement": batch.refinement}
        zeta = settings.zeta

        def step(x: Float[Tensor, "s N 3"], t: float, t_next: float) -> Turns[Float[Tensor, "s N 3"]]:
            fitted = yield from fit(x, t, held)
            if t_next == 0:
                return fitted
            old = (x - fitted) / t  # the noise that x has if `fitted` is the truth
            return fitted + t_next * ((1 - zeta) ** 0.5 * old + zeta**0.5 * batch.noise().double())

        x = batch.started(initial, t=times[0], sigma_data=sigma_data)
        return descended(x, times, step, batch, progress)

    how = (run, denoiser, energy, execution, refinement)
    return sampled(*how, key=key, samples=samples, points=points, nfe=settings.steps)

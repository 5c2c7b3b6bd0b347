"""The baselines without a prior: clouds of minimal energy, plain or regularised, from random starts."""

import math
import time
from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Duals, Energy
from pointprior.reconstruction.divergence import DivergedError, SamplerError, check_reach
from pointprior.reconstruction.poses import PoseRefinement, matched_energy
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.settings.maximum_likelihood import Settings
from pointprior.reconstruction.settings.poses import PoseErrors
from pointprior.runtime.seeding import torch_generator


def reconstruct(problem: Problem, settings: Settings) -> Reconstruction:
    """The paper's baseline."""
    return maximise_likelihood(
        problem.energy,
        key=problem.key,
        samples=problem.samples,
        points=problem.points,
        steps=settings.steps,
        learning_rate=settings.learning_rate,
        pose_errors=problem.pose_errors,
        progress=problem.progress,
    )


def maximise_likelihood(
    energy: Energy,
    *,
    key: tuple[str | int, ...],  # (seed, structure, task, method); every start appends its index
    samples: int,  # starts
    points: int,  # N
    steps: int = 100,  # of Adam
    learning_rate: float = 0.01,
    annealed: bool = False,  # let the learning rate fall to zero, a quarter of a cosine
    regulariser: Callable[[Float[Tensor, "S N 3"]], Float[Tensor, " S"]] | None = None,
    weight: float = 0.0,  # of the regulariser, beside the Frobenius sum
    uncertainty: float = 0.5,  # of the starts' coordinates; falls to zero over the steps
    pose_errors: PoseErrors = PoseErrors(),  # poses are refined accordingly, for every sample by itself
    progress: Callable[[int], None] | None = None,  # called with the number of samples that have finished a step
) -> Reconstruction:
    """Minimise E(x) + λ R(x) by Adam from starts uniform in [-1, 1]³; without R the paper's ML baseline.

    Adam normalises every coordinate's gradient by itself, so samples in one batch do not interact. The energy that
    is reported is E alone.

    Raises
    ------
    SamplerError
        If a cloud ends far outside the cube.
    """
    began = time.perf_counter()
    starts = [torch.rand(points, 3, generator=torch_generator(*key, s)) * 2 - 1 for s in range(samples)]
    x = torch.stack(starts).requires_grad_()
    optimiser = torch.optim.Adam([x], lr=learning_rate)
    # points that start at random err each for itself
    duals, refinement = Duals(), PoseRefinement.of(energy, pose_errors, samples, independent=points)
    for step in range(steps):
        if annealed:
            optimiser.param_groups[0]["lr"] = learning_rate * math.cos(math.pi / 2 * step / steps)
        optimiser.zero_grad()
        left = uncertainty * (1 - step / steps)
        loss = matched_energy(energy, x, refinement, draw=step, duals=duals, uncertainty=left)
        if regulariser is not None:
            loss = loss + weight * regulariser(x)
        loss.sum().backward()
        optimiser.step()
        if progress is not None:
            progress(samples)
    x = x.detach()
    try:
        check_reach(x)
    except DivergedError as problem:
        raise SamplerError(
            f"after {steps} steps: starts {problem.lost} {problem.what}; lower the learning rate"
        ) from None
    seconds = (time.perf_counter() - began) / samples
    poses = None if refinement is None else refinement.poses
    return Reconstruction(x.numpy(), energy.reported(x.double(), poses=poses).numpy(), steps, seconds, poses)

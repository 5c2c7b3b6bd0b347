"""What samplers share: the prior, draws of each sample's own, batches, seconds, energies."""

import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from pointprior.measurements.energy import Energy
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.course import Recorder
from pointprior.reconstruction.divergence import DivergedError, check_reach, name_divergence
from pointprior.reconstruction.execution import Execution, in_batches
from pointprior.reconstruction.guidance import Denoise
from pointprior.reconstruction.interleaving import Turns, divided, in_turn
from pointprior.reconstruction.poses import PoseRefinement
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.seeding import torch_generator


@dataclass(frozen=True)
class Batch:
    """Samples that are drawn at the same time.

    Attributes
    ----------
    chosen : range
        Their indices.
    points : int
        Points N of each.
    generators : sequence of Generator
        One per sample, so that no sample's draws depend on the others.
    refinement : PoseRefinement or None
        Their poses, where these follow the clouds.
    recorder : Recorder or None
        What keeps the course of the first of them.
    """

    chosen: range
    points: int
    generators: Sequence[torch.Generator]
    refinement: PoseRefinement | None = None
    recorder: Recorder | None = None

    def noise(self) -> Float[Tensor, "S N 3"]:
        """Standard normal numbers, on the CPU."""
        return torch.stack([torch.randn(self.points, 3, generator=g) for g in self.generators])

    def started(
        self, initial: Float[np.ndarray, "all N 3"] | None, *, t: float | int, sigma_data: float | int
    ) -> Float[Tensor, "S N 3"]:
        """Clouds with noise of time `t`: another method's samples, or Gaussian clouds of the data's own spread."""
        if initial is None:
            return np.hypot(t, sigma_data) * self.noise().double()
        return torch.from_numpy(initial[self.chosen.start : self.chosen.stop]).double() + t * self.noise().double()


def sampled(
    run: Callable[[Batch], Turns[Float[Tensor, "s N 3"]]],
    denoiser: Denoise,
    energy: Energy | None,
    execution: Execution,
    refinement: PoseRefinement | None,
    *,
    key: tuple[str | int, ...],
    samples: int,
    points: int,
    nfe: int,
    recorded: Sequence[float] = (),  # times of the steps, of a sampler that takes down its course
) -> Reconstruction:
    """Samples in batches that fit into memory, timed, with their reported energies (NaN without measurements).

    The parts of a batch take turns where there are measurements to match: see `interleaving`.
    """

    recorder = Recorder(recorded) if recorded else None

    def begun(chosen: range) -> Turns[Float[Tensor, "s N 3"]]:
        refined = None if refinement is None else refinement.begun(chosen)
        generators = [torch_generator(*key, s) for s in chosen]
        return run(Batch(chosen, points, generators, refined, recorder if chosen.start == 0 else None))

    def of_batch(chosen: range) -> Float[Tensor, "s N 3"]:
        parts = divided(chosen, 1 if energy is None else execution.turns)
        return torch.cat(in_turn([begun(part) for part in parts]))

    began = time.perf_counter()
    x = in_batches(of_batch, denoiser, execution, samples=samples, points=points)
    seconds = (time.perf_counter() - began) / samples
    poses = None if refinement is None else refinement.poses
    energies = np.full(samples, np.nan) if energy is None else energy.reported(x.double(), poses=poses).numpy()
    course = None if recorder is None else recorder.course()
    return Reconstruction(x.numpy(), energies, nfe, seconds, poses, course)


def loaded(prior: Path, execution: Execution) -> Denoiser:
    """The denoiser of a prior's folder on its device, compiled if that is asked for."""
    denoiser = Denoiser.load(prior).to(execution.device)
    if execution.compile:
        denoiser.network.compile()
    return denoiser


def asked(problem: Problem, denoiser: Denoiser) -> dict[str, Any]:
    """What a problem asks of a sampler that may begin from another method's samples, as its keyword arguments."""
    start = problem.initial
    return {
        "key": problem.key,
        "samples": problem.samples,
        "points": problem.points,
        "sigma_data": denoiser.spec.sigma_data,
        "initial": None if start is None else start.points,
        "initial_poses": None if start is None else start.poses,
        "pose_errors": problem.pose_errors,
        "progress": problem.progress,
    }


def check_start(initial: Float[np.ndarray, "S N 3"] | None, *, samples: int, points: int) -> None:
    """Raise a ValueError unless there are as many models to begin from, of as many points, as samples are asked for."""
    if initial is not None and initial.shape != (samples, points, 3):
        raise ValueError(f"{samples} samples of {points} points cannot begin from models of shape {initial.shape}")


@torch.no_grad()
def descended(
    x: Float[Tensor, "S N 3"],
    times: Sequence[float],
    step: Callable[[Float[Tensor, "S N 3"], float, float], Turns[Float[Tensor, "S N 3"]]],
    batch: Batch,
    progress: Callable[[int], None] | None,
) -> Turns[Float[Tensor, "S N 3"]]:
    """Clouds of a batch after one step from every time to the next; the last of them is 0.

    Raises
    ------
    SamplerError
        If a step raises a `DivergedError`, or a cloud ends far outside the cube; names step, t and samples.
    """
    for i, (t, t_next) in enumerate(itertools.pairwise(times)):
        try:
            x = yield from step(x, t, t_next)
            if t_next == 0:
                check_reach(x)
        except DivergedError as problem:
            raise name_divergence(problem, i, t, batch.chosen, advice="take more steps") from None
        if progress is not None:
            progress(len(batch.chosen))
    return x.float()

"""Training batches: clouds, noise levels and noise, drawn from generators that belong to the step.

A run that was stopped and resumed thus sees the same clouds, rotations and noise as one that was not.
"""

from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from pointprior.priors.training.plan import Stage, TrainingPlan
from pointprior.runtime.rotations import random_rotations
from pointprior.runtime.seeding import numpy_generator, torch_generator


class Batch(NamedTuple):
    """What a step learns from: the network sees `clean + t noise` and is to find `clean`."""

    clean: Float[Tensor, "S P 3"]  # in units of the cube
    t: Float[Tensor, " S"]  # noise level of each cloud
    noise: Float[Tensor, "S P 3"]  # of unit variance


def draw_batch(
    clouds: Float[np.ndarray, "n N 3"],
    groups: Int[np.ndarray, " n"],
    plan: TrainingPlan,
    *,
    seed: int,
    step: int,
    counts: Int[np.ndarray, " n"] | None = None,
) -> Batch:
    """Draw the batch of a step (counted from 0)."""
    stage = plan.stage_at(step)
    generator = numpy_generator(seed, "clouds", step)
    clean = draw_clouds(clouds, groups, stage, plan.augmentation, generator, counts=counts)
    generator = torch_generator(seed, "noise", step)
    t = draw_noise_levels(stage, stage.batch, generator)
    return Batch(clean, t, torch.randn(clean.shape, generator=generator))


def draw_clouds(
    clouds: Float[np.ndarray, "n N 3"],
    groups: Int[np.ndarray, " n"],
    stage: Stage,
    augmentation: str,
    generator: np.random.Generator,
    *,
    counts: Int[np.ndarray, " n"] | None = None,
) -> Float[Tensor, "S P 3"]:
    """Draw a stage's number of clouds, rotate them and keep some of their points.

    Groups are drawn first, then one cloud of each: a family counts once, however many members it has. Only the first
    `counts` rows are a cloud's own (all by default); a batch has as many points as the smallest of its clouds at most.
    """
    members = generator.choice(np.unique(groups), stage.batch)
    index = np.array([generator.choice(np.flatnonzero(groups == g)) for g in members])
    own = np.full(len(index), clouds.shape[1]) if counts is None else counts[index]
    points = min(stage.points, own.min())
    chosen = np.stack([generator.permutation(count)[:points] for count in own])
    batch = np.take_along_axis(clouds[index], chosen[:, :, None], axis=1)  # (S, P, 3)
    batch = batch @ random_rotations(stage.batch, augmentation, generator).astype(batch.dtype)
    return torch.from_numpy(np.ascontiguousarray(batch, dtype=np.float32))


def draw_noise_levels(stage: Stage, n: int, generator: torch.Generator) -> Float[Tensor, " n"]:
    """Draw `n` noise levels from a stage's distribution."""
    t = (stage.noise_mean + stage.noise_std * torch.randn(n, generator=generator)).exp()
    return t.clamp(max=stage.t_max)

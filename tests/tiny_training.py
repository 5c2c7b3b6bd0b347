"""A training that takes a second: a small network, a dozen steps in two stages, a few clouds."""

from dataclasses import replace
from functools import partial

import numpy as np
import torch

from pointprior.priors.denoiser import Denoiser
from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training import loop
from pointprior.priors.training.plan import Stage, TrainingExecution, TrainingPlan

SPEC = NetworkSpec(width=32, layers=1, heads=2, sigma_data=0.4, time_code="log")
EARLY = Stage(steps=8, batch=4, points=16, noise_mean=-1.2, noise_std=1.2, t_max=80.0)
LATE = Stage(steps=4, batch=2, points=32, noise_mean=-2.8, noise_std=0.9, t_max=1.0)

train = partial(loop.train, execution=TrainingExecution(device="cpu"))  # a GPU's sums may differ from run to run


def plan(steps: int = 12, **changes) -> TrainingPlan:
    """A plan of so many steps, the last four of them in the second stage."""
    quick = {"learning_rate": 1e-3, "final_learning_rate": 1e-5, "warmup": 2, "precision": "float32"}
    return TrainingPlan(stages=(replace(EARLY, steps=steps - 4), LATE), **quick | changes)


def ellipsoids() -> tuple[np.ndarray, np.ndarray]:
    """Six clouds of 32 points, and their groups: three, two and one."""
    generator = np.random.default_rng(0)
    clouds = generator.normal(size=(6, 32, 3)) * generator.uniform(0.1, 0.6, size=(6, 1, 3))
    return clouds.astype(np.float32), np.array([0, 0, 0, 1, 1, 2])


def weights(denoiser: Denoiser) -> torch.Tensor:
    """All parameters in one vector."""
    return torch.cat([p.flatten() for p in denoiser.parameters()])

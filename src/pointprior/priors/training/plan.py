"""Settings of training: what decides the weights, and how they are computed; free of torch, so quick to import."""

import math
from dataclasses import dataclass, field
from typing import Literal

from pointprior.runtime.rotations import RotationGroup
from pointprior.runtime.settings import DEVICE, LARGEST_TIME, LEARNING_RATE, Settings, about


@dataclass(frozen=True, kw_only=True)
class Stage(Settings):
    """A stretch of training with one noise distribution and one cloud size.

    Noise levels t are log-normal: ln t ~ N(noise_mean, noise_std²), at most t_max (in units of the cube).
    """

    steps: int = field(metadata=about("optimiser steps", ge=1, le=10**9, why="of the optimiser"))
    batch: int = field(metadata=about("clouds per step", ge=1, le=10**6, why="the memory of all GPUs holds it"))
    points: int = field(
        default=1024,
        metadata=about(
            "random points drawn of every cloud (all, if it has fewer)",
            ge=1,
            le=16_384,
            why="attention grows with its square",
        ),
    )
    noise_mean: float = field(metadata=about("mean of ln t", ge=-15, le=15, why="of ln t: t from 3e-7 to 3e6"))
    noise_std: float = field(
        metadata=about("standard deviation of ln t", ge=1e-3, le=10, why="of ln t, so e-fold changes of t")
    )
    t_max: float = field(metadata=about("largest t", **LARGEST_TIME))


@dataclass(frozen=True)
class Packing(Settings):
    """Which clouds are trained on, and which are held out."""

    max_failed: float = field(
        default=0.02, metadata=about("largest share of the structures that may fail", ge=0, le=1, why="a share")
    )
    validation_one_in: int = field(
        default=20,
        metadata=about(
            "one cluster in so many is not trained on, but validates and is compared with samples; 0: none",
            ge=0,
            le=10**6,
            why="0 keeps none, 2 every other cluster",
        ),
    )

    def __post_init__(self):
        super().__post_init__()
        if self.validation_one_in == 1:
            raise ValueError("validation_one_in 1 keeps every cluster for validation and trains on none; 0 keeps none")


PAPER_STAGES = (
    Stage(steps=77_000, batch=160, noise_mean=-2.8, noise_std=0.9, t_max=1.0),
    Stage(steps=8_600, batch=160, noise_mean=-1.2, noise_std=1.2, t_max=80.0),
)


@dataclass(frozen=True)
class TrainingPlan(Settings):
    """Everything that decides the weights besides network, data and seed. The defaults are the paper's."""

    stages: tuple[Stage, ...] = field(default=PAPER_STAGES, metadata=about("one after the other", min_length=1))
    learning_rate: float = field(
        default=1e-4, metadata=about("Adam's learning rate after the warm-up", **LEARNING_RATE)
    )
    final_learning_rate: float = field(default=8e-5, metadata=about("at the end of the cosine", **LEARNING_RATE))
    warmup: int = field(
        default=1000, metadata=about("steps of linear warm-up", ge=0, le=10**8, why="steps, a small share of all")
    )
    clip: float = field(
        default=1.0,
        metadata=about("largest gradient norm", ge=1e-6, le=1e6, why="norms of gradients are of the order of 1"),
    )
    ema_half_life: float = field(
        default=500_000.0, metadata=about("clouds after which a weight counts half", ge=1, le=1e12, why="clouds")
    )
    ema_ramp: float = field(
        default=0.05,
        metadata=about("the half-life is at most this share of the clouds seen", ge=1e-6, le=1, why="a share above 0"),
    )
    augmentation: RotationGroup = field(
        default="SO3", metadata=about("random rotations, or also mirror images (O3), or none: poses are known")
    )
    precision: Literal["auto", "float32", "bfloat16"] = field(
        default="auto",
        metadata=about(
            "of the network's matrix products; auto: bfloat16 where the processor has instructions for it, else float32"
        ),
    )

    @property
    def steps(self) -> int:
        """Optimiser steps of all stages."""
        return sum(stage.steps for stage in self.stages)

    def stage_at(self, step: int) -> Stage:
        """The stage that a step (counted from 0) belongs to."""
        for stage in self.stages:
            if step < stage.steps:
                return stage
            step -= stage.steps
        return self.stages[-1]

    def clouds_seen(self, steps: int) -> int:
        """Clouds in the first `steps` batches."""
        seen = 0
        for stage in self.stages:
            done = min(steps, stage.steps)
            seen, steps = seen + done * stage.batch, steps - done
        return seen

    def learning_rate_at(self, step: int) -> float:
        """Linear warm-up, then a cosine from `learning_rate` to `final_learning_rate`."""
        if step < self.warmup:
            return self.learning_rate * (step + 1) / self.warmup
        progress = (step - self.warmup) / max(1, self.steps - self.warmup)
        return self.final_learning_rate + (self.learning_rate - self.final_learning_rate) * (
            0.5 + 0.5 * math.cos(math.pi * min(progress, 1.0))
        )

    def ema_decay_at(self, step: int) -> float:
        """What a step leaves of the averaged weights: half of them per half-life, which is ramped up."""
        half_life = min(self.ema_half_life, self.ema_ramp * self.clouds_seen(step + 1))
        return 0.5 ** (self.stage_at(step).batch / half_life)


@dataclass(frozen=True)
class TrainingExecution(Settings):
    """How training is computed: what changes its time and memory, but the weights at most by rounding."""

    device: str = field(
        default="auto", metadata=about("cpu, cuda, or auto: the GPU if there is one", pattern=DEVICE, decides=False)
    )
    checkpoint_seconds: float = field(
        default=300.0,
        metadata=about(
            "time between checkpoints", ge=1, le=1e6, why="seconds, well below a job's time limit", decides=False
        ),
    )
    compile: bool = field(default=False, metadata=about("run the network through torch.compile", decides=False))
    recompute: bool = field(
        default=False,
        metadata=about("keep no activations for the backward pass: slower, far less memory", decides=False),
    )
    nodes: int = field(
        default=1,
        metadata=about(
            "nodes of a SLURM cluster that share each batch", ge=1, le=1024, why="they share each batch", decides=False
        ),
    )
    gpus: int = field(
        default=1,
        metadata=about(
            "GPUs of each node (on a CPU: processes) that share each batch",
            ge=1,
            le=64,
            why="of one node",
            decides=False,
        ),
    )

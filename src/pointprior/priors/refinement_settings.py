"""Settings of a refinement on relatives; free of torch, so quick to import."""

from dataclasses import dataclass, field

from pointprior.priors.training.plan import Stage, TrainingPlan
from pointprior.runtime.settings import LARGEST_TIME, LEARNING_RATE, Settings, about


@dataclass(frozen=True, kw_only=True)
class Refinement(Settings):
    """How a prior is refined on relatives."""

    fits: int = field(
        default=6,
        metadata=about(
            "mixtures fitted to each relative; one more is kept for the checks", ge=1, le=1000, why="each is a cloud"
        ),
    )
    sub_assemblies: int = field(
        default=0,
        metadata=about("connected sets of chains that each relative also lends", ge=0, le=1000, why="each is a cloud"),
    )
    in_place: bool = field(
        default=False,
        metadata=about(
            "a prior for one specimen: relatives keep the orientation of their coordinates, as after a fit into its "
            "map, and all else may be forgotten; false: they are turned at random"
        ),
    )
    steps: int = field(default=2000, metadata=about("optimiser steps at most", ge=1, le=10**7, why="of the optimiser"))
    batch: int = field(default=4, metadata=about("clouds per step", ge=1, le=10**4, why="the memory holds them"))
    replayed: float | None = field(
        default=None,
        metadata=about(
            "share of a batch that is drawn from general clouds; null: a quarter, or in place none",
            ge=0,
            le=1,
            why="a share",
        ),
    )
    learning_rate: float = field(
        default=3e-4, metadata=about("Adam's learning rate after the warm-up", **LEARNING_RATE)
    )
    warmup: int = field(
        default=50, metadata=about("steps of linear warm-up", ge=0, le=10**6, why="steps, a small share of all")
    )
    noise_mean: float = field(
        default=-2.0, metadata=about("mean of ln t", ge=-15, le=15, why="of ln t: t from 3e-7 to 3e6")
    )
    noise_std: float = field(
        default=1.0, metadata=about("standard deviation of ln t", ge=1e-3, le=10, why="of ln t, so e-fold changes of t")
    )
    t_max: float = field(default=80.0, metadata=about("largest t", **LARGEST_TIME))
    check_every: int = field(
        default=100, metadata=about("steps between checks for forgetting", ge=1, le=10**6, why="steps")
    )
    tolerance: float = field(
        default=0.01,
        metadata=about(
            "errors on general clouds may grow by this share of what they were, on average",
            ge=0,
            le=10,
            why="a share, a small one",
        ),
    )

    @property
    def share_replayed(self) -> float:
        """Share of a batch that is drawn from general clouds."""
        usual = 0.0 if self.in_place else 0.25
        return usual if self.replayed is None else self.replayed

    @property
    def plan(self) -> TrainingPlan:
        """The same as settings of a training, at a constant learning rate."""
        return TrainingPlan(
            stages=(
                Stage(
                    steps=self.steps,
                    batch=self.batch,
                    noise_mean=self.noise_mean,
                    noise_std=self.noise_std,
                    t_max=self.t_max,
                ),
            ),
            learning_rate=self.learning_rate,
            final_learning_rate=self.learning_rate,
            warmup=self.warmup,
            augmentation="SO3",
        )

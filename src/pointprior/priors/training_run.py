"""One training run from its data to weights, card and curve; by one process or by several."""

import os
from collections.abc import Sequence
from pathlib import Path

from pointprior.priors.denoiser import Prior, PriorSpec
from pointprior.priors.distributed import process_group, rank
from pointprior.priors.evaluation import describe
from pointprior.priors.training import TrainingPlan, train
from pointprior.priors.training_curve import Curve
from pointprior.priors.training_set import TrainingSet
from pointprior.runtime.devices import choose_device


def run_training(
    spec: PriorSpec,
    plan: TrainingPlan,
    data: str | os.PathLike,  # a TrainingSet
    checkpoint: str | os.PathLike,  # its curve is kept beside it
    output: str | os.PathLike,  # folder for weights and card
    curve: str | os.PathLike,
    device: str,
    checkpoint_seconds: float,
    initial: Sequence[str | os.PathLike],  # weights and card of a prior to start from; empty: random weights
    compiled: bool,
    recompute: bool,
    card: dict,  # what the card shall say besides
) -> None:
    """Train a prior on what is not held out, and write it with its card and curve (by the first process alone)."""
    clouds = TrainingSet.load(data)
    record = Curve(Path(checkpoint).with_suffix(".csv"))
    with process_group(choose_device(device)) as own_device:
        try:
            prior = train(
                spec,
                plan,
                clouds.points[~clouds.held_out],
                clouds.groups[~clouds.held_out],
                checkpoint=checkpoint,
                device=own_device,
                checkpoint_seconds=checkpoint_seconds,
                initial=Prior.load(Path(initial[0]).parent) if initial else None,
                compiled=compiled,
                recompute=recompute,
                report=record.add,
            )
        finally:
            record.close()
        if rank() == 0:
            record.save(curve, plan.steps)
            prior.save(output, card | describe(prior, clouds))

"""One training run from its data to weights, card and curve; by one process or by several."""

import os
from pathlib import Path

from pointprior.devices import choose_device
from pointprior.distributed import process_group, rank
from pointprior.evaluation import describe
from pointprior.prior import PriorSpec
from pointprior.training import TrainingPlan, train
from pointprior.training_curve import Curve
from pointprior.training_set import TrainingSet


def run_training(
    spec: PriorSpec,
    plan: TrainingPlan,
    data: str | os.PathLike,  # a TrainingSet
    checkpoint: str | os.PathLike,  # its curve is kept beside it
    output: str | os.PathLike,  # folder for weights and card
    curve: str | os.PathLike,
    device: str,
    checkpoint_seconds: float,
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
                report=record.add,
            )
        finally:
            record.close()
        if rank() == 0:
            record.save(curve, plan.steps)
            prior.save(output, card | describe(prior, clouds))

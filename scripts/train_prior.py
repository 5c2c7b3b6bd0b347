"""Train a prior; stopped by a signal it leaves a checkpoint, from which the next attempt goes on."""

from pathlib import Path

import torch
from joblog import logged

from pointprior.devices import choose_device
from pointprior.diffusion import NoiseDistribution
from pointprior.evaluation import describe
from pointprior.prior import PriorSpec
from pointprior.training import Stage, TrainingPlan, train
from pointprior.training_curve import Curve
from pointprior.training_set import TrainingSet

with logged(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    params, training = snakemake.params, dict(snakemake.params.training)
    stages = tuple(
        Stage(s["steps"], s["batch"], s["points"], NoiseDistribution(s["noise_mean"], s["noise_std"], s["t_max"]))
        for s in training.pop("stages")
    )
    plan = TrainingPlan(stages=stages, seed=params.seed, **training)
    data = TrainingSet.load(snakemake.input[0])
    curve = Curve(Path(params.checkpoint).with_suffix(".csv"))
    try:
        prior = train(
            PriorSpec(**params.network),
            plan,
            data.points[~data.held_out],
            data.groups[~data.held_out],
            checkpoint=params.checkpoint,
            device=choose_device(snakemake.config["dps"]["device"]),
            checkpoint_seconds=snakemake.config["priors"][snakemake.wildcards.prior]["training"]["checkpoint_seconds"],
            report=curve.add,
        )
    finally:
        curve.close()
    curve.save(snakemake.output.curve, plan.steps)
    card = {"name": snakemake.wildcards.prior, "training": dict(params.training) | {"seed": params.seed}}
    prior.save(Path(snakemake.output.weights).parent, card | describe(prior, data))

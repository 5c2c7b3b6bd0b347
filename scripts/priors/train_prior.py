"""Train a prior; stopped by a signal it leaves a checkpoint, from which the next attempt goes on."""

from pathlib import Path

from joblog import logged

import torch

from pointprior.priors.spec import NetworkSpec
from pointprior.priors.training.plan import Stage, TrainingExecution, TrainingPlan
from pointprior.priors.training.run import TrainingFiles, start_training

if __name__ == "__main__":  # the processes of several GPUs import this file, they do not run it
    with logged(snakemake.log[0]):
        torch.set_num_threads(snakemake.threads)
        params, training = snakemake.params, dict(snakemake.params.training)
        stages = tuple(Stage(**stage) for stage in training.pop("stages"))
        start_training(
            NetworkSpec(**params.network),
            TrainingPlan(stages=stages, **training),
            params.seed,
            TrainingFiles(
                data=Path(snakemake.input.clouds),
                checkpoint=Path(params.checkpoint),
                prior=Path(snakemake.output.weights).parent,
                curve=Path(snakemake.output.curve),
                initial=Path(snakemake.input.initial[0]).parent if snakemake.input.initial else None,
            ),
            TrainingExecution(**vars(params.execution)),
            {"name": snakemake.wildcards.prior, "training": dict(params.training) | {"seed": params.seed}},
        )

"""Train a prior; stopped by a signal it leaves a checkpoint, from which the next attempt goes on."""

from functools import partial
from pathlib import Path

import torch
from joblog import logged

from pointprior.priors.denoiser import PriorSpec
from pointprior.priors.diffusion import NoiseDistribution
from pointprior.priors.distributed import launch
from pointprior.priors.slurm import launch_on_nodes
from pointprior.priors.training import Stage, TrainingPlan
from pointprior.priors.training_run import run_training

if __name__ == "__main__":  # the processes of several GPUs import this file, they do not run it
    with logged(snakemake.log[0]):
        torch.set_num_threads(snakemake.threads)
        params, training = snakemake.params, dict(snakemake.params.training)
        how = snakemake.config["priors"][snakemake.wildcards.prior]["training"]  # what does not decide the weights
        stages = tuple(
            Stage(s["steps"], s["batch"], s["points"], NoiseDistribution(s["noise_mean"], s["noise_std"], s["t_max"]))
            for s in training.pop("stages")
        )
        nodes, gpus = how["nodes"], how["gpus"]
        start = (
            partial(launch_on_nodes, run_training, nodes, gpus) if nodes > 1 else partial(launch, run_training, gpus)
        )
        start(
            PriorSpec(**params.network),
            TrainingPlan(stages=stages, seed=params.seed, **training),
            snakemake.input.clouds,
            params.checkpoint,
            Path(snakemake.output.weights).parent,
            snakemake.output.curve,
            snakemake.config["dps"]["device"],
            how["checkpoint_seconds"],
            snakemake.input.initial,
            how["compile"],
            how["recompute"],
            {"name": snakemake.wildcards.prior, "training": dict(params.training) | {"seed": params.seed}},
        )

"""Reconstruct a structure in some tasks by one of the methods in `pointprior.methods`."""

from pathlib import Path

from joblog import logged

import torch
from tqdm import tqdm

from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.observations import Observations
from pointprior.methods import METHODS
from pointprior.reconstruction.execution import chosen_here
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.result import Reconstruction
from pointprior.reconstruction.schedule import Schedule

with logged(snakemake.log[0]) as log, tqdm(file=log, mininterval=10, unit="step") as bar:
    torch.set_num_threads(snakemake.threads)
    files, params = snakemake.input, snakemake.params
    method = METHODS[params.method].load()
    execution = chosen_here(vars(params.execution), params.precision)
    starts = files.initial or [None] * len(files.observations)
    for task, observations, start, path in zip(
        params.problems, files.observations, starts, snakemake.output, strict=True
    ):
        likelihood = task.pop("likelihood")
        energy = Energy(
            Observations.load(observations),
            reading=params.energy,
            likelihood=Likelihood(**likelihood),
            threads=snakemake.threads,
        )
        problem = Problem(
            energy,
            nfe=Schedule(task["steps"], integrator=params.integrator).nfe,
            execution=execution,
            prior=Path(files.prior[0]).parent if files.prior else None,
            initial=None if start is None else Reconstruction.load(start),
            progress=bar.update,
            **task,
        )
        method.reconstruct(problem, method.Settings(**params.settings)).save(path)

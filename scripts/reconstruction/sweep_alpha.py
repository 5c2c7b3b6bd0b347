"""Reconstruct a structure by DPS with one guidance strength, and score it."""

from pathlib import Path

import torch
from joblog import logged
from tqdm import tqdm

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.observations import Observations
from pointprior.reconstruction import dps
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.devices import choose_device
from pointprior.runtime.files import atomic_write
from pointprior.scoring.scores import score

with logged(snakemake.log[0]) as log, tqdm(file=log, mininterval=10, unit="step") as bar:
    torch.set_num_threads(snakemake.threads)
    params, wildcards, alpha = snakemake.params, snakemake.wildcards, float(snakemake.wildcards.alpha)
    energy = Energy(
        Observations.load(snakemake.input.observations),
        reading=params.energy,
        likelihood=Likelihood(**params.likelihood),
        threads=snakemake.threads,
    )
    problem = Problem(
        energy,
        alpha=alpha,
        nfe=Schedule(params.problem["steps"], integrator=params.settings["integrator"]).nfe,
        execution=Execution(choose_device(params.execution.device), params.execution.batch, params.precision),
        prior=Path(snakemake.input.prior[0]).parent,
        progress=bar.update,
        **params.problem,
    )
    found = dps.reconstruct(problem, dps.Settings(**params.settings))
    table = score(found.points, PointCloud.load(snakemake.input.cloud)).assign(energy=found.energy, method="dps")
    table = table.assign(structure=wildcards.structure, task=wildcards.task, alpha=alpha)
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

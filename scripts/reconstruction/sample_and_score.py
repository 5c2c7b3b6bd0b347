"""Reconstruct a structure by DPS with other settings than its task's (α, integrator, steps), and score it."""

from pathlib import Path

from joblog import logged

import torch
from tqdm import tqdm

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.likelihood import Likelihood
from pointprior.measurements.observations import Observations
from pointprior.reconstruction import dps
from pointprior.reconstruction.execution import chosen_here
from pointprior.reconstruction.problem import Problem
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.files import atomic_write
from pointprior.scoring.scores import score

with logged(snakemake.log[0]) as log, tqdm(file=log, mininterval=10, unit="step") as bar:
    torch.set_num_threads(snakemake.threads)
    params, cloud = snakemake.params, PointCloud.load(snakemake.input.cloud)
    observations = Observations.load(snakemake.input.observations)
    for run, path in zip(params.runs, snakemake.output, strict=True):
        likelihood = Likelihood(**run["problem"].pop("likelihood"))
        energy = Energy(observations, reading=params.energy, likelihood=likelihood, threads=snakemake.threads)
        problem = Problem(
            energy,
            nfe=Schedule(run["problem"]["steps"], integrator=run["settings"]["integrator"]).nfe,
            execution=chosen_here(vars(params.execution), params.precision),
            prior=Path(snakemake.input.prior[0]).parent,
            progress=bar.update,
            **run["problem"],
        )
        found = dps.reconstruct(problem, dps.Settings(**run["settings"]))
        table = score(found.points, cloud, alignment=params.alignment).assign(
            energy=found.energy, nfe=found.nfe, seconds=found.seconds
        )
        table = table.assign(structure=snakemake.wildcards.structure, method="dps", **run["named"])
        with atomic_write(path) as temporary:
            table.to_csv(temporary, index=False)

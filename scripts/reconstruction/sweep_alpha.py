"""Reconstruct a structure by DPS with one guidance strength, and score it."""

from pathlib import Path

import torch
from joblog import logged
from tqdm import tqdm

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.diffusion import time_steps
from pointprior.reconstruction.dps import sample
from pointprior.runtime.devices import choose_device
from pointprior.runtime.files import written_whole
from pointprior.scoring.scores import score

with logged(snakemake.log[0]) as log:
    torch.set_num_threads(snakemake.threads)
    params, dps = snakemake.params, snakemake.params.dps
    how = snakemake.config["dps"]  # device and batch change the time it takes, not the result
    device = choose_device(how["device"])
    observations = Observations.load(snakemake.input.observations)
    with tqdm(total=params.samples * params.steps, file=log, mininterval=10, unit="step") as bar:
        found = sample(
            Denoiser.load(Path(snakemake.input.prior[0]).parent).to(device),
            Energy(observations, reading=params.energy, threads=snakemake.threads),
            key=tuple(params.key),
            samples=params.samples,
            points=observations.points,
            times=time_steps(params.steps, t_max=dps["t_max"], t_min=dps["t_min"], rho=dps["rho"]),
            beta=params.beta,
            alpha=float(snakemake.wildcards.alpha),
            limit=dps["limit"],
            integrator=dps["integrator"],
            batch=how["batch"],
            device=device,
            precision=dps["precision"],
            progress=bar.update,
        )
    table = score(found.points, PointCloud.load(snakemake.input.cloud)).assign(energy=found.energy, method="dps")
    wildcards = snakemake.wildcards
    table = table.assign(structure=wildcards.structure, task=wildcards.task, alpha=float(wildcards.alpha))
    with written_whole(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

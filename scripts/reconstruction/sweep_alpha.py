"""Reconstruct a structure by DPS with one guidance strength, and score it."""

from pathlib import Path

import torch
from joblog import logged
from tqdm import tqdm

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.devices import choose_device
from pointprior.runtime.files import atomic_write
from pointprior.scoring.scores import score

with logged(snakemake.log[0]) as log:
    torch.set_num_threads(snakemake.threads)
    params, dps = snakemake.params, snakemake.params.dps
    how = snakemake.config["execution"]  # device and batch change the time it takes, not the result
    device = choose_device(how["device"])
    observations = Observations.load(snakemake.input.observations)
    times = {name: dps[name] for name in ("t_max", "t_min", "rho", "integrator")}
    with tqdm(total=params.samples * params.steps, file=log, mininterval=10, unit="step") as bar:
        found = sample(
            Denoiser.load(Path(snakemake.input.prior[0]).parent).to(device),
            Energy(observations, reading=params.energy, threads=snakemake.threads),
            Schedule(steps=params.steps, beta=params.beta, **times),
            Guidance(float(snakemake.wildcards.alpha), dps["guidance_clip"]),
            Execution(device, how["batch"], params.precision),
            key=tuple(params.key),
            samples=params.samples,
            points=observations.points,
            progress=bar.update,
        )
    table = score(found.points, PointCloud.load(snakemake.input.cloud)).assign(energy=found.energy, method="dps")
    wildcards = snakemake.wildcards
    table = table.assign(structure=wildcards.structure, task=wildcards.task, alpha=float(wildcards.alpha))
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

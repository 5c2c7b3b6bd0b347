"""Reconstruct a structure by diffusion posterior sampling (Algorithm 1)."""

from pathlib import Path

import torch
from joblog import logged
from tqdm import tqdm

from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.dps import sample
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.guidance import Guidance
from pointprior.reconstruction.schedule import Schedule
from pointprior.runtime.devices import choose_device

with logged(snakemake.log[0]) as log:
    torch.set_num_threads(snakemake.threads)
    params, dps = snakemake.params, snakemake.params.dps
    how = snakemake.config["execution"]  # device and batch change the time it takes, not the result
    device = choose_device(how["device"])
    observations = Observations.load(snakemake.input.observations)
    times = {name: dps[name] for name in ("t_max", "t_min", "rho", "integrator")}
    with tqdm(total=params.samples * params.steps, file=log, mininterval=10, unit="step") as bar:
        reconstruction = sample(
            Denoiser.load(Path(snakemake.input.prior[0]).parent).to(device),
            Energy(observations, reading=params.energy, threads=snakemake.threads),
            Schedule(steps=params.steps, beta=params.beta, **times),
            Guidance(params.alpha, dps["guidance_clip"]),
            Execution(device, how["batch"], params.precision),
            key=tuple(params.key),
            samples=params.samples,
            points=observations.points,
            progress=bar.update,
        )
    reconstruction.save(snakemake.output[0])

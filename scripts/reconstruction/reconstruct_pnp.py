"""Reconstruct a structure by plug-and-play sampling (DiffPIR)."""

from dataclasses import replace
from pathlib import Path

import torch
from joblog import logged
from tqdm import tqdm

from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.priors.denoiser import Denoiser
from pointprior.priors.diffusion import time_steps
from pointprior.reconstruction.plug_and_play import sample_plug_and_play
from pointprior.reconstruction.regularisation import PairDistances, expected_spacing
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.devices import choose_device

with logged(snakemake.log[0]) as log:
    torch.set_num_threads(snakemake.threads)
    params, pnp = snakemake.params, snakemake.params.pnp
    how = snakemake.config["dps"]  # device and batch change the time it takes, not the result
    device = choose_device(how["device"])
    observations = Observations.load(snakemake.input.observations)
    # the models to begin from, if not noise
    begun = Reconstruction.load(snakemake.input.initial) if snakemake.input.initial else None
    times = time_steps(pnp["steps"], t_max=pnp["t_max"], t_min=pnp["t_min"], rho=pnp["rho"])
    with tqdm(total=params.samples * pnp["steps"], file=log, mininterval=10, unit="step") as bar:
        reconstruction = sample_plug_and_play(
            Denoiser.load(Path(snakemake.input.prior[0]).parent).to(device),
            Energy(observations, reading=params.energy, threads=snakemake.threads),
            key=tuple(params.key),
            samples=params.samples,
            points=observations.points,
            times=times,
            sigma=pnp["sigma"],
            zeta=pnp["zeta"],
            initial=begun and begun.points,
            regulariser=PairDistances(expected_spacing(observations)) if pnp["regularised"] else None,
            batch=how["batch"],
            device=device,
            precision=params.precision,
            progress=bar.update,
        )
    if begun is not None:
        reconstruction = replace(reconstruction, seconds=reconstruction.seconds + begun.seconds)
    reconstruction.save(snakemake.output[0])

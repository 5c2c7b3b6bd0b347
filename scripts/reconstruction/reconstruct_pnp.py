"""Reconstruct a structure by plug-and-play sampling (DiffPIR)."""

from dataclasses import replace
from pathlib import Path

import torch
from joblog import logged
from tqdm import tqdm

from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.priors.denoiser import Denoiser
from pointprior.reconstruction.execution import Execution
from pointprior.reconstruction.plug_and_play import Settings, sample_plug_and_play
from pointprior.reconstruction.regularisation import PairDistances
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.devices import choose_device

with logged(snakemake.log[0]) as log:
    torch.set_num_threads(snakemake.threads)
    params, pnp = snakemake.params, snakemake.params.pnp
    how = snakemake.config["execution"]  # device and batch change the time it takes, not the result
    device = choose_device(how["device"])
    observations = Observations.load(snakemake.input.observations)
    # the models to begin from, if not noise
    begun = Reconstruction.load(snakemake.input.initial) if snakemake.input.initial else None
    denoiser = Denoiser.load(Path(snakemake.input.prior[0]).parent).to(device)
    with tqdm(total=params.samples * pnp["steps"], file=log, mininterval=10, unit="step") as bar:
        reconstruction = sample_plug_and_play(
            denoiser,
            Energy(observations, reading=params.energy, threads=snakemake.threads),
            Settings(**pnp),
            Execution(device, how["batch"], params.precision),
            key=tuple(params.key),
            samples=params.samples,
            points=observations.points,
            sigma_data=denoiser.spec.sigma_data,
            initial=begun and begun.points,
            regulariser=PairDistances(observations.cloud_spacing()) if pnp["regularised"] else None,
            progress=bar.update,
        )
    if begun is not None:
        reconstruction = replace(reconstruction, seconds=reconstruction.seconds + begun.seconds)
    reconstruction.save(snakemake.output[0])

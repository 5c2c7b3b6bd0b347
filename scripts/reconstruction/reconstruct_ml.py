"""Reconstruct a structure by maximum likelihood: Adam from uniform starts (the paper's baseline)."""

import torch
from joblog import logged
from tqdm import tqdm

from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood

with logged(snakemake.log[0]) as log:
    torch.set_num_threads(snakemake.threads)
    params = snakemake.params
    observations = Observations.load(snakemake.input.observations)
    with tqdm(total=params.samples * params.ml["steps"], file=log, mininterval=10, unit="step") as bar:
        reconstruction = maximise_likelihood(
            Energy(observations, reading=params.energy, threads=snakemake.threads),
            key=tuple(params.key),
            samples=params.samples,
            points=observations.points,
            progress=bar.update,
            **params.ml,
        )
    reconstruction.save(snakemake.output[0])

"""Reconstruct a structure by maximum likelihood with a regulariser on the distances between neighbours."""

import torch
from joblog import logged
from tqdm import tqdm

from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.reconstruction.maximum_likelihood import maximise_likelihood
from pointprior.reconstruction.regularisation import PairDistances
from pointprior.reconstruction.schedule import Schedule

with logged(snakemake.log[0]) as log:
    torch.set_num_threads(snakemake.threads)
    params = snakemake.params
    ml = params.ml | {"steps": params.ml["steps"] or Schedule(params.steps, integrator=params.integrator).nfe}
    observations = Observations.load(snakemake.input.observations)
    with tqdm(total=params.samples * ml["steps"], file=log, mininterval=10, unit="step") as bar:
        reconstruction = maximise_likelihood(
            Energy(observations, reading=params.energy, threads=snakemake.threads),
            key=tuple(params.key),
            samples=params.samples,
            points=observations.points,
            annealed=True,
            regulariser=PairDistances(observations.cloud_spacing()),
            progress=bar.update,
            **ml,
        )
    reconstruction.save(snakemake.output[0])

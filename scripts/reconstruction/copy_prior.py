"""Present samples of the prior as a method's (a control), with the energy that the measurements give them."""

from dataclasses import replace

import torch
from joblog import logged

from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.reconstruction.result import Reconstruction

with logged(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    samples = Reconstruction.load(snakemake.input.samples)
    points = torch.from_numpy(samples.points).double()
    for observations, path in zip(snakemake.input.observations, snakemake.output, strict=True):
        energy = Energy(Observations.load(observations), reading=snakemake.params.energy)
        replace(samples, energy=energy.reported(points).numpy()).save(path)

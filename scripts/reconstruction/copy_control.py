"""Present points as the samples of a method, with the energy that the measurements give them: a control."""

from dataclasses import replace

from joblog import logged

import torch

from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.reconstruction.result import load_samples

with logged(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    samples = load_samples(snakemake.input.points)  # the truth, or a second fit: a single one
    points = torch.from_numpy(samples.points).double()
    for observations, output in zip(snakemake.input.observations, snakemake.output, strict=True):
        energy = Energy(Observations.load(observations), reading=snakemake.params.energy)
        replace(samples, energy=energy.reported(points).numpy()).save(output)

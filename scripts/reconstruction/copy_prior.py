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
    observations = Observations.load(snakemake.input.observations)
    energy = Energy(observations, reading=snakemake.params.energy)
    energies = energy.reported(torch.from_numpy(samples.points).double()).numpy()
    replace(samples, energy=energies).save(snakemake.output[0])

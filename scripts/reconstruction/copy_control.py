"""Present points as the samples of a method, with the energy that the measurements give them: a control."""

from dataclasses import replace

import numpy as np
import torch
from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.reconstruction.result import Reconstruction

with logged(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    path, reading = snakemake.input.points, snakemake.params.energy
    if snakemake.params.clouds:  # the truth, or a second fit: a single sample
        samples = Reconstruction(PointCloud.load(path).points[None], np.full(1, np.nan), nfe=0, seconds=0.0)
    else:
        samples = Reconstruction.load(path)
    points = torch.from_numpy(samples.points).double()
    for observations, output in zip(snakemake.input.observations, snakemake.output, strict=True):
        energy = Energy(Observations.load(observations), reading=reading)
        replace(samples, energy=energy.reported(points).numpy()).save(output)

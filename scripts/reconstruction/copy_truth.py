"""Present the truth as a method's only sample (a control): it must score 0, and its energy is the least to expect."""

import torch
from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.measurements.energy import Energy
from pointprior.measurements.observations import Observations
from pointprior.reconstruction.result import Reconstruction

with logged(snakemake.log[0]):
    torch.set_num_threads(snakemake.threads)
    points = PointCloud.load(snakemake.input.cloud).points[None]  # (1, N, 3)
    for observations, path in zip(snakemake.input.observations, snakemake.output, strict=True):
        energy = Energy(Observations.load(observations), reading=snakemake.params.energy)
        energies = energy.reported(torch.from_numpy(points).double()).numpy()
        Reconstruction(points, energies, nfe=0, seconds=0.0).save(path)

"""Fit a structure a second time, from another start: to its atoms, or to the density of its cloud if it has none."""

from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.runtime.seeding import numpy_generator
from pointprior.structures.atoms import Atoms
from pointprior.structures.mixtures import second_fit

with logged(snakemake.log[0]):
    cloud = PointCloud.load(snakemake.input.cloud)
    xyz = Atoms.load(snakemake.input.atoms).xyz if snakemake.input.atoms else None
    generator = numpy_generator(snakemake.params.seed, snakemake.wildcards.structure, "second_fit")
    second_fit(cloud, generator, xyz).save(snakemake.output[0])

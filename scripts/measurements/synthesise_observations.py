"""Measure a true cloud as tasks ask: projections, a low-resolution structure, a subunit."""

from joblog import logged

import numpy as np

from pointprior.clouds import PointCloud
from pointprior.measurements.synthesis import subunit_of_chains, subunit_of_clusters, synthesise
from pointprior.structures.atoms import Atoms


def subunit_of(cloud, which, key):
    """Which points of the cloud are the known subunit, if there is one."""
    if which is None:
        return None
    if which["clusters"]:
        return subunit_of_clusters(cloud, which["clusters"], key)
    if which["chains"]:
        return subunit_of_chains(cloud, which["chains"])
    atoms = Atoms.load(snakemake.input.atoms)
    return subunit_of_chains(cloud, np.unique(atoms.chain[atoms.mask(entity=which["entity"])]).tolist())


with logged(snakemake.log[0]):
    cloud = PointCloud.load(snakemake.input.cloud)
    for path, task in zip(snakemake.output, snakemake.params.measurements, strict=True):
        measured = dict(task)
        key = (snakemake.params.seed, snakemake.wildcards.structure, measured.pop("draws"))
        subunit = subunit_of(cloud, measured.pop("subunit"), key)
        synthesise(cloud, key=key, subunit=subunit, **measured).save(path)

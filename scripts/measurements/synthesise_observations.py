"""Measure a true cloud as a task asks: projections, a low-resolution structure, a subunit."""

import numpy as np
from joblog import logged

from pointprior.clouds import PointCloud
from pointprior.measurements.synthesis import subunit_of_chains, subunit_of_clusters, synthesise
from pointprior.structures.atoms import Atoms

with logged(snakemake.log[0]):
    cloud = PointCloud.load(snakemake.input.cloud)
    measured = dict(snakemake.params.measured)
    key = (snakemake.params.seed, snakemake.wildcards.structure, snakemake.params.draws)
    which = measured.pop("subunit")
    if which is None:
        subunit = None
    elif which["clusters"]:
        subunit = subunit_of_clusters(cloud, which["clusters"], key)
    elif which["chains"]:
        subunit = subunit_of_chains(cloud, which["chains"])
    else:
        atoms = Atoms.load(snakemake.input.atoms)
        subunit = subunit_of_chains(cloud, np.unique(atoms.chain[atoms.mask(entity=which["entity"])]).tolist())
    synthesise(cloud, key=key, subunit=subunit, **measured).save(snakemake.output[0])

"""Read the heavy atoms of a deposit."""

import logging

from joblog import logged

from pointprior.structures.atoms import read_atoms

with logged(snakemake.log[0]):
    atoms = read_atoms(snakemake.input[0], assembly=snakemake.params.assembly)
    logging.info("%d heavy atoms", len(atoms))
    atoms.save(snakemake.output[0])

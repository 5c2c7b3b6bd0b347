"""Read the heavy atoms of a deposit, and fit the mixture whose means are its cloud."""

import json
import logging
import time
from pathlib import Path

from joblog import logged

from pointprior.runtime.files import atomic_write
from pointprior.structures.atoms import read_atoms
from pointprior.structures.mixtures import fit_mixture, to_cloud
from pointprior.structures.recipes import MixtureFit

with logged(snakemake.log[0]) as log:
    structure, params, output = snakemake.wildcards.structure, snakemake.params, snakemake.output
    atoms = read_atoms(snakemake.input[0], assembly=params.assembly)
    logging.info("%d heavy atoms", len(atoms))
    atoms.save(output.atoms)
    began = time.perf_counter()
    mixture = fit_mixture(
        atoms.xyz, components=params.components, fit=MixtureFit(**params.fit), seed=params.seed, name=structure
    )
    cloud = to_cloud(mixture, atoms.chain)
    report = {
        "structure": structure,
        "atoms": len(atoms),
        "iterations": mixture.iterations,
        "log_likelihood": mixture.log_likelihood,
        "converged": mixture.converged,
        "spacing_angstrom": cloud.spacing(),
        "seconds": time.perf_counter() - began,
    }
    print(json.dumps(report), file=log)
    cloud.save(output.cloud)
    with atomic_write(output.report) as temporary:
        Path(temporary).write_text(json.dumps(report, indent=2) + "\n")

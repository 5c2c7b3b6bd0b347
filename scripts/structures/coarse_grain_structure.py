"""Fit the mixture whose means are a structure's cloud, and report how that went."""

import json
import time
from pathlib import Path

from joblog import logged

from pointprior.runtime.files import atomic_write
from pointprior.structures.atoms import Atoms
from pointprior.structures.mixtures import fit_mixture, to_cloud
from pointprior.structures.recipes import MixtureFit

with logged(snakemake.log[0]) as log:
    atoms = Atoms.load(snakemake.input[0])
    began = time.perf_counter()
    mixture = fit_mixture(
        atoms.xyz,
        components=snakemake.params.components,
        fit=MixtureFit(**snakemake.params.fit),
        seed=snakemake.params.seed,
        name=snakemake.wildcards.structure,
    )
    cloud = to_cloud(mixture, atoms.chain)
    report = {
        "structure": snakemake.wildcards.structure,
        "atoms": len(atoms),
        "iterations": mixture.iterations,
        "log_likelihood": mixture.log_likelihood,
        "converged": mixture.converged,
        "spacing_angstrom": cloud.spacing(),
        "seconds": time.perf_counter() - began,
    }
    print(json.dumps(report), file=log)
    cloud.save(snakemake.output.cloud)
    with atomic_write(snakemake.output.report) as temporary:
        Path(temporary).write_text(json.dumps(report, indent=2) + "\n")

"""Draw the showcases side by side (Fig. 2): what was measured, all samples, mixture means, atoms, RMSDs."""

from pathlib import Path

from joblog import logged

import matplotlib as mpl

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observations
from pointprior.output.figures import Column, plot_reconstructions, save
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.tables import read_tables
from pointprior.structures.atoms import Atoms

mpl.use("Agg")

with logged(snakemake.log[0]):
    scores = read_tables(snakemake.input.scores)
    scores = scores[scores["method"].isin(snakemake.params.methods)]
    atoms = {Path(path).parent.name: path for path in snakemake.input.atoms}  # some may come without
    columns = [
        Column(
            Observations.load(snakemake.input.observations[k]),
            Reconstruction.load(snakemake.input.reconstructions[k]).points,
            PointCloud.load(snakemake.input.clouds[k]),
            Atoms.load(atoms[structure]).xyz if structure in atoms else None,
            scores[scores["structure"] == structure],
            snakemake.params.titles[k],
        )
        for k, structure in enumerate(snakemake.params.structures)
    ]
    save(plot_reconstructions(columns), list(snakemake.output))

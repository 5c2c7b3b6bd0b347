"""Draw a reconstruction: what was measured, all samples, mixture means, atoms."""

from joblog import logged

import matplotlib as mpl

from pointprior.clouds import PointCloud
from pointprior.measurements.observations import Observations
from pointprior.output.figures import plot_reconstruction, save
from pointprior.reconstruction.result import Reconstruction
from pointprior.runtime.tables import read_tables
from pointprior.structures.atoms import Atoms

mpl.use("Agg")

with logged(snakemake.log[0]):
    scores = read_tables(snakemake.input.scores)
    figure = plot_reconstruction(
        observations=Observations.load(snakemake.input.observations),
        points=Reconstruction.load(snakemake.input.reconstruction).points,
        cloud=PointCloud.load(snakemake.input.cloud),
        atoms_xyz=Atoms.load(snakemake.input.atoms).xyz if snakemake.input.atoms else None,
        scores=scores[scores["method"].isin(snakemake.params.methods)],
        title=snakemake.wildcards.structure,
    )
    save(figure, list(snakemake.output))

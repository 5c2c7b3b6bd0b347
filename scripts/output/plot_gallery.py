"""Draw samples of a prior without measurements."""

from joblog import logged

import matplotlib as mpl

from pointprior.output.figures import plot_clouds, save
from pointprior.reconstruction.result import Reconstruction

mpl.use("Agg")

with logged(snakemake.log[0]):
    params = snakemake.params
    samples = Reconstruction.load(snakemake.input[0]).points[: params.shown]
    save(plot_clouds(samples, title=params.title, surfaces=params.surfaces), list(snakemake.output))

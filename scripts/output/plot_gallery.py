"""Draw samples of a prior without measurements."""

import matplotlib as mpl
from joblog import logged

from pointprior.output.figures import plot_clouds, save
from pointprior.reconstruction.result import Reconstruction

mpl.use("Agg")

with logged(snakemake.log[0]):
    samples = Reconstruction.load(snakemake.input[0]).points[: snakemake.params.shown]
    title = f"{snakemake.wildcards.prior} ({snakemake.wildcards.folder}), without measurements"
    save(plot_clouds(samples, title=title), list(snakemake.output))

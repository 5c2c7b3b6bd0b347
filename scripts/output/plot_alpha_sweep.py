"""Draw scores against the guidance strength."""

import matplotlib as mpl
import pandas as pd
from joblog import logged

from pointprior.output.figures import plot_alpha_sweep, save

mpl.use("Agg")

with logged(snakemake.log[0]):
    params = snakemake.params
    figure = plot_alpha_sweep(pd.read_csv(snakemake.input[0]), chosen=params.chosen, titles=params.titles)
    save(figure, list(snakemake.output))

"""Draw the loss of a training run over its steps."""

import matplotlib as mpl
import pandas as pd
from joblog import logged

from pointprior.output.figures import plot_training_curve, save

mpl.use("Agg")

with logged(snakemake.log[0]):
    save(plot_training_curve(pd.read_csv(snakemake.input[0]), title=snakemake.wildcards.prior), list(snakemake.output))

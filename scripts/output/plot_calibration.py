"""Draw how the coverage of all tasks compares with the nominal one."""

import matplotlib as mpl
import pandas as pd
from joblog import logged

from pointprior.output.figures import plot_calibration, save

mpl.use("Agg")

with logged(snakemake.log[0]):
    table, titles = pd.read_csv(snakemake.input[0]), snakemake.params.titles
    table = table[table["task"].isin(titles)]  # not the showcases: each measures something else
    save(plot_calibration(table, titles=titles), list(snakemake.output))

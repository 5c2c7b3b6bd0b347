"""Draw errors against the number of time steps (Fig. 6)."""

from joblog import logged

import matplotlib as mpl

from pointprior.output.figures import plot_time_steps, save
from pointprior.runtime.tables import read_table, read_tables
from pointprior.scoring.paper_tables import time_steps, with_experiment

mpl.use("Agg")

with logged(snakemake.log[0]):
    scores = time_steps(read_table(snakemake.input.scores))
    baseline = with_experiment(read_tables(snakemake.input.baselines).query("method == 'ml'"))
    save(plot_time_steps(scores, baseline, titles=snakemake.params.titles), list(snakemake.output))

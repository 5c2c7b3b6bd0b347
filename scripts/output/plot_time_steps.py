"""Draw errors against the number of time steps (Fig. 6)."""

import matplotlib as mpl
import pandas as pd
from joblog import logged

from pointprior.output.figures import plot_time_steps, save
from pointprior.scoring.paper_tables import time_steps, with_experiment

mpl.use("Agg")

with logged(snakemake.log[0]):
    scores = time_steps(pd.read_csv(snakemake.input.scores))
    baseline = with_experiment(pd.concat(map(pd.read_csv, snakemake.input.baselines)))
    save(plot_time_steps(scores, baseline, titles=snakemake.params.titles), list(snakemake.output))

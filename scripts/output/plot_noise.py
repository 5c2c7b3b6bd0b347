"""Draw the scores of a task against the noise of its measurements."""

import matplotlib as mpl
import pandas as pd
from joblog import logged

from pointprior.output.figures import plot_noise, save

mpl.use("Agg")

with logged(snakemake.log[0]):
    scores = pd.concat([pd.read_csv(path) for path in snakemake.input.scores], ignore_index=True)
    scores["noise"] = scores["task"].map(snakemake.params.noise)
    save(plot_noise(scores, title=snakemake.params.title), list(snakemake.output))

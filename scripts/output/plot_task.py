"""Draw the scores of all structures in a task."""

import matplotlib as mpl
import pandas as pd
from joblog import logged

from pointprior.output.figures import plot_task, save

mpl.use("Agg")

with logged(snakemake.log[0]):
    scores = pd.concat([pd.read_csv(path) for path in snakemake.input.scores], ignore_index=True)
    scores = scores[scores["task"] == snakemake.wildcards.task]  # published tables hold all tasks
    figure = plot_task(scores, column=snakemake.params.column, title=snakemake.params.title)
    save(figure, list(snakemake.output))

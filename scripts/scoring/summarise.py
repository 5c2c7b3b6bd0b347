"""Condense the scores to one row per task and method: means, spreads, and who won."""

import pandas as pd
from joblog import logged

from pointprior.runtime.files import atomic_write
from pointprior.scoring.summary import summarise

with logged(snakemake.log[0]):
    scores = pd.read_csv(snakemake.input[0])
    table = summarise(scores[scores["task"].isin(snakemake.params.tasks)])  # each showcase measures something else
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

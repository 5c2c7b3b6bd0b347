"""Condense the scores to one row per entry, task and method, with those of the models that energy and medoid pick."""

import pandas as pd
from joblog import logged

from pointprior.runtime.files import atomic_write
from pointprior.scoring.summary import tabulate_entries

with logged(snakemake.log[0]):
    calibration = pd.read_csv(snakemake.input.coverage[0]) if snakemake.input.coverage else None
    table = tabulate_entries(pd.read_csv(snakemake.input.scores), calibration)
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

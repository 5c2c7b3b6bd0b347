"""Collect 1-NNA, COV and MMD of all priors (Table 3)."""

import pandas as pd
from joblog import logged

from pointprior.runtime.files import atomic_write
from pointprior.scoring.paper_tables import table3

with logged(snakemake.log[0]):
    names = snakemake.params.priors
    evaluations = dict(zip(names, map(pd.read_csv, snakemake.input), strict=True))
    with atomic_write(snakemake.output[0]) as temporary:
        table3(evaluations, snakemake.params.kinds).to_csv(temporary, index=False)

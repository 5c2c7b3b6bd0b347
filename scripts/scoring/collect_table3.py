"""Collect 1-NNA, COV and MMD of all priors (Table 3)."""

from joblog import logged

import pandas as pd

from pointprior.runtime.files import atomic_write
from pointprior.runtime.tables import read_table

with logged(snakemake.log[0]):
    tables = [read_table(path) for path in snakemake.input]
    table = pd.concat(tables, keys=snakemake.params.priors, names=["prior", None]).reset_index("prior")
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

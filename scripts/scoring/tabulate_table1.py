"""Condense the shapes' scores to the rows of Table 1."""

import pandas as pd
from joblog import logged

from pointprior.runtime.files import atomic_write
from pointprior.scoring.paper_tables import table1

with logged(snakemake.log[0]):
    table = table1(pd.read_csv(snakemake.input[0]), snakemake.params.places)
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

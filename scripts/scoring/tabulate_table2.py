"""Condense the scores of all integrators to the rows of Table 2."""

import pandas as pd
from joblog import logged

from pointprior.runtime.files import atomic_write
from pointprior.scoring.paper_tables import table2

with logged(snakemake.log[0]):
    table = table2(pd.read_csv(snakemake.input[0]), snakemake.params.variants)
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

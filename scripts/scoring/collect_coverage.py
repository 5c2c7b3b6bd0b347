"""Join the calibrations of all structures, tasks and methods into one table."""

import pandas as pd
from joblog import logged

from pointprior.runtime.files import atomic_write

with logged(snakemake.log[0]):
    table = pd.concat([pd.read_csv(path) for path in snakemake.input], ignore_index=True)
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

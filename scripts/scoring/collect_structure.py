"""Join the score tables of all tasks and methods of a structure into one."""

import pandas as pd
from joblog import logged

from pointprior.runtime.files import atomic_write

with logged(snakemake.log[0]):
    table = pd.concat([pd.read_csv(path) for path in snakemake.input.scores], ignore_index=True)
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

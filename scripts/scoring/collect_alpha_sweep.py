"""Join the scores at all guidance strengths, and those of maximum likelihood (which has none), into one table."""

import pandas as pd
from joblog import logged

from pointprior.runtime.files import atomic_write

with logged(snakemake.log[0]):
    table = pd.concat(map(pd.read_csv, [*snakemake.input.scores, *snakemake.input.baselines]), ignore_index=True)
    names = ["structure", "task", "method", "alpha", "sample"]
    measures = ["rmsd_cg", "chamfer", "emd", "energy"]
    with atomic_write(snakemake.output[0]) as temporary:
        table[names + measures].to_csv(temporary, index=False)

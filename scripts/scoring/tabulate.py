"""Make a table by a function of the library, from tables or settings: the rule says which, and from what."""

import importlib

import pandas as pd
from joblog import logged

from pointprior.runtime.files import atomic_write

with logged(snakemake.log[0]):
    module, _, function = snakemake.params.function.rpartition(".")
    parts = {name: pd.read_csv(path) for name, path in snakemake.input.items()}
    table = getattr(importlib.import_module(module), function)(**parts, **snakemake.params.given)
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

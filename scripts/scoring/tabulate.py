"""Make a table by a function of the library, from tables or settings: the rule says which, and from what."""

import importlib

from joblog import logged

from pointprior.runtime.files import atomic_write
from pointprior.runtime.tables import read_table

with logged(snakemake.log[0]):
    module, _, function = snakemake.params.function.rpartition(".")
    parts = {name: read_table(path) for name, path in snakemake.input.items()}
    table = getattr(importlib.import_module(module), function)(**parts, **snakemake.params.given)
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

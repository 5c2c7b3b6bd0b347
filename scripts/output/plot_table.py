"""Draw a table by a function of the library: the rule says which one, and what it is given besides."""

from joblog import logged

import matplotlib as mpl

from pointprior.output import figures
from pointprior.runtime.tables import read_tables

mpl.use("Agg")

with logged(snakemake.log[0]):
    given = dict(snakemake.params.given)
    table = read_tables(snakemake.input)
    if "tasks" in given:  # of a table that holds others, too
        table = table[table["task"].isin(given.pop("tasks"))]
    figures.save(getattr(figures, snakemake.params.function)(table, **given), list(snakemake.output))

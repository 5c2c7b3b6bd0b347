"""Join tables, one below the other; of their columns all, or those that are named."""

from joblog import logged

from pointprior.runtime.files import atomic_write
from pointprior.runtime.kept_rows import KEY
from pointprior.runtime.tables import read_tables

with logged(snakemake.log[0]):
    table = read_tables(snakemake.input).drop(columns=KEY, errors="ignore")
    columns = snakemake.params.get("columns") or list(table.columns)
    with atomic_write(snakemake.output[0]) as temporary:
        table[columns].to_csv(temporary, index=False)

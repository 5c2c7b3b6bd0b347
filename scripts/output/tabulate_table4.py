"""Set the configured parameters of posterior sampling beside the printed ones (Table 4)."""

from joblog import logged

from pointprior.output.reproduction import table4
from pointprior.runtime.files import atomic_write

with logged(snakemake.log[0]):
    table = table4(snakemake.params.experiments)
    with atomic_write(snakemake.output[0]) as temporary:
        table.to_csv(temporary, index=False)

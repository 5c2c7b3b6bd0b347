"""Write the homologue of a specimen of one's own where it was brought."""

from joblog import logged

from pointprior.measurements.own_data import OwnData
from pointprior.output.own.homologue import write_homologue

with logged(snakemake.log[0]):
    write_homologue(snakemake.output[0], OwnData.load(snakemake.input[0]))

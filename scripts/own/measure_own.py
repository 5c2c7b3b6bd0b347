"""Read a specimen's own files: images with poses, a map, a part."""

from joblog import logged

from pointprior.measurements.own_files import OwnFiles
from pointprior.measurements.own_measuring import measure

with logged(snakemake.log[0]):
    files = dict(snakemake.params.reading)
    seed = files.pop("seed")
    measure(OwnFiles(**files), key=(seed, snakemake.wildcards.name), seed=seed).save(snakemake.output[0])

"""Pack the coarse-grained training structures into one file, unless too many failed."""

from joblog import logged

from pointprior.priors.packing import pack
from pointprior.runtime.files import atomic_write
from pointprior.structures.shards import Shard

with logged(snakemake.log[0]):
    training_set, failures = pack([Shard.load(path) for path in snakemake.input], **snakemake.params.packing)
    training_set.save(snakemake.output.clouds)
    with atomic_write(snakemake.output.failures) as temporary:
        failures.to_csv(temporary, index=False)

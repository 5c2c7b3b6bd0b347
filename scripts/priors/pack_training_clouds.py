"""Pack the coarse-grained training structures into one file, unless too many failed."""

from joblog import logged

from pointprior.priors.packing import pack
from pointprior.priors.training.plan import Packing
from pointprior.runtime.files import atomic_write
from pointprior.structures.shards import Shard

with logged(snakemake.log[0]):
    packing = snakemake.params.packing
    shards = [Shard.load(path) for path in snakemake.input]
    training_set, failures = pack(shards, packing["clusters"], Packing(**packing["chosen"]))
    training_set.save(snakemake.output.clouds)
    with atomic_write(snakemake.output.failures) as temporary:
        failures.to_csv(temporary, index=False)

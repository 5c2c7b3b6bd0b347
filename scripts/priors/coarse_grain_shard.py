"""Coarse-grain some training structures; finished ones are kept beside the checkpoints until the shard is whole."""

from joblog import logged

from pointprior.structures.shards import CloudRecipe, coarse_grain_shard

with logged(snakemake.log[0]):
    params = snakemake.params
    shard = coarse_grain_shard(
        params.entries,
        CloudRecipe(**params.recipe),
        keep="results/checkpoints",
        mirrors=params.sources.mirrors,
        download=params.sources.download,
    )
    shard.save(snakemake.output[0])

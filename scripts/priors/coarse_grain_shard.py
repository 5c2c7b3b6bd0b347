"""Coarse-grain some training structures; finished ones are kept beside the checkpoints until the shard is whole."""

from joblog import logged

from pointprior.structures.recipes import CloudRecipe, MixtureFit
from pointprior.structures.shards import coarse_grain_shard

with logged(snakemake.log[0]):
    params = snakemake.params
    recipe = dict(params.recipe)
    fit = MixtureFit(**recipe.pop("fit"))
    shard = coarse_grain_shard(
        params.entries,
        CloudRecipe(fit=fit, **recipe),
        keep="results/checkpoints",
        mirrors=params.sources.mirrors,
        download=params.sources.download,
    )
    shard.save(snakemake.output[0])

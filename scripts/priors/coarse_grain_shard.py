"""Coarse-grain some training structures; finished ones are kept beside the checkpoints until the shard is whole."""

from joblog import logged

from pointprior.priors.training_set import work_shard

with logged(snakemake.log[0]):
    params = snakemake.params
    shard = work_shard(
        params.entries,
        keep="results/checkpoints",
        mirrors=snakemake.config["structures"]["mirrors"],
        download=snakemake.config["structures"]["download"],
        assembly=params.assembly,
        fits=params.fits,
        parts=params.sub_assemblies,
        seed=params.seed,
        **params.mixture,
    )
    shard.save(snakemake.output[0])
